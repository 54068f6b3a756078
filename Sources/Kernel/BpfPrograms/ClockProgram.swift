internal import CBpf
internal import Linux

/// The program clock-stacks in the kernel: it takes the Python stacks of threads on whose clocks it is set.
public struct ClockProgram: ~Copyable {
    private let object: BpfObject
    private var ring: RingBuffer
    private let controls: Int32
    private let exits: FileDescriptor
    /// Descriptor of the program, for a thread's clock.
    public let descriptor: Int32

    /// Loads the program for one process.
    ///
    /// - Parameter layout: where things are in the process.
    /// - Throws: ``BpfError``.
    public init(_ layout: ClockLayout) throws(BpfError) {
        let object = try BpfObject(clockStacksObject, length: clockStacksLength)
        try object.setConstants(try cs_layout(layout))
        try object.setEntriesPerProcessor("scratches")
        try object.load()
        let ring = try RingBuffer(map: object.map("records"))
        let controls = try object.map("controls")
        let exits = try object.attach(object.program("on_exit"), toTracepoint: "sched_process_exit")
        descriptor = try object.program("on_moment")
        self.exits = exits
        self.controls = controls
        self.object = object
        self.ring = ring
    }

    /// One interpreter of the process.
    public struct Interpreter: Sendable, Equatable {
        /// Where its state is, and its lock: 0 where there is none.
        public var state: UInt64, lock: UInt64, lockLength: UInt64
        /// The word that names the lock's holder where that is no part of the lock; 0 where it is.
        public var current: UInt64

        /// An interpreter by its addresses.
        public init(state: UInt64, lock: UInt64, lockLength: UInt64, current: UInt64) {
            (self.state, self.lock, self.lockLength, self.current) = (state, lock, lockLength, current)
        }
    }

    /// Tells the program what may change.
    ///
    /// - Parameters:
    ///   - interpreters: the main one first; more than 16 are not looked at.
    ///   - belief: for how long code at an address is believed to be what it was. Unit: nanoseconds.
    /// - Throws: ``BpfError``.
    public func tell(_ interpreters: [Interpreter], beliefNanoseconds belief: UInt64) throws(BpfError) {
        var control = cs_control()
        control.belief = belief
        control.count = UInt64(min(interpreters.count, Int(CS_INTERPRETERS)))
        unsafe withUnsafeMutableBytes(of: &control.interpreters) { room in
            let room = unsafe room.bindMemory(to: cs_interpreter.self)
            for (index, interpreter) in interpreters.prefix(room.count).enumerated() {
                unsafe room[index] = cs_interpreter(
                    state: interpreter.state, lock: interpreter.lock, lock_length: interpreter.lockLength,
                    current: interpreter.current)
            }
        }
        try object.update(controls, to: control)
    }

    /// Reads the records since the last call, one behind the other; what `bytes` holds is replaced.
    public mutating func drain(into bytes: inout [UInt8]) {
        ring.drain(into: &bytes)
    }
}
