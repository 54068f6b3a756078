/// A generator, coroutine or asynchronous generator, and its frame.
struct RemoteGenerator: Equatable {
    /// What it is doing.
    enum State: String { case created, suspended, running, finished }

    var state: State
    /// Its frame: an object up to 3.10, else inside of the generator; nil for one that finished.
    var frame: RemoteAddress?
    /// Its code; nil for one that finished.
    var code: RemoteAddress?
}

extension PythonLayout {
    /// State and frame of a generator; nil when it does not look like one. Source: `PyGenObject`.
    func generator<Memory: RemoteMemory & ~Copyable>(at address: RemoteAddress, in memory: inout Memory)
        -> RemoteGenerator?
    {
        if hasFrameObjects { return generatorOfFrameObject(address, &memory) }
        guard let byte = try? memory.bytes(address + self["gen.gi_frame_state"], 1) else { return nil }
        let number = Int(Int8(bitPattern: byte.byte(0)))
        let state: RemoteGenerator.State
        // Since 3.15 the states are numbered from 0 on. Source: `enum _framestate`.
        if number == self["const.FRAME_CREATED"] {
            state = .created
        } else if number == self["const.FRAME_EXECUTING"] {
            state = .running
        } else {
            state = number < self["const.FRAME_EXECUTING"] ? .suspended : .finished
        }
        guard state != .finished else { return RemoteGenerator(state: state) }
        let frame = address + self["gen.gi_iframe"]
        guard let code = try? memory.pointer(frame + frameCode) else { return nil }
        return RemoteGenerator(
            state: state, frame: frame, code: RemoteAddress(code.rawValue & referenceMask))
    }

    private func generatorOfFrameObject<Memory: RemoteMemory & ~Copyable>(
        _ address: RemoteAddress, _ memory: inout Memory
    ) -> RemoteGenerator? {
        guard let frame = try? memory.pointer(address + self["gen.gi_frame"]) else { return nil }
        guard frame.rawValue != 0 else { return RemoteGenerator(state: .finished) }
        guard let bytes = try? memory.bytes(frame, frameSize) else { return nil }
        let isRunning = frameRunning.map { bytes.byte($0.offset) == $0.value } ?? false
        return RemoteGenerator(
            state: isRunning ? .running : bytes.int(frameInstruction) < 0 ? .created : .suspended, frame: frame,
            code: RemoteAddress(bytes.word(frameCode)))
    }
}
