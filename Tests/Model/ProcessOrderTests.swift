import Model
import Testing

@Suite struct ProcessOrderTests {
    private func request(_ name: String, descending: Bool = false, tree: Bool = false) -> OrderRequest {
        OrderRequest(column: column(name), descending: descending, tree: tree)
    }

    /// `pid` or `depth:pid` of each line from the top.
    private func outline(_ table: ProcessTable, _ request: OrderRequest) -> [String] {
        table.order(request).entries.map { "\($0.depth):\(table.rows[Int($0.row)].pid)" }
    }

    @Test func equalRowsStayInTheOrderOfTheTable() {
        let rows = [5, 3, 9, 1].enumerated().map { place, nice in
            makeRow(Int32(place + 1)) { $0.nice = nice == 9 ? 3 : Int32(nice) }
        }
        let table = makeTable(rows)
        #expect(table.pids(request("nice")) == [4, 2, 3, 1])
        #expect(table.pids(request("nice", descending: true)) == [1, 2, 3, 4])
    }

    @Test("Rows without a value come last", arguments: ["fd", "exe", "cpu", "user"])
    func absentLast(name: String) {
        var rows = (1...4).map { makeRow(Int32($0)) }
        var table = makeTable(rows)
        for (index, value) in [(1, 7), (3, 9)] {
            rows[index].extras.openFiles = Int32(value)
            rows[index].rates = idleRates()
            rows[index].rates?.cpuPercent = Double(value)
            rows[index].userID = UInt32(value)
            var texts = ProcessTexts()
            // Letters beyond ASCII: what is absent is shown by one itself.
            texts.executable = "/é\(value)"
            table.texts[rows[index].identity] = texts
        }
        table.rows = ContiguousArray(rows)
        #expect(table.pids(request(name)) == [2, 4, 1, 3])
        #expect(table.pids(request(name, descending: true)) == [4, 2, 1, 3])
    }

    @Test func onlyOneUsersRowsAndNoKernelThreadsAreShown() {
        let table = makeTable([
            makeRow(1) { $0.userID = 0 }, makeRow(2) { $0.traits.insert(.kernel) },
            makeRow(3) { row in
                row.userID = 0
                row.traits.insert(.kernel)
            }, makeRow(4) { $0.userID = 7 },
        ])
        var request = request("pid")
        request.userID = 0
        #expect(table.pids(request) == [1, 3])
        request.hidesKernelThreads = true
        #expect(table.pids(request) == [1])
        request.userID = nil
        #expect(table.pids(request) == [1, 4])
    }

    @Test func ofManyThatEndedThoseStayThatTellMost() {
        func ended(_ pid: Int32, code: Int32 = 0, signal: Int32? = nil, at seconds: UInt64, isShort: Bool = true)
            -> ProcessRow
        {
            makeRow(pid) { row in
                if isShort { row.traits.insert(.shortLived) }
                row.ending = ProcessEnding(code: code, signal: signal, nanoseconds: seconds, lifetimeNanoseconds: nil)
            }
        }
        let table = makeTable([
            makeRow(1), ended(2, at: 5), ended(3, at: 9), ended(4, code: 1, at: 1), ended(5, signal: 9, at: 2),
            ended(6, at: 0, isShort: false), makeRow(7), ended(8, at: 9), ended(9, at: 7),
        ])
        var request = request("pid")
        #expect(table.order(request).entries.count == 9 && table.order(request).hiddenEnded == 0)
        for (limit, pids) in [
            (7, [1, 2, 3, 4, 5, 6, 7, 8, 9]), (6, [1, 3, 4, 5, 6, 7, 8, 9]), (5, [1, 3, 4, 5, 6, 7, 8]),
            (4, [1, 4, 5, 6, 7, 8]), (3, [1, 4, 5, 6, 7]), (2, [1, 5, 6, 7]), (1, [1, 6, 7]), (0, [1, 7]),
        ] as [(Int, [Int32])] {
            request.endedLimit = limit
            #expect(table.pids(request) == pids && table.order(request).hiddenEnded == 7 - limit, "\(limit)")
        }
    }

    @Test func threadsFollowTheirProcessThroughAFilter() throws {
        let table = makeTable([
            makeRow(10, name: "web"), makeThread(11, of: 10) { $0.name = InlineText("worker") },
            makeThread(12, of: 10), makeRow(20, name: "db"), makeThread(21, of: 20) { $0.name = InlineText("web-io") },
        ])
        var request = request("pid")
        request.filter = try Filter(parsing: "web")
        #expect(table.pids(request) == [10, 11, 12, 21])
        request.filter = try Filter(parsing: "worker")
        #expect(table.pids(request) == [11])
    }

    @Test func childrenStandUnderTheirParents() {
        let table = makeTable([
            makeRow(1), makeRow(2, parent: 1), makeRow(3, parent: 2), makeRow(4, parent: 1), makeRow(5, parent: 77),
            makeThread(6, of: 4), makeRow(7, parent: 7),
        ])
        #expect(outline(table, request("pid", tree: true)) == ["0:1", "1:2", "2:3", "1:4", "2:6", "0:5", "0:7"])
        #expect(
            outline(table, request("pid", descending: true, tree: true)) == [
                "0:7", "0:5", "0:1", "1:4", "2:6", "1:2", "2:3",
            ])
        let entries = table.order(request("pid", tree: true)).entries
        #expect(entries.map(\.isLast) == [false, false, true, true, true, false, true])
        #expect(entries.map(\.hasChildren) == [true, true, false, true, false, false, false])
        #expect(entries.allSatisfy { $0.folded == 0 })
        #expect(table.order(request("pid")).entries.allSatisfy { $0.depth == 0 && !$0.hasChildren })
    }

    @Test func aRowWhoseParentIsFilteredOutIsARoot() throws {
        let table = makeTable([
            makeRow(1, name: "shell"), makeRow(2, parent: 1, name: "web"), makeRow(3, parent: 2, name: "web"),
        ])
        var request = request("pid", tree: true)
        request.filter = try Filter(parsing: "web")
        #expect(outline(table, request) == ["0:2", "1:3"])
    }

    @Test func whatIsFoldedIsCountedAndHidden() {
        let table = makeTable([
            makeRow(1), makeRow(2, parent: 1), makeRow(3, parent: 2), makeRow(4, parent: 2), makeRow(5, parent: 1),
        ])
        var request = request("pid", tree: true)
        request.collapsed = [table.rows[1].identity, table.rows[4].identity, ProcessIdentity(pid: 1, startTicks: 9)]
        let entries = table.order(request).entries
        #expect(outline(table, request) == ["0:1", "1:2", "1:5"])
        // A fold of another life of pid 1, and of a row without children, folds nothing.
        #expect(entries.map(\.folded) == [0, 2, 0] && entries.map(\.hasChildren) == [true, true, false])
        request.collapsed = [table.rows[0].identity]
        #expect(table.order(request).entries.map(\.folded) == [4])
    }

    @Test func aRingOfParentsIsShownWholeAndOnce() {
        let table = makeTable([
            makeRow(1), makeRow(2, parent: 4), makeRow(3, parent: 2), makeRow(4, parent: 3), makeRow(5, parent: 3),
            makeRow(6, parent: 5), makeRow(7, parent: 1),
        ])
        for descending in [false, true] {
            let request = request("pid", descending: descending, tree: true)
            #expect(table.pids(request).sorted() == [1, 2, 3, 4, 5, 6, 7])
            #expect(outline(table, request).contains("1:7"))
        }
        for index in table.rows.indices {
            #expect(Set(table.subtrees(of: [index])).count == table.subtrees(of: [index]).count)
            #expect(table.subtreeSum(of: index).threads <= 7)
        }
        // Below the ring the nesting is as it would be below any other process.
        #expect(outline(table, request("pid", tree: true)).contains { $0.hasSuffix(":6") && !$0.hasPrefix("0:") })
    }

    @Test func aChainOfTenThousandParentsIsNested() {
        let rows = (1...10_000).map { makeRow(Int32($0), parent: Int32($0) - 1) }
        let table = makeTable(rows)
        let entries = table.order(request("pid", tree: true)).entries
        #expect(entries.count == 10_000 && entries.map(\.depth) == (0..<10_000).map { Int16($0) })
        #expect(table.subtrees(of: [0]).count == 10_000)
        #expect(table.subtreeSum(of: 0).threads == 10_000)
    }

    @Test func childrenBelongToTheLivingWhereAPidWasUsedAgain() {
        for descending in [false, true] {
            let table = makeTable([
                makeRow(5, start: 1) { row in
                    row.ending = ProcessEnding(code: 0, signal: nil, nanoseconds: 1, lifetimeNanoseconds: nil)
                    row.nice = 1
                },
                makeRow(5, start: 2), makeRow(6, parent: 5, start: 3),
            ])
            let entries = table.order(request("nice", descending: descending, tree: true)).entries
            let place = entries.firstIndex { table.rows[Int($0.row)].identity.startTicks == 2 }
            #expect(place.map { entries[$0].hasChildren && table.rows[Int(entries[$0 + 1].row)].pid == 6 } == true)
        }
    }

    @Test func aRowIsFoundByItsIdentity() {
        let table = makeTable([
            makeRow(3), makeThread(900, of: 3), makeRow(5, start: 1), makeRow(5, start: 2), makeThread(4, of: 5),
            makeRow(70),
        ])
        for index in table.rows.indices { #expect(table.index(of: table.rows[index].identity) == index) }
        for identity in [ProcessIdentity(pid: 5, startTicks: 3), ProcessIdentity(pid: 6, startTicks: 100)] {
            #expect(table.index(of: identity) == nil)
        }
        #expect(makeTable([]).index(of: ProcessIdentity(pid: 1, startTicks: 1)) == nil)
    }

    @Test func anOwnerWithoutANameIsANumber() {
        let table = makeTable([makeRow(1) { $0.userID = 1_000 }, makeRow(2) { $0.userID = 5 }, makeRow(3)])
        #expect(table.rows.map { table.user(of: $0) } == ["api", "5", nil])
    }
}
