extension ProcessStatus {
    /// Parses the file; nil when it is cut inside a line or has no owners.
    public init?(parsing bytes: Span<UInt8>) {
        guard bytes.endsWithNewline else { return nil }
        self.init()
        var hasUsers = false
        var hasGroups = false
        var start = 0
        while start < bytes.count {
            switch bytes[start] {
            case UInt8(ascii: "V"), UInt8(ascii: "R"): parseMemory(bytes, start)
            case UInt8(ascii: "S"): parseSignals(bytes, start)
            case UInt8(ascii: "C"): parseCapabilities(bytes, start)
            case UInt8(ascii: "U"):
                if bytes.holds("Uid:", at: start) { hasUsers = users.parse(bytes, start + 4) }
                _ = bytes.field("Umask:", at: start, into: &umask, .octal)
            case UInt8(ascii: "G"):
                if bytes.holds("Gid:", at: start) { hasGroups = groups.parse(bytes, start + 4) }
            default: parseOthers(bytes, start)
            }
            start = bytes.lineEnd(from: start) + 1
        }
        guard hasUsers, hasGroups else { return nil }
    }

    private mutating func parseMemory(_ bytes: Span<UInt8>, _ start: Int) {
        _ =
            bytes.field("VmPeak:", at: start, into: &memory.peakVirtualBytes, .kibibytes)
            || bytes.field("VmSize:", at: start, into: &memory.virtualBytes, .kibibytes)
            || bytes.field("VmLck:", at: start, into: &memory.lockedBytes, .kibibytes)
            || bytes.field("VmHWM:", at: start, into: &memory.peakResidentBytes, .kibibytes)
            || bytes.field("VmRSS:", at: start, into: &memory.residentBytes, .kibibytes)
            || bytes.field("RssAnon:", at: start, into: &memory.residentAnonymousBytes, .kibibytes)
            || bytes.field("RssFile:", at: start, into: &memory.residentFileBytes, .kibibytes)
            || bytes.field("RssShmem:", at: start, into: &memory.residentSharedBytes, .kibibytes)
            || bytes.field("VmData:", at: start, into: &memory.dataBytes, .kibibytes)
            || bytes.field("VmStk:", at: start, into: &memory.stackBytes, .kibibytes)
            || bytes.field("VmExe:", at: start, into: &memory.textBytes, .kibibytes)
            || bytes.field("VmLib:", at: start, into: &memory.libraryBytes, .kibibytes)
            || bytes.field("VmPTE:", at: start, into: &memory.pageTableBytes, .kibibytes)
            || bytes.field("VmSwap:", at: start, into: &memory.swapBytes, .kibibytes)
    }

    private mutating func parseSignals(_ bytes: Span<UInt8>, _ start: Int) {
        _ =
            bytes.field("SigQ:", at: start, into: &signals.queuedOfUser)
            || bytes.field("SigPnd:", at: start, into: &signals.pending, .hexadecimal)
            || bytes.field("ShdPnd:", at: start, into: &signals.sharedPending, .hexadecimal)
            || bytes.field("SigBlk:", at: start, into: &signals.blocked, .hexadecimal)
            || bytes.field("SigIgn:", at: start, into: &signals.ignored, .hexadecimal)
            || bytes.field("SigCgt:", at: start, into: &signals.caught, .hexadecimal)
            || bytes.field("Seccomp:", at: start, into: &seccomp)
    }

    private mutating func parseCapabilities(_ bytes: Span<UInt8>, _ start: Int) {
        _ =
            bytes.field("CapInh:", at: start, into: &capabilities.inheritable, .hexadecimal)
            || bytes.field("CapPrm:", at: start, into: &capabilities.permitted, .hexadecimal)
            || bytes.field("CapEff:", at: start, into: &capabilities.effective, .hexadecimal)
            || bytes.field("CapBnd:", at: start, into: &capabilities.bounding, .hexadecimal)
            || bytes.field("CapAmb:", at: start, into: &capabilities.ambient, .hexadecimal)
    }

    private mutating func parseOthers(_ bytes: Span<UInt8>, _ start: Int) {
        if bytes.holds("NSpid:", at: start) { return parseNamespacePids(bytes, start + 6) }
        _ =
            bytes.field("TracerPid:", at: start, into: &tracer)
            || bytes.field("Threads:", at: start, into: &threads)
            || bytes.field("FDSize:", at: start, into: &descriptorSlots)
            || bytes.field("Ngid:", at: start, into: &numaGroup)
            || bytes.field("NoNewPrivs:", at: start, into: &noNewPrivileges)
            || bytes.field("voluntary_ctxt_switches:", at: start, into: &voluntarySwitches)
            || bytes.field("nonvoluntary_ctxt_switches:", at: start, into: &involuntarySwitches)
    }

    private mutating func parseNamespacePids(_ bytes: Span<UInt8>, _ start: Int) {
        var index = start
        while let pid = bytes.number(.decimal, &index).flatMap({ Int32(exactly: $0) }) { namespacePids.append(pid) }
    }
}

extension ProcessStatus.Owners {
    /// Parses four ids; answers whether all were there.
    fileprivate mutating func parse(_ bytes: Span<UInt8>, _ start: Int) -> Bool {
        var index = start
        func next() -> UInt32? { bytes.number(.decimal, &index).flatMap { UInt32(exactly: $0) } }
        guard let real = next(), let effective = next(), let saved = next(), let fileSystem = next() else {
            return false
        }
        self.real = real
        self.effective = effective
        self.saved = saved
        self.fileSystem = fileSystem
        return true
    }
}

extension ProcReader {
    /// Reads `/proc/<pid>/status`.
    public mutating func status(_ pid: Int32) -> Reading<ProcessStatus> {
        read(Self.path(pid, "status"), .onePiece, ProcessStatus.init(parsing:))
    }

    /// Reads `/proc/<pid>/task/<tid>/status`.
    public mutating func status(_ pid: Int32, thread: Int32) -> Reading<ProcessStatus> {
        read(Self.path(pid, thread: thread, "status"), .onePiece, ProcessStatus.init(parsing:))
    }
}
