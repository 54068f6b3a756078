internal import Linux
internal import SystemCalls

extension StopLoop {
    /// A thread stands at the begin or the end of a call.
    func call(_ tracee: Tracee) {
        let stop = tracee.thread.callStop
        if case .entry? = stop { tracees[tracee.thread.tid]?.isInside = true }
        if case .exit? = stop { tracees[tracee.thread.tid]?.isInside = false }
        switch stop {
        case .entry(let number, let arguments, let stackPointer, let isCompat)?:
            var event = event(.call, tracee)
            event.number = number
            event.arguments = arguments
            if isCompat { event.flags.insert(.compat) }
            // Return from a signal: what it has is on the stack. Behind the address it begins with are, of struct ucontext, flags, link,
            // stack and registers, and then the mask.
            #if arch(x86_64)
            if number == 15, !isCompat { event.arguments[0] = stackPointer + 8 + 8 + 24 + 256 }
            #endif
            entry(event, tracee)
        case .exit(let result, let isCompat)?: exit(result, isCompat, tracee)
        case nil: break
        }
    }

    private func entry(_ begun: SyscallEvent, _ tracee: Tracee) {
        var event = begun
        let repeated = tracee.repeated
        tracees[tracee.thread.tid]?.hasBegun = true
        tracees[tracee.thread.tid]?.repeated = nil
        if let repeated, event.number == repeated || event.number == StopLoop.restart {
            // Its registers are still those of the first begin.
            event.number = repeated
            event.flags.insert(.unseenEntry)
        }
        guard isWanted(event.number), !tracee.isHeld || event.number == execve else { return }
        var capture = capture(event)
        capture.takeAtEntry(&event, from: memory(of: tracee.thread.tid))
        if isFinal(event), !options.onlyFailed, options.slowerThanNanoseconds == 0 {
            event.flags = .final
            event.enteredNanoseconds = KernelClock.monotonicNanoseconds()
            event.leftNanoseconds = event.enteredNanoseconds
            board.tell(event)
            return
        }
        if !event.flags.contains(.unseenEntry) { event.enteredNanoseconds = KernelClock.monotonicNanoseconds() }
        board.begin(event, capture)
    }

    private func exit(_ result: Int64, _ isCompat: Bool, _ tracee: Tracee) {
        if let open = board.end(tracee.thread.tid) {
            // A program that was not found.
            if tracee.isHeld { return }
            finish(open.event, open.capture, result)
        } else if !tracee.hasBegun, !isCompat, let call = tracee.thread.callInRegisters {
            unseen(call.number, call.arguments, result, tracee)
        }
    }

    /// Tells of a call that had begun before the thread was looked at.
    private func unseen(_ number: Int32, _ arguments: InlineArray<6, UInt64>, _ result: Int64, _ tracee: Tracee) {
        guard isWanted(number), !tracee.isHeld else { return }
        var event = event(.call, tracee)
        event.number = number
        event.arguments = arguments
        event.flags = .unseenEntry
        var capture = capture(event)
        // What the kernel does not write is there still.
        capture.takeAtEntry(&event, from: memory(of: tracee.thread.tid))
        finish(event, capture, result)
    }

    private func finish(_ begun: SyscallEvent, _ capture: Capture, _ result: Int64) {
        var event = begun
        let isSeen = !event.flags.contains(.unseenEntry)
        if options.onlyFailed, !(-4095...(-1)).contains(result) { return }
        if options.slowerThanNanoseconds > 0 {
            guard isSeen, now &- event.enteredNanoseconds >= options.slowerThanNanoseconds else { return }
        }
        event.leftNanoseconds = now
        event.result = result
        capture.takeAtExit(&event, from: memory(of: event.tid))
        board.tell(event)
    }

    /// What a thread was in when it was seized: it ended, or the kernel begins it again because of the stop.
    func lookBack(_ tracee: Tracee) {
        let tid = tracee.thread.tid
        let isMended = tracee.thread.repeatInterruptedCall()
        guard tracee.isFresh else { return }
        settle(tid)
        guard let call = tracee.thread.callInRegisters else { return }
        if isMended || StopLoop.repeating.contains(call.result) {
            tracees[tid]?.repeated = call.number
        } else {
            unseen(call.number, call.arguments, call.result, tracee)
        }
    }

    func event(_ kind: SyscallEvent.Kind, _ tracee: Tracee) -> SyscallEvent {
        var event = SyscallEvent(kind)
        event.pid = tracee.pid
        event.tid = tracee.thread.tid
        return event
    }

    private func isWanted(_ number: Int32) -> Bool { options.wanted?.contains(number) ?? true }

    private func plan(_ event: SyscallEvent) -> CapturePlan? {
        let number = Int(event.number)
        return event.flags.contains(.compat) || !plans.indices.contains(number) ? nil : plans[number]
    }

    private func capture(_ event: SyscallEvent) -> Capture { Capture(plan(event), dataLimit: options.dataLimit) }

    private func isFinal(_ event: SyscallEvent) -> Bool { plan(event)?.isFinal == true }

    private func memory(of tid: Int32) -> Capture.Memory {
        let memory = ProcessMemory(pid: tid)
        return { address, count in memory.bytes(address, count) }
    }

    /// What the kernel returns from a call that it begins again: ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, ERESTART_RESTARTBLOCK.
    private static let repeating: Set<Int64> = [-512, -513, -514, -516]

    /// The call restart_syscall, by which the kernel goes on with one that has a time limit.
    #if arch(x86_64)
    private static let restart: Int32 = 219
    #else
    private static let restart: Int32 = 128
    #endif
}
