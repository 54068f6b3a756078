import TestProcesses
import Testing

@testable import PythonInspection

/// A thread whose frames fill several chunks, in memory that the test writes.
private struct DeepThread {
    let layout: PythonLayout
    var memory = MemoryImage()
    let state: RemoteAddress
    private let carrier: RemoteAddress?
    private var chunks: [RemoteAddress] = []
    private(set) var frames: [RemoteAddress] = []

    private static let chunkLength = 4096

    init?(minor: Int) {
        guard
            let layout = PythonLayout(
                version: PythonVersion(major: 3, minor: minor), architecture: PythonLayout.architecture)
        else { return nil }
        self.layout = layout
        state = memory.add([UInt8](repeating: 0, count: 512))
        carrier = layout.threadCFrame == nil ? nil : memory.add([UInt8](repeating: 0, count: 64))
        if let carrier, let offset = layout.threadCFrame { memory.write(carrier.rawValue, at: state + offset) }
    }

    /// Where the next frame goes; a new chunk where the newest is full.
    private mutating func room() -> RemoteAddress {
        let step = layout.frameSize + 24
        if let chunk = chunks.last, let frame = frames.last, frame >= chunk,
            frame.rawValue + UInt64(2 * step) <= chunk.rawValue + UInt64(Self.chunkLength)
        {
            return frame + step
        }
        let chunk = memory.add([UInt8](repeating: 0, count: Self.chunkLength))
        memory.write(UInt64(Self.chunkLength), at: chunk + layout.chunkSize)
        memory.write(chunks.last?.rawValue ?? 0, at: chunk + layout.chunkPrevious)
        memory.write(UInt64((Self.chunkLength - layout.chunkData) / 8), at: chunk + layout.chunkTop)
        chunks.append(chunk)
        return chunk + layout.chunkData
    }

    /// Calls a function, in a frame outside of the chunks where it is a generator.
    mutating func call(_ code: UInt64, isGenerator: Bool = false) {
        let frame = isGenerator ? memory.add([UInt8](repeating: 0, count: layout.frameSize)) : room()
        memory.write(code, at: frame + layout.frameCode)
        memory.write(frames.last?.rawValue ?? 0, at: frame + layout.framePrevious)
        memory.write(code + 64, at: frame + layout.frameInstruction)
        if let owner = layout.frameOwner { memory.write(isGenerator ? 1 : 0, at: frame + owner, size: 1) }
        frames.append(frame)
        point()
    }

    mutating func comeBack() {
        let gone = frames.removeLast()
        if let chunk = chunks.last, gone == chunk + layout.chunkData { chunks.removeLast() }
        point()
    }

    /// Lets a frame go on to another instruction.
    mutating func goOn(_ number: Int, to instruction: UInt64) {
        memory.write(instruction, at: frames[number] + layout.frameInstruction)
    }

    /// Has the thread's state say where it is.
    private mutating func point() {
        let leaf = frames.last?.rawValue ?? 0
        if let carrier {
            memory.write(leaf, at: carrier + layout.cframeCurrent)
        } else {
            memory.write(leaf, at: state + layout.threadFrame)
        }
        if let offset = layout.threadChunk { memory.write(chunks.last?.rawValue ?? 0, at: state + offset) }
        let inside = frames.last { frame in chunks.contains { frame >= $0 && frame < $0 + Self.chunkLength } }
        let top = inside.map { $0.rawValue + UInt64(layout.frameSize + 24) } ?? 0
        if let offset = layout.threadTop { memory.write(top, at: state + offset) }
    }
}

struct DeepStackTests {
    private static let minors = Array(11...15).filter { DeepThread(minor: $0) != nil }

    /// What one that knows nothing of the thread reads.
    private static func anew(_ thread: inout DeepThread) throws -> [RawFrame] {
        var reader = StackReader(layout: thread.layout)
        #expect(try reader.read(thread: thread.state, isStopped: true, from: &thread.memory))
        return reader.frames
    }

    @Test("What one reading keeps for the next changes nothing of what is read", arguments: Self.minors, [false, true])
    func kept(minor: Int, isStopped: Bool) throws {
        var thread = try #require(DeepThread(minor: minor))
        var random = Randomness(seed: UInt64(minor))
        for depth in 0..<200 { thread.call(UInt64(0x1000 + depth * 256), isGenerator: depth % 37 == 5) }
        var reader = StackReader(layout: thread.layout)
        var before: [RawFrame] = []
        var shared = 0
        for round in 0..<300 {
            switch random.next() % 5 {
            case 0: thread.goOn(Int(random.next() % UInt64(thread.frames.count)), to: random.next())
            case 1:
                for _ in 0..<random.next() % 60 where thread.frames.count < 400 {
                    thread.call(random.next() & 0xffff_ff00)
                }
            case 2: for _ in 0..<random.next() % 60 where thread.frames.count > 70 { thread.comeBack() }
            case 3: thread.call(0x77_0000, isGenerator: true)
            default: break
            }
            // The first may only find out where the thread went.
            var isWhole = false
            for _ in 0..<6 where !isWhole {
                isWhole = try reader.read(thread: thread.state, isStopped: isStopped, from: &thread.memory)
            }
            #expect(isWhole, "round \(round)")
            let truth = try Self.anew(&thread)
            #expect(reader.frames == truth && truth.count == thread.frames.count, "round \(round)")
            // So much of it is as it was, and not one frame more.
            let same = zip(truth.reversed(), before.reversed()).prefix { $0 == $1 }.count
            #expect(reader.unchangedOuterFrames == same, "round \(round)")
            shared += same
            before = truth
        }
        #expect(shared > 10_000)
    }
}
