internal import Dispatch

/// Runs an actor's jobs on a serial Dispatch queue of its own, so that a source which blocks holds up nobody else.
final class QueueExecutor: SerialExecutor {
    let queue: DispatchQueue

    init(_ name: String) {
        queue = DispatchQueue(label: "viv." + name)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
