import Model
import Testing

@Suite struct ColumnTests {
    @Test(
        "A real-time task has no nice value",
        arguments: [(0, true), (3, true), (5, true), (1, false), (2, false), (6, false)])
    func nice(policy: UInt32, isThere: Bool) {
        var row = ProcessRow(identity: ProcessIdentity(pid: 7, startTicks: 1), threadGroup: 7)
        (row.nice, row.policy) = (-5, policy)
        #expect(row.effectiveNice == (isThere ? -5 : nil))
    }

    @Test func namesAndKeysAreUnique() {
        #expect(Set(Column.all.map { $0.name.lowercased() }).count == Column.all.count)
        #expect(Set(Column.all.map(\.key)).count == Column.all.count)
        #expect(Set(Column.all.map(\.title)).count == Column.all.count)
        let names = Column.all.compactMap(\.htopName)
        #expect(Set(names).count == names.count && names.count >= 40)
    }

    @Test func everyColumnIsFoundByItsNameInAnyCaseAndByPssAndHtops() {
        for column in Column.all {
            for name in [column.name, column.name.uppercased()] + column.psNames + [column.htopName].compactMap({ $0 })
            {
                #expect(Column.named(name)?.key == column.key, "\(name)")
            }
            #expect(Set(column.aliases.map { $0.lowercased() } + [column.name]).count == column.aliases.count + 1)
        }
        #expect(Column.named("") == nil && Column.named("nosuch") == nil)
    }

    @Test func htopsNamesAreThoseOfHtop() {
        let known = """
            AUTOGROUP_ID AUTOGROUP_NICE CCGROUP CGROUP CMAJFLT CMINFLT CNCLWB COMM CONTAINER CSTIME CTXT CUTIME CWD ELAPSED \
            EXE IO_PRIORITY IO_RATE IO_READ_RATE IO_WRITE_RATE MAJFLT MINFLT M_DRS M_LRS M_PRIV M_PSS M_PSSWP M_RESIDENT \
            M_SHARE M_SWAP M_TRS M_VIRT NICE NLWP OOM PERCENT_CPU PERCENT_CPU_DELAY PERCENT_IO_DELAY PERCENT_MEM \
            PERCENT_NORM_CPU PERCENT_SWAP_DELAY PGRP PID PPID PRIORITY PROCESSOR RBYTES RCHAR SCHEDULERPOLICY SECATTR \
            SESSION STARTTIME STATE STIME ST_UID SYSCR SYSCW TGID TIME TPGID TTY USER UTIME WBYTES WCHAR Command
            """
        let names = Set(known.split(separator: " ").map(String.init))
        for column in Column.all {
            if let name = column.htopName { #expect(names.contains(name), "\(name)") }
        }
    }

    @Test func everyColumnSaysWhatItIs() {
        for column in Column.all {
            #expect(!column.summary.isEmpty && !column.source.isEmpty && !column.title.isEmpty && !column.cost.isEmpty)
            #expect(column.name.allSatisfy { $0.isASCII && !" =<>~!()\"'".contains($0) }, "\(column.name) in a filter")
            #expect(column.key.first?.isLowercase == true && column.key.allSatisfy { $0.isASCII && $0.isLetter })
            #expect(column.width == 0 || column.title.count <= column.width, "\(column.name)")
        }
        #expect(Column.all.filter { $0.width == 0 }.map(\.name) == ["command"])
        for name in Column.defaultNames { #expect(Column.named(name)?.name == name, "\(name)") }
    }

    @Test func whatCostsAReadIsSaidToCost() {
        for column in Column.all { #expect((column.cost == "free") == column.sources.isEmpty, "\(column.name)") }
        #expect(column("pss").cost.contains("expensive") && column("fd").cost.contains("read"))
        #expect(column("cpu").sortsDescending && !column("pid").sortsDescending && !column("command").sortsDescending)
    }

    /// Rows with the largest, the smallest and no values that a kernel gives.
    private var extremes: [ProcessRow] {
        [
            makeRow(1), largest(),
            makeRow(4_194_304, parent: -1) { row in
                row.nice = -20
                row.priority = -100
                row.foregroundGroup = -1
                row.rates = idleRates()
                row.rates?.residentBytes = -1_099_511_627_775
                row.rates?.cpuPercent = 0.04
            },
        ]
    }

    private func largest() -> ProcessRow {
        makeRow(4_194_304, parent: 4_194_304, start: 1 << 62) { row in
            row.userID = .max
            (row.processGroup, row.session, row.foregroundGroup) = (4_194_304, 4_194_304, 4_194_304)
            (row.priority, row.nice, row.threads, row.processor) = (39, 19, 4_194_304, 8_191)
            (row.realtimePriority, row.policy, row.terminal) = (99, 6, 34_816)
            (row.virtualBytes, row.residentBytes) = (.max, .max)
            for field in [
                \ProcessCounters.minorFaults, \.childMinorFaults, \.majorFaults, \.childMajorFaults, \.userTicks,
                \.childUserTicks, \.childSystemTicks,
            ] {
                row.counters[keyPath: field] = .max
            }
            row.rates = idleRates()
            for field in [
                \ProcessRates.cpuPercent, \.userPercent, \.systemPercent, \.minorFaults, \.majorFaults, \.residentBytes,
            ] {
                row.rates?[keyPath: field] = 1e28
            }
            for field in [
                \ProcessRates.voluntarySwitches, \.involuntarySwitches, \.runQueuePercent, \.blockIOPercent,
                \.swapInPercent, \.readBytes, \.writtenBytes,
            ] {
                row.rates?[keyPath: field] = 1e28
            }
            row.extras = largestExtras()
        }
    }

    private func largestExtras() -> ProcessExtras {
        var extras = ProcessExtras()
        extras.io = IOCounters(
            readCharacters: .max, writtenCharacters: .max, readCalls: .max, writeCalls: .max, readBytes: .max,
            writtenBytes: .max, cancelledBytes: .max)
        extras.sizes = MemorySizes(sharedBytes: 0, textBytes: .max, dataBytes: .max)
        extras.shares = MemoryShares(
            proportionalBytes: .max, uniqueBytes: .max, swapBytes: .max, proportionalSwapBytes: .max)
        (extras.openFiles, extras.outOfMemoryScore, extras.ioPriority) = (1_073_741_816, 2_000, 1 << 13 | 7)
        (extras.autogroup, extras.autogroupNice, extras.systemCall) = (.max, -20, 600)
        extras.pythonVersion = 3 << 8 | 14
        return extras
    }

    @Test func everyNumberFitsItsColumn() {
        let table = makeTable(extremes, at: 1e9)
        for row in table.rows {
            for column in Column.all where column.alignment == .right && column.width > 0 {
                // A number that is cut is another number.
                let text = column.value(row, table).text
                #expect(text.count <= column.width && !text.isEmpty, "\(column.name): \(text)")
                #expect(!text.contains("e"), "\(column.name): \(text)")
            }
        }
    }

    @Test(arguments: [(9_999, "9999"), (10_000, "10000"), (32_767, "32767"), (99_999, "99999"), (123_456, "123k")])
    func threadsAndDescriptorsAreExactAsLongAsThereIsRoom(_ count: Int32, _ text: String) {
        let row = makeRow(1) { row in
            (row.threads, row.extras.openFiles) = (count, count)
        }
        for name in ["threads", "fd"] { #expect(column(name).value(row, makeTable([row])).text == text, "\(name)") }
    }

    @Test func shortWordsFitTheirColumns() {
        let table = makeTable(extremes, at: 1e9)
        for name in ["state", "policy", "ionice", "python", "tty"] {
            for row in table.rows {
                #expect(column(name).value(row, table).text.count <= column(name).width, "\(name)")
            }
        }
        #expect((0...7).allSatisfy { Column.policyName($0).count <= column("policy").width })
    }

    @Test func whatIsNotKnownIsAPointAndNeverZero() {
        let row = makeRow(1)
        let table = makeTable([row])
        let known = Set(
            [
                "pid", "ppid", "tgid", "pgrp", "session", "tpgid", "start", "elapsed", "state", "priority", "nice",
                "policy",
                "cpu#", "threads", "time", "utime", "stime", "cutime", "cstime", "virt", "res", "mem", "minflt",
                "cminflt",
                "majflt", "cmajflt", "comm", "command",
            ])
        for column in Column.all {
            let value = column.value(row, table)
            if known.contains(column.name) {
                #expect(value.text != "·", "\(column.name)")
            } else {
                #expect(value.text == "·" && value.magnitude == nil, "\(column.name): \(value.text)")
            }
        }
        var unknown = table
        unknown.scale.memoryBytes = 0
        #expect(column("mem").value(row, unknown).magnitude == nil)
    }

    @Test func aColumnReadsTheFieldItIsNamedAfter() {
        let row = makeRow(42, parent: 7, start: 5_000, name: "web") { row in
            row.userID = 1_000
            row.terminal = 34_817
            row.residentBytes = 256 << 20
            row.counters.userTicks = 150
            row.counters.systemTicks = 50
            row.rates = idleRates()
            row.rates?.cpuPercent = 80
            row.rates?.voluntarySwitches = 3
            row.rates?.involuntarySwitches = 4
            row.extras.sizes = MemorySizes(sharedBytes: 56 << 20, textBytes: 1, dataBytes: 2)
            row.extras.ioPriority = 2 << 13 | 6
        }
        let table = makeTable([row])
        func text(_ name: String) -> String { column(name).value(row, table).text }
        #expect(
            [text("pid"), text("ppid"), text("user"), text("uid"), text("tty")] == ["42", "7", "api", "1000", "pts/1"])
        #expect([text("res"), text("mem"), text("private")] == ["256M", "25.0", "200M"])
        #expect([text("time"), text("utime"), text("stime")] == ["0:02.00", "0:01.50", "0:00.50"])
        #expect([text("cpu"), text("ncpu"), text("csw/s"), text("ionice")] == ["80.0", "20.0", "7", "B6"])
        // Started 50 s after a boot at 500, seen at 1000.
        #expect([text("start"), text("elapsed")] == ["00:09:10", "7:30.00"])
        #expect(text("command") == "web" && text("comm") == "web")
    }

    @Test func theCommandLineSaysWhatTheRowIs() {
        var row = makeRow(1, name: "web")
        var table = makeTable([row])
        #expect(table.commandLine(of: row) == "web")
        row.traits.insert(.kernel)
        #expect(table.commandLine(of: row) == "[web]")
        var texts = ProcessTexts()
        texts.arguments = "web --port 80"
        table.texts[row.identity] = texts
        #expect(table.commandLine(of: row) == "web --port 80")
        row.ending = ProcessEnding(code: 3, signal: nil, nanoseconds: 0, lifetimeNanoseconds: 410_000_000)
        #expect(table.commandLine(of: row) == "exited 3 after 0.41s  web --port 80")
        row.ending = ProcessEnding(code: nil, signal: 9, nanoseconds: 0, lifetimeNanoseconds: nil)
        #expect(table.commandLine(of: row) == "killed by signal 9  web --port 80")
        #expect(column("state").value(row, table).text == "✝")
        let thread = makeThread(2, of: 1) { $0.name = InlineText("pool") }
        #expect(table.commandLine(of: thread) == "pool")
    }

    @Test func aNameIsKeptAsLongAsThereIsRoom() {
        let long = InlineText(String(repeating: "é", count: 20))
        #expect(long.count == 31 && long.text.hasPrefix(String(repeating: "é", count: 15)))
        #expect(
            InlineText("a") < InlineText("ab") && InlineText("b") > InlineText("ab")
                && InlineText("a") == InlineText("a"))
        let bytes: [UInt8] = [0xFF, 0x1B, 0]
        let hostile = InlineText(count: 3) { bytes[$0] }
        #expect((0..<3).map { hostile[$0] } == bytes && hostile.text == "\u{FFFD}\u{1B}\0")
        #expect(InlineText().isEmpty && InlineText("").text == "")
    }
}
