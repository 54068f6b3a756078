import Model
import Panels

/// A host in trouble, made up: a web service with a busy worker and one that waits for a disk, a database, and the
/// rows that are hard to draw.
enum Fixture {
    static let scale = HostScale(
        ticksPerSecond: 100, pageBytes: 4096, memoryBytes: 8 << 30, processors: 4, bootSeconds: 1_759_740_000,
        offsetSeconds: 7200)

    /// The busy worker: the tests select this one.
    static let worker = identity(1201)

    static func identity(_ pid: Int32) -> ProcessIdentity {
        ProcessIdentity(pid: pid, startTicks: UInt64(pid) * 1000)
    }

    /// What a row did in the second before the table.
    struct Activity {
        var user: UInt64 = 0, system: UInt64 = 0
        var minorFaults: UInt64 = 0, majorFaults: UInt64 = 0
        var voluntary: UInt64 = 0, involuntary: UInt64 = 0
        var waitMilliseconds: UInt64 = 0
        var readBytes: UInt64 = 0, writtenBytes: UInt64 = 0
    }

    static func row(
        _ pid: Int32, _ name: String, parent: Int32 = 1, user: UInt32 = 1000, state: Character = "S",
        mebibytes: UInt64 = 12, threads: Int32 = 1, files: Int32 = 8, _ activity: Activity = Activity()
    ) -> ProcessRow {
        var row = ProcessRow(identity: identity(pid), threadGroup: pid, name: InlineText(name))
        row.parent = parent
        row.userID = user
        row.state = state.asciiValue ?? 63
        row.residentBytes = mebibytes << 20
        row.virtualBytes = mebibytes << 22
        row.threads = threads
        row.priority = 20
        row.processor = pid % 4
        row.counters.userTicks = UInt64(pid)
        row.extras.openFiles = files
        row.extras.switches = SwitchCounters(voluntary: 100, involuntary: 10)
        row.extras.schedule = ScheduleCounters(runNanoseconds: 0, waitNanoseconds: 0)
        row.extras.io = IOCounters(
            readCharacters: 0, writtenCharacters: 0, readCalls: 0, writeCalls: 0, readBytes: 0, writtenBytes: 0,
            cancelledBytes: 0)
        row.readNanoseconds = 1_000_000_000
        return after(row, activity)
    }

    /// The row one second later.
    static func after(_ before: ProcessRow, _ activity: Activity) -> ProcessRow {
        var row = before
        row.readNanoseconds += 1_000_000_000
        row.counters.userTicks += activity.user
        row.counters.systemTicks += activity.system
        row.counters.minorFaults += activity.minorFaults
        row.counters.majorFaults += activity.majorFaults
        row.extras.switches?.voluntary += activity.voluntary
        row.extras.switches?.involuntary += activity.involuntary
        row.extras.schedule?.runNanoseconds += (activity.user + activity.system) * 10_000_000
        row.extras.schedule?.waitNanoseconds += activity.waitMilliseconds * 1_000_000
        row.extras.io?.readBytes += activity.readBytes
        row.extras.io?.writtenBytes += activity.writtenBytes
        row.rates = ProcessRates(from: before, to: row, ticksPerSecond: scale.ticksPerSecond)
        return row
    }

    static func thread(_ tid: Int32, of process: ProcessRow, _ name: String, state: Character = "S") -> ProcessRow {
        var row = Fixture.row(tid, name, parent: process.parent, user: process.userID ?? 0, state: state)
        row.threadGroup = process.pid
        row.traits.insert(.thread)
        return row
    }

    static let table: ProcessTable = {
        var table = ProcessTable(scale: scale)
        table.rows = ContiguousArray(services + people + hard)
        table.rows.sort { $0.pid < $1.pid }
        table.texts = texts
        table.userNames = [0: "root", 33: "api", 70: "postgres", 1000: "ada"]
        table.nanoseconds = 2_000_000_000
        table.realtimeSeconds = 1_760_000_000
        table.cost.cpuNanoseconds = 1_234_567
        table.provider = "taskstats"
        table.seesShortLived = true
        return table
    }()

    private static var services: [ProcessRow] {
        var busy = row(
            1201, "gunicorn", parent: 1200, user: 33, state: "R", mebibytes: 412, threads: 6, files: 213,
            Activity(
                user: 84, system: 9, minorFaults: 1240, majorFaults: 3, voluntary: 98, involuntary: 640,
                waitMilliseconds: 310, readBytes: 65536, writtenBytes: 1_300_000))
        busy.extras.pythonVersion = 3 << 8 | 12
        var kernel = row(35, "kworker/0:1", parent: 2, user: 0, state: "I", mebibytes: 0)
        kernel.traits.insert(.kernel)
        kernel.extras.openFiles = nil
        return [
            row(1, "systemd", parent: 0, user: 0, mebibytes: 11, files: 120), kernel,
            row(
                812, "postgres", user: 70, mebibytes: 96, files: 61,
                Activity(user: 2, system: 3, voluntary: 220, writtenBytes: 8_400_000)),
            row(1200, "gunicorn", user: 33, mebibytes: 31, files: 12, Activity(user: 1)), busy,
            row(
                1202, "gunicorn", parent: 1200, user: 33, mebibytes: 388, threads: 6, files: 190,
                Activity(user: 11, system: 1, minorFaults: 80, voluntary: 412, involuntary: 7)),
            row(
                1203, "gunicorn", parent: 1200, user: 33, state: "D", mebibytes: 1290, threads: 6, files: 190,
                Activity(user: 1, system: 4, minorFaults: 12, majorFaults: 88, voluntary: 91, readBytes: 22_000_000)),
        ]
    }

    private static var people: [ProcessRow] {
        [
            row(2000, "sshd", user: 0, mebibytes: 7, files: 10),
            row(2001, "bash", parent: 2000, mebibytes: 5, files: 4),
            row(2010, "vim", parent: 2001, state: "T", mebibytes: 18, files: 6),
        ]
    }

    /// Escape sequences, wide text, a zombie, one that ended, one that may not be read.
    private static var hard: [ProcessRow] {
        var ended = row(2200, "build", parent: 2001, mebibytes: 40)
        ended.ending = ProcessEnding(
            code: nil, signal: 9, nanoseconds: 1_900_000_000, lifetimeNanoseconds: 4_200_000_000)
        var refused = ProcessRow(identity: identity(3000), threadGroup: 3000, name: InlineText("vault"))
        refused.parent = 1
        refused.state = UInt8(ascii: "S")
        var zombie = row(2100, "cron-job", parent: 2001, state: "Z", mebibytes: 0, files: 0)
        zombie.extras = ProcessExtras()
        return [
            row(2011, "ev\u{1b}[31mil", parent: 2001, mebibytes: 3, Activity(user: 5)),
            row(2012, "日本語", parent: 2001, mebibytes: 22, Activity(user: 4)), zombie, ended, refused,
        ]
    }

    private static let texts: [ProcessIdentity: ProcessTexts] = {
        let lines: [(Int32, String)] = [
            (1, "/sbin/init splash"), (812, "postgres: 14/main: walwriter"), (1200, "gunicorn: master [shop.wsgi]"),
            (1201, "gunicorn: worker [shop.wsgi]"), (1202, "gunicorn: worker [shop.wsgi]"),
            (1203, "gunicorn: worker [shop.wsgi]"), (2000, "sshd: ada [priv]"), (2001, "-bash"),
            (2010, "vim settings.py"), (2011, "python3 evil.py \u{1b}]0;owned\u{7} a\u{202e}gnp.exe\n--flag"),
            (2012, "python3 サービス.py --name 日本語の長い名前 e\u{301}nd"), (2200, "make -j8 all"),
        ]
        var texts: [ProcessIdentity: ProcessTexts] = [:]
        for (pid, line) in lines {
            var one = ProcessTexts()
            one.arguments = line
            texts[identity(pid)] = one
        }
        return texts
    }()
}
