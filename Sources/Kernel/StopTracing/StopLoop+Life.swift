internal import Linux
internal import SystemCalls

extension StopLoop {
    /// A signal arrives: it is told and passed on.
    func signal(_ number: Int32, _ tracee: Tracee) {
        let tid = tracee.thread.tid
        // Without a tracer, one that is ignored disturbs no call. Where a handler runs, the call ends as it would.
        lookBack(tracee)
        if tellsSignals {
            var event = moment(.signal, tracee)
            event.number = number
            if TracedThread.ignores(number, tid) { event.flags = .ignored }
            event.add(signalInformation: tracee.thread.signalInformation)
            board.tell(event)
        }
        tracees[tid]?.stopSignal = (19...22).contains(number) ? number : 0
        resume(tracee.thread, number)
    }

    /// The process is stopped: the thread stays so, until SIGCONT.
    func group(_ number: Int32, _ tracee: Tracee) {
        let tid = tracee.thread.tid
        settle(tid)
        // Told once: by the thread that took the signal.
        if tracee.stopSignal == number, tellsSignals {
            var event = moment(.signal, tracee)
            event.number = number
            event.flags = .stops
            board.tell(event)
        }
        tracees[tid]?.stopSignal = 0
        tracees[tid]?.isReleased = true
        tracees[tid]?.isInterrupted = false
        tracee.thread.listen()
    }

    private var tellsSignals: Bool { !options.onlyFailed && options.slowerThanNanoseconds == 0 }

    private func moment(_ kind: SyscallEvent.Kind, _ tracee: Tracee) -> SyscallEvent {
        var event = event(kind, tracee)
        event.enteredNanoseconds = now
        event.leftNanoseconds = now
        return event
    }

    // MARK: Births

    /// A thread made another one, or a child.
    func birth(_ tracee: Tracee) {
        guard let message = tracee.thread.message else { return }
        let tid = Int32(truncatingIfNeeded: message)
        let pid = TracedThread.status(of: tid)?.process ?? tracee.pid
        if tracee.isAlone || (pid != tracee.pid && !options.follows) {
            if newborns.remove(tid) != nil { TracedThread(known: tid).detach() } else { unwanted.insert(tid) }
            return
        }
        var event = moment(.birth, tracee)
        event.number = pid
        event.result = Int64(tid)
        board.tell(event)
        if gone.remove(tid) != nil { return }
        if tracees[tid] == nil { add(newborn: tid, of: pid) }
        if newborns.remove(tid) != nil { resume(TracedThread(known: tid)) }
    }

    private func add(newborn tid: Int32, of pid: Int32) {
        tracees[tid] = Tracee(
            thread: TracedThread(known: tid), pid: pid, isAlone: false, isFresh: false, hasBegun: true)
    }

    /// A thread that nothing is known of stands still: newly born, before who made it tells, or one that became another program.
    func handleUnknown(_ tid: Int32, _ stop: TraceStop) {
        if case .program = stop {
            program(tid)
            return resume(TracedThread(known: tid))
        }
        if unwanted.remove(tid) != nil {
            TracedThread(known: tid).detach()
            return
        }
        guard let status = TracedThread.status(of: tid) else { return TraceStop.acknowledge(tid) }
        let maker = status.process == tid ? status.parent : status.process
        if case .trap = stop, tracees.values.contains(where: { $0.pid == maker }) {
            newborns.insert(tid)
            return TraceStop.acknowledge(tid)
        }
        add(newborn: tid, of: status.process)
        if case .ending = stop, let tracee = tracees[tid] {
            newborns.remove(tid)
            gone.insert(tid)
            return ending(tracee)
        }
        resume(TracedThread(known: tid))
    }

    /// Who made them may have been killed before it told.
    private func takeUpNewborns() {
        for tid in newborns {
            add(newborn: tid, of: TracedThread.status(of: tid)?.process ?? tid)
            resume(TracedThread(known: tid))
        }
        newborns = []
    }

    // MARK: Programs and ends

    /// A thread became another program: its number is now that of its process, whose other threads are gone.
    func program(_ tid: Int32) {
        guard let message = TracedThread(known: tid).message else { return }
        let former = Int32(truncatingIfNeeded: message)
        guard former != tid else {
            tracees[tid]?.isHeld = false
            return settle(tid)
        }
        settle(former)
        settle(tid)
        let before = tracees.removeValue(forKey: former)
        tracees[tid] = Tracee(
            thread: TracedThread(known: tid), pid: tid, isAlone: before?.isAlone ?? false, isFresh: false,
            hasBegun: before?.hasBegun ?? true)
        board.rename(former, tid)
    }

    /// A thread is about to end. Nobody has to note its end but who always does: it is let go.
    func ending(_ tracee: Tracee) {
        let tid = tracee.thread.tid
        let status = tracee.thread.message ?? 0
        forget(tracee, status: Int64(truncatingIfNeeded: status))
        if !tracee.thread.detach() {
            // It was killed meanwhile, and its end is still to come.
            tracees[tid] = tracee
            tracees[tid]?.isFresh = false
            tracees[tid]?.isEnding = true
        }
        board.count(stopSince: now)
    }

    /// A thread has ended without a stop.
    func end(_ tid: Int32, _ status: Int64) {
        newborns.remove(tid)
        unwanted.remove(tid)
        guard let tracee = tracees[tid] else {
            gone.insert(tid)
            return
        }
        forget(tracee, status: status)
    }

    private func forget(_ tracee: Tracee, status: Int64) {
        let tid = tracee.thread.tid
        settle(tid)
        _ = board.end(tid)
        if !tracee.isEnding {
            var event = moment(.end, tracee)
            event.result = status
            board.tell(event)
        }
        tracees[tid] = nil
        takeUpNewborns()
    }
}
