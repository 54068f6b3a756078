internal import Glibc
internal import Linux
internal import Synchronization

/// A thread of our own that one piece of work has for itself: the kernel knows a tracer by its thread.
///
/// No signal disturbs it but the one that ``interrupt()`` sends to it alone.
final class PinnedThread: Sendable {
    /// What the new thread takes with it.
    private final class Start: Sendable {
        let work: @Sendable () -> Void
        let tid = Atomic<Int32>(0)
        let isDone = Atomic<Bool>(false)
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }

    private let thread: pthread_t
    private let start: Start
    private let isJoined = Atomic<Bool>(false)
    /// Nobody else has use for it; and who has no handler for it does not notice it.
    private static let signal = SIGURG

    /// A handler that does nothing, without SA_RESTART: calls of a thread that the signal reaches end.
    private static let hasHandler: Bool = {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in }
        return unsafe sigaction(signal, &action, nil) == 0
    }()

    /// Starts a thread.
    ///
    /// The C function is pthread_create(3).
    init(_ work: @escaping @Sendable () -> Void) throws(Errno) {
        guard Self.hasHandler else { throw .invalidArgument }
        let start = Start(work)
        var (blocked, before) = (sigset_t(), sigset_t())
        unsafe sigfillset(&blocked)
        unsafe sigdelset(&blocked, Self.signal)
        // It inherits what is blocked.
        unsafe pthread_sigmask(SIG_SETMASK, &blocked, &before)
        var thread = pthread_t()
        let argument = unsafe Unmanaged.passRetained(start)
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                start.tid.store(OwnThread.current(), ordering: .releasing)
                start.work()
                start.isDone.store(true, ordering: .releasing)
                return nil
            }, argument.toOpaque())
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        guard result == 0 else {
            unsafe argument.release()
            throw Errno(rawValue: result)
        }
        self.thread = thread
        self.start = start
    }

    /// Makes a call end in which the thread waits. It is lost when the thread has not begun to wait: send it until there is an answer.
    func interrupt() {
        let tid = start.tid.load(ordering: .acquiring)
        if tid != 0, !isJoined.load(ordering: .acquiring) { OwnThread.send(Self.signal, to: tid) }
    }

    /// Interrupts the thread until it has ended, and waits until the kernel has undone all that ends with it, such as traces. Only the
    /// first call does anything.
    ///
    /// The C function is pthread_join(3).
    func end() {
        guard !isJoined.exchange(true, ordering: .acquiringAndReleasing) else { return }
        while !start.isDone.load(ordering: .acquiring) {
            OwnThread.send(Self.signal, to: start.tid.load(ordering: .acquiring))
            usleep(50)
        }
        pthread_join(thread, nil)
        // The C library is told before the kernel lets go of what the thread traced.
        let tid = start.tid.load(ordering: .acquiring)
        while OwnThread.send(0, to: tid) { usleep(20) }
    }
}
