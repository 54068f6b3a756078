extension CallText {
    /// Flags by their names; what has no name as a number behind them.
    mutating func writeFlags(_ value: UInt64, _ set: Int?, orNumber: Bool = true) {
        guard let set else {
            writeNumber(value)
            return
        }
        var rest = value
        var isFirst = true
        for constant in table.constants.sets[set] {
            let isThere: Bool
            if constant.mask == constant.value {
                isThere = constant.value != 0 ? rest & constant.mask == constant.value : value == 0
            } else {
                isThere = value & constant.mask == constant.value && (constant.value != 0 || rest & constant.mask == 0)
            }
            guard isThere else { continue }
            if !isFirst { put("|") }
            isFirst = false
            bytes.append(contentsOf: constant.name)
            rest &= ~constant.mask
        }
        if rest != 0 {
            if !isFirst { put("|") }
            put("0x")
            put(hexadecimal: rest)
            if isFirst { writeUnnamed(set) }
        } else if isFirst {
            put("0")
        }
    }

    /// A value by its name, or as a number.
    mutating func writeChoice(_ value: UInt64, _ set: Int?) {
        guard let set else {
            writeNumber(value)
            return
        }
        if let name = table.constants.name(of: value, in: set) {
            bytes.append(contentsOf: name)
            return
        }
        writeNumber(value)
        writeUnnamed(set)
    }

    /// Says of a number that none of a set's names is its own.
    private mutating func writeUnnamed(_ set: Int) {
        guard let first = table.constants.sets[set].first?.name,
            let end = first.firstIndex(of: UInt8(ascii: "_"))
        else { return }
        put(" /* ")
        bytes.append(contentsOf: first[...end])
        put("??? */")
    }

    /// The number of a set by its name.
    func set(_ name: String) -> Int? { table.constants.number(of: name) }

    /// A signal as `SIGTERM`.
    mutating func writeSignalName(_ number: Int32) {
        if number == 0 {
            put("0")
        } else if let set = set("signal"),
            let name = table.constants.name(of: UInt64(UInt32(bitPattern: number)), in: set)
        {
            bytes.append(contentsOf: name)
        } else if (32...64).contains(number) {
            put("SIG")
            writeRealTimeSignal(number)
        } else {
            put(decimal: Int64(number))
        }
    }

    /// A real-time signal, as the kernel counts them.
    mutating func writeRealTimeSignal(_ number: Int32) {
        if number == 32 {
            put("RTMIN")
        } else {
            put("RT_")
            put(decimal: Int64(number - 32))
        }
    }

    /// A set of signals, without the `SIG` of each; where most are in it, those that are not.
    mutating func writeSignalSet(_ data: ArraySlice<UInt8>) {
        guard data.count >= 8 else {
            put("[]")
            return
        }
        var mask = data.number(at: 0, bits: 64)
        if mask.nonzeroBitCount >= 64 * 2 / 3 {
            put("~")
            mask = ~mask
        }
        put("[")
        var isFirst = true
        for number in Int32(1)...64 where mask >> UInt64(number - 1) & 1 != 0 {
            if !isFirst { put(" ") }
            isFirst = false
            if number >= 32 {
                writeRealTimeSignal(number)
            } else if let set = set("signal"), let name = table.constants.name(of: UInt64(number), in: set) {
                bytes.append(contentsOf: name.dropFirst(3))
            }
        }
        put("]")
    }

    /// Kind and permissions of a file.
    mutating func writeFileMode(_ mode: UInt64) {
        if mode & 0xf000 != 0 {
            writeFlags(mode & 0xf000, set("file-type"))
            put("|")
        }
        for (bit, name) in [(UInt64(0o4000), "S_ISUID|" as StaticString), (0o2000, "S_ISGID|"), (0o1000, "S_ISVTX|")]
        where mode & bit != 0 { put(name) }
        put(octal: mode & 0o777, minimum: 3)
    }

    mutating func writeScheduler(_ value: UInt64) {
        writeChoice(value & ~0x4000_0000, set("scheduler"))
        if value & 0x4000_0000 != 0 { put("|SCHED_RESET_ON_FORK") }
    }

    mutating func writePersonality(_ value: UInt64) {
        writeChoice(value & 0xff, set("personality"))
        if value & ~0xff != 0 {
            put("|")
            writeFlags(value & ~0xff, set("personality-flags"))
        }
    }

    /// Number of a device, as makedev(3) takes it apart.
    mutating func writeDevice(_ value: UInt64) {
        let major = value >> 8 & 0xfff | value >> 32 & ~0xfff
        let minor = value & 0xff | value >> 12 & ~0xff
        put("makedev(")
        writeNumber(major)
        put(", ")
        writeNumber(minor)
        put(")")
    }

    /// How a child ended or changed, as wait(2) tells it.
    mutating func writeWaitStatus(_ status: UInt32) {
        let signal = Int32(status & 0x7f)
        if status == 0xffff {
            put("WIFCONTINUED(s)")
        } else if status & 0xff == 0x7f {
            put("WIFSTOPPED(s) && WSTOPSIG(s) == ")
            writeSignalName(Int32(status >> 8 & 0x7f))
            if status >> 15 & 1 != 0, status >> 8 & 0xff == 0x85 { put(" | 0x80") }
            if status >> 16 != 0 {
                put(" | ")
                writeChoice(UInt64(status >> 16), set("ptrace-event"))
                put(" << 16")
            }
        } else if signal == 0 {
            put("WIFEXITED(s) && WEXITSTATUS(s) == ")
            put(decimal: UInt64(status >> 8 & 0xff))
        } else {
            put("WIFSIGNALED(s) && WTERMSIG(s) == ")
            writeSignalName(signal)
            if status & 0x80 != 0 { put(" && WCOREDUMP(s)") }
        }
    }
}
