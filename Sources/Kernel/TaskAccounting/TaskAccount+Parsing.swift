/// Where `struct taskstats` keeps its fields.
///
/// The structure only ever grew at its end, except for version 15 (Linux 6.14), which put 16 bytes behind each delay
/// and was taken back with version 16. The numbers are written out because the header of the build machine is as old
/// as its distribution, while the kernel that answers is not.
enum TaskAccountLayout {
    static let version = 0
    static let exitCode = 4
    static let flag = 8
    static let nice = 9
    static let cpuDelay = 16
    static let blockIODelay = 32
    static let swapInDelay = 48
    static let cpuRunReal = 64
    static let cpuRunVirtual = 72
    static let comm = 80
    static let uid = 120
    static let gid = 124
    static let pid = 128
    static let parentPid = 132
    static let elapsed = 144
    static let userTime = 152
    static let systemTime = 160
    static let minorFaults = 168
    static let majorFaults = 176
    static let voluntarySwitches = 272
    static let involuntarySwitches = 280
    static let freePagesDelay = 312
    static let thrashingDelay = 328
    static let beginTime64 = 344
    static let compactDelay = 352
    static let threadGroup = 368
    static let writeProtectCopyDelay = 400
    static let irqDelay = 416

    /// How far version 15 moved a field: by two words for each delay before it.
    static func shift(of field: Int) -> Int {
        switch field {
        case ...cpuDelay: 0
        case ...blockIODelay: 16
        case ...swapInDelay: 32
        case ...freePagesDelay: 48
        case ...thrashingDelay: 64
        case ...compactDelay: 80
        case ...writeProtectCopyDelay: 96
        default: 112
        }
    }
}

extension TaskAccount {
    /// Reads one `struct taskstats`, never beyond the bytes that came.
    ///
    /// - Parameter delaysKnown: Whether the kernel measures more than the wait for a CPU; where it does not, the zeros
    ///   it sends are no measurement.
    /// - Returns: `nil` where it is shorter than any kernel since 2.6.24 sends it.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>, scope: Scope, delaysKnown: Bool) {
        guard let version: UInt16 = bytes.number(at: range.lowerBound, limit: range.upperBound) else { return nil }
        func field<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Number? {
            let shift = version == 15 ? TaskAccountLayout.shift(of: offset) : 0
            return bytes.number(at: range.lowerBound + offset + shift, limit: range.upperBound)
        }
        func delay(_ offset: Int) -> Delay? {
            // The total follows its count in every version.
            let shift = version == 15 ? TaskAccountLayout.shift(of: offset) : 0
            let start = range.lowerBound + offset + shift
            guard let count: UInt64 = bytes.number(at: start, limit: range.upperBound),
                let nanoseconds: UInt64 = bytes.number(at: start + 8, limit: range.upperBound)
            else { return nil }
            return Delay(count: count, nanoseconds: nanoseconds)
        }
        typealias Layout = TaskAccountLayout
        guard let cpuDelay = delay(Layout.cpuDelay),
            let cpuRunReal: UInt64 = field(Layout.cpuRunReal),
            let cpuRunVirtual: UInt64 = field(Layout.cpuRunVirtual),
            let userTime: UInt64 = field(Layout.userTime),
            let systemTime: UInt64 = field(Layout.systemTime),
            let voluntarySwitches: UInt64 = field(Layout.voluntarySwitches),
            let involuntarySwitches: UInt64 = field(Layout.involuntarySwitches)
        else { return nil }
        self.scope = scope
        self.version = version
        self.cpuDelay = cpuDelay
        cpuRunRealNanoseconds = cpuRunReal
        cpuRunVirtualNanoseconds = cpuRunVirtual
        userMicroseconds = userTime
        systemMicroseconds = systemTime
        self.voluntarySwitches = voluntarySwitches
        self.involuntarySwitches = involuntarySwitches
        if delaysKnown {
            blockIODelay = delay(Layout.blockIODelay)
            swapInDelay = delay(Layout.swapInDelay)
            freePagesDelay = delay(Layout.freePagesDelay)
            thrashingDelay = delay(Layout.thrashingDelay)
            compactDelay = delay(Layout.compactDelay)
            writeProtectCopyDelay = delay(Layout.writeProtectCopyDelay)
            irqDelay = delay(Layout.irqDelay)
        }
        if scope == .thread {
            guard let thread = ThreadAccount(bytes, range, version: version) else { return nil }
            self.thread = thread
        }
    }
}

extension ThreadAccount {
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>, version: UInt16) {
        func field<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Number? {
            let shift = version == 15 ? TaskAccountLayout.shift(of: offset) : 0
            return bytes.number(at: range.lowerBound + offset + shift, limit: range.upperBound)
        }
        typealias Layout = TaskAccountLayout
        guard let tid: Int32 = field(Layout.pid), let parentPid: Int32 = field(Layout.parentPid),
            let minorFaults: UInt64 = field(Layout.minorFaults), let majorFaults: UInt64 = field(Layout.majorFaults),
            let waitStatus: UInt32 = field(Layout.exitCode), let flags: UInt8 = field(Layout.flag),
            let elapsed: UInt64 = field(Layout.elapsed), let nice: Int8 = field(Layout.nice),
            let uid: UInt32 = field(Layout.uid), let gid: UInt32 = field(Layout.gid)
        else { return nil }
        self.tid = tid
        pid = field(Layout.threadGroup)
        self.parentPid = parentPid
        self.minorFaults = minorFaults
        self.majorFaults = majorFaults
        self.waitStatus = waitStatus
        self.flags = flags
        elapsedMicroseconds = elapsed
        startSeconds = field(Layout.beginTime64)
        self.uid = uid
        self.gid = gid
        self.nice = nice
        endsProcess = version >= 12 ? flags & 0x20 != 0 : nil
        commBytes = InlineArray(repeating: 0)
        for index in commBytes.indices { commBytes[index] = field(Layout.comm + index) ?? 0 }
    }
}
