extension CallText {
    /// What a program wants done with a signal. Source: struct sigaction as the kernel takes it.
    mutating func writeSignalAction(_ data: ArraySlice<UInt8>) {
        put("{sa_handler=")
        switch data.number(at: 0, bits: 64) {
        case 0: put("SIG_DFL")
        case 1: put("SIG_IGN")
        case let handler: put(address: handler)
        }
        put(", sa_mask=")
        writeSignalSet(data.dropFirst(24))
        put(", sa_flags=")
        let flags = data.number(at: 8, bits: 64)
        writeFlags(flags & 0xffff_ffff, set("sigaction-flags"))
        if flags & 0x0400_0000 != 0 {
            put(", sa_restorer=")
            put(address: data.number(at: 16, bits: 64))
        }
        put("}")
    }

    /// Particulars of a signal. Source: siginfo_t.
    mutating func writeSignalInformation(_ data: ArraySlice<UInt8>) {
        let number = Int32(truncatingIfNeeded: data.signed(at: 0, bits: 32))
        let code = data.signed(at: 8, bits: 32)
        guard number != 0 || code != 0 else {
            put("{}")
            return
        }
        put("{si_signo=")
        writeSignalName(number)
        put(", si_code=")
        writeSignalCode(number, code)
        if data.signed(at: 4, bits: 32) != 0 {
            put(", si_errno=")
            put(decimal: data.signed(at: 4, bits: 32))
        }
        writeSignalSource(number, code, data)
        put("}")
    }

    private mutating func writeSignalCode(_ number: Int32, _ code: Int64) {
        let names: [Int32: String] = [
            17: "child", 11: "segv", 7: "bus", 8: "fpe", 4: "ill", 5: "trap", 29: "poll", 31: "sys",
        ]
        let value = UInt64(bitPattern: code)
        if code <= 0 || code == 0x80 {
            writeChoice(value, set("signal-code-kernel"))
        } else if let name = names[number], let set = set("signal-code-\(name)") {
            writeChoice(value, set)
        } else {
            writeNumber(value & 0xffff_ffff)
        }
    }

    private mutating func writeSignalSource(_ number: Int32, _ code: Int64, _ data: ArraySlice<UInt8>) {
        switch (number, code) {
        case (17, 1...6):
            writeSender(data)
            put(", si_status=")
            let status = data.signed(at: 24, bits: 32)
            if code == 1 { put(decimal: status) } else { writeSignalName(Int32(truncatingIfNeeded: status)) }
            put(", si_utime=")
            put(decimal: data.signed(at: 32, bits: 64))
            put(", si_stime=")
            put(decimal: data.signed(at: 40, bits: 64))
        case (_, -2):
            put(", si_timerid=")
            writeNumber(data.number(at: 16, bits: 32))
            put(", si_overrun=")
            put(decimal: data.signed(at: 20, bits: 32))
            put(", si_int=")
            put(decimal: data.signed(at: 24, bits: 32))
            put(", si_ptr=")
            put(address: data.number(at: 24, bits: 64))
        case (_, -1):
            writeSender(data)
            put(", si_int=")
            put(decimal: data.signed(at: 24, bits: 32))
            put(", si_ptr=")
            put(address: data.number(at: 24, bits: 64))
        case (4, 1...), (7, 1...), (8, 1...), (11, 1...), (5, 1...):
            guard code != 0x80 else { return }
            put(", si_addr=")
            put(address: data.number(at: 16, bits: 64))
        case (29, 1...):
            put(", si_band=")
            put(decimal: data.signed(at: 16, bits: 64))
            put(", si_fd=")
            put(decimal: data.signed(at: 24, bits: 32))
        case (_, ...0): writeSender(data)
        default: break
        }
    }

    private mutating func writeSender(_ data: ArraySlice<UInt8>) {
        put(", si_pid=")
        put(decimal: data.signed(at: 16, bits: 32))
        put(", si_uid=")
        put(decimal: data.number(at: 20, bits: 32))
    }

    mutating func writeSignal(_ event: SyscallEvent) {
        put("--- ")
        if event.flags.contains(.stops) {
            put("stopped by ")
            writeSignalName(event.number)
            put(" ---")
            return
        }
        writeSignalName(event.number)
        put(" ")
        if let piece = event.piece(0), !piece.hasFailed {
            writeSignalInformation(piece.bytes)
        } else {
            put("{si_signo=")
            writeSignalName(event.number)
            put(event.result == 1 ? ", si_code=SI_KERNEL}" : ", si_code=SI_USER}")
        }
        put(" ---")
    }

    mutating func writeEnd(_ event: SyscallEvent) {
        let status = UInt32(truncatingIfNeeded: event.result)
        if status & 0x7f == 0 {
            put("+++ exited with ")
            put(decimal: UInt64(status >> 8 & 0xff))
        } else {
            put("+++ killed by ")
            writeSignalName(Int32(status & 0x7f))
            if status & 0x80 != 0 { put(" (core dumped)") }
        }
        put(" +++")
    }

    /// The stack that signals are handled on. Source: stack_t.
    mutating func writeStack(_ data: ArraySlice<UInt8>) {
        put("{ss_sp=")
        put(address: data.number(at: 0, bits: 64))
        put(", ss_flags=")
        let flags = data.number(at: 8, bits: 32)
        writeFlags(flags, set("sigaltstack"))
        put(", ss_size=")
        put(decimal: data.number(at: 16, bits: 64))
        put("}")
    }

    /// How a timer tells that it has run out. Source: struct sigevent.
    mutating func writeSignalEvent(_ data: ArraySlice<UInt8>) {
        put("{sigev_value={sival_int=")
        put(decimal: data.signed(at: 0, bits: 32))
        put(", sival_ptr=")
        put(address: data.number(at: 0, bits: 64))
        put("}, sigev_signo=")
        let kind = data.number(at: 12, bits: 32)
        let number = data.signed(at: 8, bits: 32)
        // SIGEV_NONE, SIGEV_THREAD: the number means nothing.
        if kind == 1 || kind == 2 { put(decimal: number) } else { writeSignalName(Int32(truncatingIfNeeded: number)) }
        put(", sigev_notify=")
        writeChoice(kind, set("sigevent"))
        if kind == 4 {
            put(", sigev_notify_thread_id=")
            put(decimal: data.signed(at: 16, bits: 32))
        }
        put("}")
    }
}
