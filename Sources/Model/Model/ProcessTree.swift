extension ProcessTable {
    /// Nests sorted rows under their parents; siblings keep the order they came in.
    func nest(_ sorted: [Int32], collapsed: Set<ProcessIdentity>) -> ProcessOrder {
        let tree = ProcessTree(table: self, members: sorted)
        var order = ProcessOrder()
        order.entries.reserveCapacity(sorted.count)
        // Depth first with a stack of our own: a chain of ten thousand parents must not end in our call stack.
        var stack: [(member: Int, depth: Int16, isLast: Bool)] = []
        for (place, root) in tree.roots.enumerated().reversed() {
            stack.append((root, 0, place == tree.roots.count - 1))
        }
        while let (member, depth, isLast) = stack.popLast() {
            let children = tree.children(of: member)
            let row = sorted[member]
            let isFolded = !children.isEmpty && collapsed.contains(rows[Int(row)].identity)
            let below = isFolded ? tree.descendants(of: member) : []
            let threads = below.count { rows[Int(sorted[$0])].isThread }
            order.entries.append(
                .init(
                    row: row, depth: depth, isLast: isLast, folded: Int32(below.count - threads),
                    foldedThreads: Int32(threads), hasChildren: !children.isEmpty))
            if isFolded { continue }
            for (place, child) in children.enumerated().reversed() {
                stack.append((child, depth &+ 1, place == children.count - 1))
            }
        }
        return order
    }

    /// For each of these rows, by its index, one whose counters and rates are the sum of it and everything below it; threads
    /// are not counted twice.
    public func subtreeSums(of indices: [Int]) -> [Int: ProcessRow] {
        guard !indices.isEmpty else { return [:] }
        let members = processIndices
        let tree = ProcessTree(table: self, members: members)
        var sums: [Int: ProcessRow] = [:]
        for index in indices {
            var sum = rows[index]
            if let place = members.firstIndex(of: Int32(index)) {
                for member in tree.descendants(of: place) where !rows[Int(members[member])].hasEnded {
                    sum.add(rows[Int(members[member])])
                }
            }
            sums[index] = sum
        }
        return sums
    }

    /// Rows and everything below them, threads left out.
    public func subtrees(of indices: [Int]) -> [Int] {
        guard !indices.isEmpty else { return [] }
        let members = processIndices
        let tree = ProcessTree(table: self, members: members)
        return indices.flatMap { index -> [Int] in
            guard let place = members.firstIndex(of: Int32(index)) else { return [index] }
            return [index] + tree.descendants(of: place).map { Int(members[$0]) }
        }
    }

    private var processIndices: [Int32] {
        rows.indices.filter { !rows[$0].isThread }.map { Int32($0) }
    }

    /// The sum of some rows; threads whose process is among them are not counted twice.
    public func sum(of indices: some Sequence<Int>) -> ProcessRow? {
        var sum: ProcessRow?
        for index in indices where !rows[index].isThread && !rows[index].hasEnded {
            if sum == nil { sum = rows[index] } else { sum?.add(rows[index]) }
        }
        return sum
    }
}

/// Parent and child links among some rows of a table.
struct ProcessTree {
    /// Places (in the member list) without a parent among the members.
    private(set) var roots: [Int] = []
    private var firstChild: [Int32]
    private var nextSibling: [Int32]
    private var parents: [Int32]

    init(table: ProcessTable, members: [Int32]) {
        var places: [Int32: Int] = [:]
        places.reserveCapacity(members.count)
        for (place, index) in members.enumerated() {
            let row = table.rows[Int(index)]
            // Where a pid was used again, children belong to the process that is alive.
            if row.hasEnded, places[row.pid] != nil { continue }
            places[row.pid] = place
        }
        firstChild = Array(repeating: -1, count: members.count)
        parents = Array(repeating: -1, count: members.count)
        nextSibling = Array(repeating: -1, count: members.count)
        for place in members.indices.reversed() {
            let row = table.rows[Int(members[place])]
            let parent = row.isThread ? row.threadGroup : row.parent
            if let above = places[parent], above != place, row.pid != parent {
                nextSibling[place] = firstChild[above]
                firstChild[above] = Int32(place)
                parents[place] = Int32(above)
            } else {
                roots.append(place)
            }
        }
        roots.reverse()
        adoptCycles()
    }

    func children(of place: Int) -> [Int] {
        var children: [Int] = []
        var child = firstChild[place]
        while child >= 0 {
            children.append(Int(child))
            child = nextSibling[Int(child)]
        }
        return children
    }

    func descendants(of place: Int) -> [Int] {
        var found = children(of: place)
        var next = 0
        while next < found.count, found.count <= firstChild.count {
            found += children(of: found[next])
            next += 1
        }
        return found
    }

    /// Rows read at different moments can name each other as parents when a pid was reused; such a ring is opened at one row.
    private mutating func adoptCycles() {
        var reached = [Bool](repeating: false, count: firstChild.count)
        func reach(_ place: Int) {
            var stack = [place]
            while let next = stack.popLast() {
                reached[next] = true
                stack += children(of: next)
            }
        }
        for root in roots { reach(root) }
        for place in reached.indices where !reached[place] {
            // Upwards from here there is no root, so some row is met a second time: it is in the ring.
            var seen: Set<Int> = []
            var member = place
            while seen.insert(member).inserted { member = Int(parents[member]) }
            detach(member)
            roots.append(member)
            reach(member)
        }
    }

    /// Takes a place out of its parent's children.
    private mutating func detach(_ place: Int) {
        let above = Int(parents[place])
        parents[place] = -1
        if Int(firstChild[above]) == place {
            firstChild[above] = nextSibling[place]
        } else {
            var child = Int(firstChild[above])
            while Int(nextSibling[child]) != place { child = Int(nextSibling[child]) }
            nextSibling[child] = nextSibling[place]
        }
        nextSibling[place] = -1
    }
}

extension ProcessRow {
    /// Adds another row's amounts to this one's; what one of them does not know is left out of the sum.
    mutating func add(_ other: ProcessRow) {
        residentBytes &+= other.residentBytes
        virtualBytes &+= other.virtualBytes
        threads &+= other.threads
        counters.minorFaults &+= other.counters.minorFaults
        counters.majorFaults &+= other.counters.majorFaults
        counters.childMinorFaults &+= other.counters.childMinorFaults
        counters.childMajorFaults &+= other.counters.childMajorFaults
        counters.childUserTicks &+= other.counters.childUserTicks
        counters.childSystemTicks &+= other.counters.childSystemTicks
        counters.userTicks &+= other.counters.userTicks
        counters.systemTicks &+= other.counters.systemTicks
        extras.add(other.extras)
        guard let theirs = other.rates else { return }
        if rates == nil { rates = theirs } else { rates?.add(theirs) }
    }
}

extension ProcessRates {
    mutating func add(_ other: ProcessRates) {
        cpuPercent += other.cpuPercent
        userPercent += other.userPercent
        systemPercent += other.systemPercent
        minorFaults += other.minorFaults
        majorFaults += other.majorFaults
        residentBytes += other.residentBytes
        voluntarySwitches = sum(voluntarySwitches, other.voluntarySwitches)
        involuntarySwitches = sum(involuntarySwitches, other.involuntarySwitches)
        runQueuePercent = sum(runQueuePercent, other.runQueuePercent)
        blockIOPercent = sum(blockIOPercent, other.blockIOPercent)
        swapInPercent = sum(swapInPercent, other.swapInPercent)
        readBytes = sum(readBytes, other.readBytes)
        writtenBytes = sum(writtenBytes, other.writtenBytes)
    }
}

extension ProcessExtras {
    mutating func add(_ other: ProcessExtras) {
        openFiles = sum(openFiles, other.openFiles)
        if let theirs = other.io {
            io = io.map { $0.adding(theirs) } ?? theirs
        }
        if let theirs = other.sizes {
            sizes =
                sizes.map {
                    MemorySizes(
                        sharedBytes: $0.sharedBytes &+ theirs.sharedBytes, textBytes: $0.textBytes &+ theirs.textBytes,
                        dataBytes: $0.dataBytes &+ theirs.dataBytes)
                } ?? theirs
        }
        if let theirs = other.shares {
            shares =
                shares.map {
                    MemoryShares(
                        proportionalBytes: $0.proportionalBytes &+ theirs.proportionalBytes,
                        uniqueBytes: $0.uniqueBytes &+ theirs.uniqueBytes, swapBytes: $0.swapBytes &+ theirs.swapBytes,
                        proportionalSwapBytes: $0.proportionalSwapBytes &+ theirs.proportionalSwapBytes)
                } ?? theirs
        }
    }
}

extension IOCounters {
    func adding(_ other: IOCounters) -> IOCounters {
        IOCounters(
            readCharacters: readCharacters &+ other.readCharacters,
            writtenCharacters: writtenCharacters &+ other.writtenCharacters, readCalls: readCalls &+ other.readCalls,
            writeCalls: writeCalls &+ other.writeCalls, readBytes: readBytes &+ other.readBytes,
            writtenBytes: writtenBytes &+ other.writtenBytes, cancelledBytes: cancelledBytes &+ other.cancelledBytes)
    }
}

private func sum<Number: AdditiveArithmetic>(_ left: Number?, _ right: Number?) -> Number? {
    guard let left else { return right }
    guard let right else { return left }
    return left + right
}
