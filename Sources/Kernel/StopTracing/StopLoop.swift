internal import Glibc
internal import Linux
internal import Synchronization
internal import SystemCalls

/// The work of the thread that traces: it waits for stops and answers each.
final class StopLoop {
    let board: TraceBoard
    let options: SyscallOptions
    /// What is read, by number of the call.
    let plans: [CapturePlan?]
    /// Number of execve.
    let execve: Int32?
    var tracees: [Int32: Tracee] = [:]
    /// Threads that stand still until the one that made them tells of them.
    var newborns: Set<Int32> = []
    /// Newborns that nobody wants.
    var unwanted: Set<Int32> = []
    /// Threads that ended before the one that made them told of them.
    var gone: Set<Int32> = []
    /// When the stop that is being answered was learned of. Unit: nanoseconds.
    var now: UInt64 = 0
    /// Whether threads are no longer stopped at calls.
    private var isReleasing = false
    /// Stops since every thread was asked.
    private var sinceRound = 0

    init(_ board: TraceBoard, _ table: SystemCallTable, _ options: SyscallOptions) {
        self.board = board
        self.options = options
        execve = table.number(of: "execve")
        plans = table.calls.map { call in call.map { table.plan($0) } }
    }

    /// Works until it is told to end. The kernel then lets go of all threads, as this one ends.
    func run() {
        while !board.isEnding.load(ordering: .acquiring) {
            while let request = board.nextRequest() { answer(request) }
            if sinceRound > tracees.count { goRound() }
            do throws(Errno) {
                if let (tid, stop) = try next() { handle(tid, stop) }
            } catch .interrupted {
                continue
            } catch {
                // Nobody is traced: the next request ends the sleep.
                forgetAll()
                usleep(100_000)
            }
        }
        release()
    }

    /// Lets all threads run that do not sleep in a call, so that the kernel finds none at the begin of one, which would fail.
    private func release() {
        isReleasing = true
        for tid in Array(tracees.keys) where tracees[tid]?.isInside == false {
            tracees[tid]?.isInterrupted = true
            tracees[tid]?.thread.interrupt()
        }
        let begin = KernelClock.monotonicNanoseconds()
        while tracees.values.contains(where: { $0.isInterrupted || !($0.isInside || $0.isReleased) }),
            KernelClock.monotonicNanoseconds() - begin < StopLoop.patienceNanoseconds
        {
            goRound()
            sched_yield()
        }
    }

    /// How long it is tried. Unit: nanoseconds.
    private static let patienceNanoseconds: UInt64 = 500_000_000

    /// The next stop. It is asked for some microseconds before the thread falls asleep: most come sooner than it could be woken, above all
    /// from another processor, and the target waits meanwhile.
    private func next() throws(Errno) -> (tid: Int32, stop: TraceStop)? {
        for _ in 0..<StopLoop.turns {
            if let found = try TraceStop.next(waits: false) { return found }
            // Where the target waits for this processor, it needs it now.
            sched_yield()
        }
        return try TraceStop.next(waits: true)
    }

    /// How often it is asked.
    private static let turns = 60

    /// Asks each thread for itself. The kernel names the first one that stands still, so that two which are busy could keep the others waiting.
    private func goRound() {
        sinceRound = 0
        guard tracees.count > 1 || isReleasing else { return }
        for tid in Array(tracees.keys) {
            guard let found = try? TraceStop.next(of: tid, waits: false) else { continue }
            handle(found.tid, found.stop)
        }
        sinceRound = 0
    }

    private func handle(_ tid: Int32, _ stop: TraceStop) {
        now = KernelClock.monotonicNanoseconds()
        sinceRound += 1
        if case .ended(let status) = stop { return end(tid, Int64(status)) }
        guard let tracee = tracees[tid] else { return handleUnknown(tid, stop) }
        switch stop {
        case .call: call(tracee)
        case .signal(let number): return signal(number, tracee)
        case .group(let number): return group(number, tracee)
        case .trap:
            tracees[tid]?.isInterrupted = false
            lookBack(tracee)
        case .birth: birth(tracee)
        case .program: program(tid)
        case .ending: return ending(tracee)
        case .ended, .other: break
        }
        resume(tracee.thread)
    }

    /// Lets a thread run to its next stop.
    func resume(_ thread: TracedThread, _ signal: Int32 = 0) {
        board.count(stopSince: now)
        if isReleasing {
            tracees[thread.tid]?.isReleased = true
            thread.resumeThroughCalls(signal)
        } else {
            thread.resume(signal)
        }
    }

    private func forgetAll() {
        tracees = [:]
        newborns = []
        unwanted = []
        gone = []
        board.unsettled.store(0, ordering: .releasing)
        board.state.withLock { $0.open = [:] }
    }
}

// MARK: Whom to look at

extension StopLoop {
    private func answer(_ request: TraceBoard.Request) {
        var failure: StopTracingError?
        for pid in request.processes {
            do throws(StopTracingError) { try takeUp(process: pid, request) } catch { failure = failure ?? error }
        }
        for tid in request.threads {
            do throws(StopTracingError) { try takeUp(thread: tid) } catch { failure = failure ?? error }
        }
        board.state.withLock { $0.answers[request.id] = .some(failure) }
    }

    /// Seizes all threads of a process: those that appear meanwhile, too, until there is no new one.
    private func takeUp(process pid: Int32, _ request: TraceBoard.Request) throws(StopTracingError) {
        guard pid != getpid() else { throw .own }
        var seen: Set<Int32> = []
        var options: TracedThread.Options = [.threads, .programs, .ends]
        if self.options.follows { options.insert(.children) }
        while true {
            let new = TracedThread.threads(of: pid).filter { seen.insert($0).inserted && tracees[$0] == nil }
            if new.isEmpty { break }
            for tid in new {
                do throws(StopError) {
                    try seize(tid, of: pid, options, isAlone: false)
                    tracees[tid]?.isHeld = request.fromExec
                } catch .gone {
                    continue
                } catch {
                    // One that a thread of the process has made just now.
                    if TracedThread.isTracedByCaller(tid) { continue }
                    throw StopTracingError(pid, error)
                }
            }
        }
        if !tracees.values.contains(where: { $0.pid == pid }) { throw .gone(pid: pid) }
    }

    private func takeUp(thread tid: Int32) throws(StopTracingError) {
        guard tracees[tid] == nil else { return }
        guard let process = TracedThread.status(of: tid)?.process else { throw .gone(pid: tid) }
        guard process != getpid() else { throw .own }
        do throws(StopError) {
            try seize(tid, of: process, [.programs, .ends], isAlone: true)
        } catch {
            throw StopTracingError(tid, error)
        }
    }

    private func seize(_ tid: Int32, of pid: Int32, _ options: TracedThread.Options, isAlone: Bool) throws(StopError) {
        let thread = try TracedThread(seizing: tid, options)
        tracees[tid] = Tracee(thread: thread, pid: pid, isAlone: isAlone, isFresh: true, hasBegun: false)
        board.unsettled.add(1, ordering: .releasing)
    }

    /// A thread has stopped for the first time, or will never.
    func settle(_ tid: Int32) {
        guard tracees[tid]?.isFresh == true else { return }
        tracees[tid]?.isFresh = false
        board.unsettled.subtract(1, ordering: .releasing)
    }
}
