public import CBpf
internal import Linux

/// The program clock-stacks in the kernel: it takes the Python stacks of threads on whose clocks it is set.
public struct ClockProgram: ~Copyable {
    private let object: BpfObject
    private var ring: RingBuffer
    private let controls: Int32
    private let lost: Int32
    private let exits: FileDescriptor
    /// Descriptor of the program, for a thread's clock.
    public let descriptor: Int32

    /// Loads the program for one process.
    ///
    /// - Parameter layout: where things are in the process.
    /// - Throws: ``BpfError``.
    public init(_ layout: cs_layout) throws(BpfError) {
        let object = try BpfObject.load(clockStacksObject, length: clockStacksLength, constants: layout)
        let ring = try RingBuffer(map: object.map("records"))
        let (controls, lost) = (try object.map("controls"), try object.map("lost"))
        let exits = try object.attach(object.program("on_exit"), toTracepoint: "sched_process_exit")
        descriptor = try object.program("on_moment")
        self.exits = exits
        (self.controls, self.lost) = (controls, lost)
        self.object = object
        self.ring = ring
    }

    /// Tells the program what may change.
    ///
    /// - Throws: ``BpfError``.
    public func tell(_ control: cs_control) throws(BpfError) {
        try object.update(controls, to: control)
    }

    /// Reads the records since the last call, one behind the other; what `bytes` holds is replaced.
    public mutating func drain(into bytes: inout [UInt8]) {
        ring.drain(into: &bytes)
    }

    /// Records for which there was no room, since the beginning.
    public var lostRecords: UInt64 {
        var count: UInt64 = 0
        try? object.read(lost, into: &count)
        return count
    }
}
