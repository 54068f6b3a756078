/// A frame before its code is looked up. Source: `_PyInterpreterFrame`; up to CPython 3.10 `PyFrameObject`.
struct RawFrame: Hashable, Sendable {
    /// Where it is in the target.
    var address: RemoteAddress
    /// Code object; since 3.13 any object, for frames that are none.
    var code: RemoteAddress
    /// Frame of the caller.
    var previous: RemoteAddress
    /// Instruction that runs, or the one before: its address; up to 3.10 its place, −1 before the first.
    var instruction: UInt64
    /// Who owns its memory: thread 0, generator 1, frame object 2, the interpreter or the C stack above. Up to 3.10
    /// 1 for that of a generator, else 0.
    var owner: UInt8

    /// False for one that ended or did not begin yet, up to 3.10; later versions do not tell.
    var isRunning = true

    /// Whether nothing but the instruction differs, as in a frame that went on.
    func isSameCall(as other: RawFrame) -> Bool {
        code == other.code && previous == other.previous && owner == other.owner
    }
}

extension PythonLayout {
    /// The frame whose copy begins at a place in bytes that were read.
    func frame(_ bytes: [UInt8], _ start: Int, _ address: RemoteAddress) -> RawFrame {
        let place = start + frameInstruction
        var owner: UInt8 = 0
        if let frameGenerator {
            owner = bytes.word(start + frameGenerator) == 0 ? 0 : 1
        } else if let frameOwner {
            owner = bytes.byte(start + frameOwner)
        }
        return RawFrame(
            address: address, code: RemoteAddress(bytes.word(start + frameCode) & referenceMask),
            previous: RemoteAddress(bytes.word(start + framePrevious)),
            instruction: hasFrameObjects ? UInt64(bitPattern: Int64(bytes.int(place))) : bytes.word(place),
            owner: owner,
            isRunning: frameRunning.map { bytes.byte(start + $0.offset) == $0.value } ?? true)
    }
}

extension PythonLayout {
    /// Frames with their names and lines, without those that are not shown, and where they are: up to the first that is no whole one.
    ///
    /// - Parameter known: the code that was looked up.
    func named(_ chain: some Sequence<RawFrame>, _ known: [RemoteAddress: CodeEntry])
        -> (frames: [PythonFrame], raw: [RawFrame], isWhole: Bool)
    {
        var found: (frames: [PythonFrame], raw: [RawFrame], isWhole: Bool) = ([], [], true)
        for frame in chain where !isShim(owner: frame.owner) {
            guard frame.owner < 3, let code = known[frame.code], let unit = code.unit(of: frame.instruction) else {
                found.isWhole = false
                break
            }
            if code.isBeingMade(frame, at: unit) { continue }
            found.frames.append(PythonFrame(code, unit))
            found.raw.append(frame)
        }
        return found
    }
}
