internal import Linux

/// Where the kernel keeps what is asked of a thread, in its `task_struct`.
struct KernelPlaces {
    var run: UInt32
    /// Absent: where the kernel does not count it (CONFIG_SCHED_INFO).
    var delay: UInt32?
    var pointer: UInt32
    var state: UInt32

    /// Looked up once: the kernel stays the same.
    static let found = Result<KernelPlaces, BpfError> { () throws(BpfError) in try KernelPlaces() }

    private init() throws(BpfError) {
        #if arch(arm64)
        let pointer = "task_struct.thread.uw.tp_value"
        #else
        let pointer = "task_struct.thread.fsbase"
        #endif
        let run = "task_struct.se.sum_exec_runtime"
        let delay = "task_struct.sched_info.run_delay"
        // Up to Linux 5.13 the state had another name.
        let (state, oldState) = ("task_struct.__state", "task_struct.state")
        let types: KernelTypes
        do throws(Errno) {
            types = try KernelTypes(ofMembers: [run, delay, pointer, state, oldState])
        } catch {
            throw .unsupported(error)
        }
        guard let run = types[run], let pointer = types[pointer], let state = types[state] ?? types[oldState] else {
            throw .unsupported(.noEntry)
        }
        (self.run, self.delay, self.pointer, self.state) = (run, types[delay], pointer, state)
    }
}
