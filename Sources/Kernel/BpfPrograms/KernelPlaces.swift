internal import Linux

/// Where the kernel keeps what is asked of a thread, in its `task_struct`.
struct KernelPlaces {
    var run: UInt32
    var pointer: UInt32
    var state: UInt32

    /// Looked up once: the kernel stays the same.
    static let found = Result<KernelPlaces, BpfError> { () throws(BpfError) in try KernelPlaces() }

    private init() throws(BpfError) {
        let types: KernelTypes
        do throws(Errno) {
            types = try KernelTypes(ofStructures: ["task_struct", "sched_entity", "thread_struct"])
        } catch {
            throw .unsupported(error)
        }
        #if arch(arm64)
        let threadPointer = "uw"
        #else
        let threadPointer = "fsbase"
        #endif
        // Up to Linux 5.13 the state had another name.
        guard let entity = types["task_struct.se"], let run = types["sched_entity.sum_exec_runtime"],
            let thread = types["task_struct.thread"], let pointer = types["thread_struct." + threadPointer],
            let state = types["task_struct.__state"] ?? types["task_struct.state"]
        else { throw .unsupported(.noEntry) }
        (self.run, self.pointer, self.state) = (entity + run, thread + pointer, state)
    }
}
