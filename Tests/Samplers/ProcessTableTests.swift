import Glibc
import Model
import Samplers
import TestProcesses
import Testing

/// Where a table comes from.
enum Provider: CaseIterable {
    /// From files, one by one.
    case files
    /// From the kernel's walk over its tasks.
    case tasks

    /// Those that there are for this user.
    static let here = TaskWalking.trouble == nil ? allCases : [.files]

    func sampler() throws -> ProcessTableSampler {
        guard self == .tasks else { return try ProcessTableSampler(events: nil) }
        var sampler = try ProcessTableSampler(events: nil, usesTasks: true)
        // The first screen does not wait for it.
        #expect(try sampler.sample(TableDemand()).provider != "BPF")
        #expect(try sampler.sample(TableDemand()).provider == "BPF")
        return sampler
    }
}

@Suite struct ProcessTableTests {
    @Test(arguments: Provider.here) func aChildIsSeenBornAndGone(_ provider: Provider) throws {
        var sampler = try provider.sampler()
        let before = try sampler.sample(TableDemand())
        let worker = try Worker()
        let (pid, identity) = (worker.child.pid, worker.identity)
        #expect(before.living(pid) == nil)
        let born = try #require(try sampler.sample(TableDemand()).row(identity))
        #expect(born.parent == getpid() && born.name.text == "python3" && !born.hasEnded && born.rates == nil)
        #expect(born.userID == geteuid())
        let again = try #require(try sampler.sample(TableDemand()).row(identity))
        #expect(again.rates != nil || again.readNanoseconds == born.readNanoseconds)
        worker.child.end()
        let table = try sampler.sample(TableDemand())
        let gone = try #require(table.row(identity))
        #expect(gone.hasEnded && gone.rates == nil && table.living(pid) == nil)
        // Its row stays for a moment, and then it does not.
        var stayed = 0
        for _ in 0..<600 {
            guard let row = try sampler.sample(TableDemand()).row(identity) else { break }
            #expect(row.hasEnded && row.ending == gone.ending)
            stayed += 1
            pause(milliseconds: 20)
        }
        #expect((1..<600).contains(stayed))
    }

    @Test(arguments: Provider.here) func aZombieIsARowUntilItIsReaped(_ provider: Provider) throws {
        var sampler = try provider.sampler()
        let child = try Child("exit 3")
        child.waitForEnd()
        let identity = ProcessIdentity(pid: child.pid, startTicks: child.startTicks)
        #expect(try sampler.sample(everything).row(identity)?.state == UInt8(ascii: "Z"))
        child.reap()
        #expect(try sampler.sample(everything).row(identity)?.hasEnded == true)
    }

    @Test("A process that renames itself stays itself", arguments: [TableDemand(), everything], Provider.here)
    func renamed(demand: TableDemand, _ provider: Provider) throws {
        var sampler = try provider.sampler()
        let worker = try Worker()
        #expect(try sampler.sample(demand).row(worker.identity)?.name.text == "python3")
        for (order, name) in [
            ("rename x", "x"), ("rename ))_((_S_1", "))_((_S_1"), ("title 1b5b41ff", "\u{1b}[A\u{fffd}"),
            ("rename 123456789012345678", "123456789012345"),
        ] {
            worker.tell(order)
            let table = try sampler.sample(demand)
            #expect(table.row(worker.identity)?.name.text == name)
            #expect(table.rows.filter { $0.pid == worker.child.pid }.count == 1)
        }
    }

    /// Whether this user may choose the next pid.
    private static let choosesPids = unsafe geteuid() == 0 && access("/proc/sys/kernel/ns_last_pid", W_OK) == 0

    @Test(.enabled(if: choosesPids, "pids can be chosen by root only"), arguments: Provider.here)
    func aPidThatIsUsedAgainIsAnotherProcess(_ provider: Provider) throws {
        var sampler = try provider.sampler()
        for _ in 0..<50 {
            let first = try Child("exec sleep 1000")
            let (pid, start) = (first.pid, first.startTicks)
            _ = try sampler.sample(everything)
            let old = try #require(try sampler.sample(everything).row(ProcessIdentity(pid: pid, startTicks: start)))
            #expect(old.rates != nil)
            first.end()
            // Starts are told apart by the clock tick.
            pause(milliseconds: 25)
            let lastPid = Files.text("/proc/sys/kernel/ns_last_pid")
            setLastPid(String(pid - 1))
            let second = try Child("exec sleep 1000")
            // The other tests get pids that were not used a moment ago.
            setLastPid(lastPid)
            guard second.pid == pid else { continue }
            let table = try sampler.sample(everything)
            let both = table.rows.filter { $0.pid == pid }
            #expect(both.count == 2 && both.map(\.hasEnded) == [true, false])
            let new = try #require(table.row(ProcessIdentity(pid: pid, startTicks: second.startTicks)))
            #expect(new.rates == nil && new.identity != old.identity && !new.hasEnded)
            #expect(table.row(old.identity)?.hasEnded == true)
            return
        }
        Issue.record("no pid was used again")
    }

    private func setLastPid(_ pid: String) {
        let file = unsafe open("/proc/sys/kernel/ns_last_pid", O_WRONLY)
        let digits = Array(pid.utf8)
        _ = unsafe write(file, digits, digits.count)
        close(file)
    }

    @Test(arguments: Provider.here) func countersAreThoseOfTheKernelAndRatesTheirGrowth(_ provider: Provider) throws {
        var sampler = try provider.sampler()
        let worker = try Worker()
        let (pid, identity) = (worker.child.pid, worker.identity)
        let demand = TableDemand(visible: [identity], visibleSources: everything.visibleSources)
        var before = try #require(try sampler.sample(demand).row(identity))
        #expect(before.counters.userTicks + before.counters.systemTicks == worker.child.cpuTicks)
        for work in ["burn 0.3", "grow 24", "open 7", "burn 0.05"] {
            let faults = UInt64(worker.child.stat(of: pid)[7])
            worker.tell(work)
            let table = try sampler.sample(demand)
            let now = try #require(table.row(identity))
            let rates = try #require(now.rates)
            let ticks = worker.child.cpuTicks
            #expect(now.counters.userTicks + now.counters.systemTicks == ticks)
            let grown = Double(ticks - before.counters.userTicks - before.counters.systemTicks)
            // One thread's time is told to the nanosecond, where ticks are 10 ms of it.
            let shown = rates.cpuPercent / 100 * rates.elapsedSeconds * table.scale.ticksPerSecond
            #expect(abs(shown - grown) <= 4, "\(work): \(shown) ticks, \(grown) in stat")
            #expect(abs(rates.userPercent + rates.systemPercent - rates.cpuPercent) < 1e-6)
            #expect(rates.elapsedSeconds > 0 && now.readNanoseconds > before.readNanoseconds)
            let wholeFaults = rates.minorFaults * rates.elapsedSeconds
            #expect(abs(wholeFaults - Double(now.counters.minorFaults - before.counters.minorFaults)) < 0.5)
            #expect(now.counters.minorFaults >= faults ?? 0)
            if work == "grow 24" {
                #expect(now.residentBytes >= before.residentBytes + 20 << 20 && rates.residentBytes > 0)
            }
            if work == "open 7" { #expect(now.extras.openFiles == (before.extras.openFiles ?? 0) + 7) }
            before = now
        }
        // At rest nothing moves.
        _ = try sampler.sample(demand)
        let rest = try #require(try sampler.sample(demand).row(identity)?.rates)
        #expect(rest.cpuPercent == 0 && rest.minorFaults == 0 && rest.residentBytes == 0)
    }

    @Test(arguments: Provider.here) func whatIsNotOnTheScreenIsReadAsWellOnceItDidSomething(_ provider: Provider) throws
    {
        var sampler = try provider.sampler()
        let worker = try Worker()
        for round in 1...12 {
            worker.tell(round % 3 == 0 ? "burn 0.03" : "ready")
            let row = try #require(try sampler.sample(TableDemand()).row(worker.identity))
            #expect(row.counters.userTicks + row.counters.systemTicks == worker.child.cpuTicks, "round \(round)")
        }
    }

    @Test(arguments: Provider.here) func textsAreThoseOfTheProcess(_ provider: Provider) throws {
        var sampler = try provider.sampler()
        let worker = try Worker()
        let table = try sampler.sample(everything)
        let texts = try #require(table.texts[worker.identity])
        #expect(texts.arguments?.hasPrefix("python3 -u -c import os, sys") == true)
        #expect(texts.executable == Files.target(of: "/proc/\(worker.child.pid)/exe"))
        #expect(texts.workingDirectory == Files.target(of: "/proc/self/cwd"))
        #expect(texts.cgroup?.hasPrefix("/") ?? true)
        let row = try #require(table.row(worker.identity))
        #expect(row.extras.pythonVersion.map { $0 >> 8 } == 3 && row.extras.io != nil && row.extras.shares != nil)
        #expect(table.user(of: row) == table.userNames[geteuid()])
    }

    @Test(arguments: Provider.here) func threadsStandBehindTheirProcess(_ provider: Provider) throws {
        var sampler = try provider.sampler()
        let worker = try Worker()
        var demand = everything
        demand.showsThreads = true
        for name in ["alpha", "beta"] { worker.tell("thread \(name)") }
        for _ in 0..<2 {
            let table = try sampler.sample(demand)
            let rows = table.rows.filter { $0.threadGroup == worker.child.pid }
            #expect(rows.map(\.isThread) == [false, true, true])
            #expect(rows.map(\.pid) == worker.child.threads().sorted() && rows.first?.threads == 3)
            #expect(Set(rows.dropFirst().map(\.name.text)) == ["alpha", "beta"])
        }
        demand.showsThreads = false
        #expect(try sampler.sample(demand).rows.allSatisfy { !$0.isThread })
    }

    @Test(arguments: Provider.here) func thePidsOfAPortAreFound(_ provider: Provider) throws {
        var sampler = try provider.sampler()
        let worker = try Worker()
        let port = try #require(UInt16(worker.tell("listen")))
        let table = try sampler.sample(TableDemand(ports: [port]))
        #expect(table.portOwners == [port: [worker.child.pid]])
        #expect(PortOwners.listeners(on: port) == [worker.child.pid])
        worker.child.end()
        #expect(PortOwners.listeners(on: port).isEmpty)
        #expect(try sampler.sample(TableDemand()).portOwners.isEmpty)
    }

    @Test(arguments: Provider.here) func rowsAreInTheOrderOfPidsAndEachProcessIsThereOnce(_ provider: Provider) throws {
        var sampler = try provider.sampler()
        for _ in 0..<5 {
            let churn = try (0..<10).map { _ in try Child("exit 0") }
            let table = try sampler.sample(TableDemand())
            let keys = table.rows.map { ($0.pid, $0.identity.startTicks) }
            #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 })
            for row in table.rows {
                #expect(table.index(of: row.identity).map { table.rows[$0].identity } == row.identity)
            }
            #expect(table.living(getpid())?.parent == getppid())
            for child in churn { child.reap() }
        }
    }

    @Test func oneProcessIsReadByItself() throws {
        let worker = try Worker()
        var readings = ProcessReadings(identity: worker.identity)
        #expect(readings.read()?.name.text == "python3")
        #expect(ProcessStart.ticks(of: worker.child.pid) == worker.identity.startTicks)
        var other = ProcessReadings(
            identity: ProcessIdentity(pid: worker.child.pid, startTicks: worker.identity.startTicks + 1))
        #expect(other.read()?.pid == nil)
        kill(worker.child.pid, SIGKILL)
        worker.child.waitForEnd()
        #expect(readings.read()?.pid == nil)
        worker.child.reap()
        #expect(readings.read()?.pid == nil && ProcessStart.ticks(of: worker.child.pid) == nil)
    }

    /// Each cell of each row that does not change meanwhile is the same, wherever it comes from.
    @Test(.enabled(if: Provider.here.contains(.tasks), "BPF programs may not be loaded here"))
    func everyColumnIsTheSameFromBothPlaces() throws {
        var files = try Provider.files.sampler()
        var tasks = try Provider.tasks.sampler()
        let worker = try Worker()
        for name in ["alpha", "beta"] { worker.tell("thread \(name)") }
        let zombie = try Child("exit 3")
        zombie.waitForEnd()
        let stopped = try Child("kill -STOP $$; :")
        var demand = everything
        demand.showsThreads = true
        // Moments are told with the one that they are seen from; an identity has the start.
        let columns = Column.all.filter { $0.name != "start" && $0.name != "elapsed" }
        /// A cell; rates are of the time between two readings, which the two do not share.
        func cell(_ column: Column, _ row: ProcessRow, _ table: ProcessTable) -> String {
            var row = row
            row.rates = nil
            return "\(column.value(row, table))"
        }
        _ = (try files.sample(demand), try tasks.sample(demand))
        // None may rest on what was read before.
        demand.acted = Set(try files.sample(demand).rows.map(\.identity))
        var compared: [String: Int] = [:]
        var walked = try tasks.sample(demand)
        /// Cells that are the same before and after, and another in between.
        func differences() throws -> [String] {
            let before = try files.sample(demand)
            walked = try tasks.sample(demand)
            let after = try files.sample(demand)
            var found: [String] = []
            for row in before.rows {
                guard !row.hasEnded, let later = after.row(row.identity), let other = walked.row(row.identity) else {
                    continue
                }
                // One that ran meanwhile may have been elsewhere in between, and come back.
                guard row.extras.switches == later.extras.switches, row.extras.schedule == later.extras.schedule else {
                    continue
                }
                #expect(other.isThread == row.isThread && other.threadGroup == row.threadGroup)
                // The rest is read from the same files; what shares of memory there are others change, too.
                let isOwn = [worker.child.pid, zombie.pid, stopped.pid].contains(row.threadGroup)
                for column in columns
                where column.sources.isSubset(of: [.accounting]) || isOwn && !column.sources.contains(.shares) {
                    let (first, second) = (cell(column, row, before), cell(column, later, after))
                    guard first == second else { continue }
                    compared[column.name, default: 0] += 1
                    let told = cell(column, other, walked)
                    if told != first {
                        found.append("\(column.name) of \(row.pid) \(row.name.text): \(told), not \(first)")
                    }
                }
            }
            return found
        }
        // Memory of one that sleeps moves when others read it or the kernel wants it back: what is wrong is so every time.
        var wrong = try differences()
        for _ in 0..<3 where !wrong.isEmpty { wrong = try differences() }
        #expect(wrong.isEmpty)
        for column in columns where !column.sources.contains(.shares) {
            #expect(compared[column.name, default: 0] > 0, "\(column.name) always changed")
        }
        #expect(walked.row(ProcessIdentity(pid: zombie.pid, startTicks: zombie.startTicks))?.state == UInt8(ascii: "Z"))
        #expect(walked.living(stopped.pid) != nil && walked.provider == "BPF")
    }
}
