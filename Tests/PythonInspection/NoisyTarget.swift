import Samplers
import TestProcesses

@testable import PythonInspection

/// A live process whose memory is changed on its way: what a target that moves, ends or lies could give.
struct NoisyTarget: RemoteProcess, ~Copyable {
    /// What is done to the memory, each once in so many readings; 0 for never.
    struct Noise {
        var flippedBytes = 0
        var replacedWords = 0
        var failures = 0
        var cutMappings = false
    }

    private var target: LiveTarget
    private var random: Randomness
    private let noise: Noise
    /// Readings, and the bytes of all of them and of the largest.
    private(set) var readings = 0
    private(set) var bytesRead = 0
    private(set) var largest = 0

    init(_ target: consuming LiveTarget, _ noise: Noise, seed: UInt64) {
        self.target = target
        self.noise = noise
        random = Randomness(seed: seed)
    }

    /// The process again, without the noise.
    consuming func quiet() -> LiveTarget { target }

    private mutating func isTurn(_ interval: Int) -> Bool { interval > 0 && random.next() % UInt64(interval) == 0 }

    mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        readings += 1
        let asked = pieces.reduce(0) { $0 &+ $1.length }
        largest = max(largest, asked)
        if isTurn(noise.failures) {
            // What was read so far is there, and less than was asked for.
            bytes = [UInt8](repeating: 0xa5, count: Int(random.next() % 64))
            throw [RemoteMemoryError.unmapped, .unmapped, .unmapped, .gone, .refused][Int(random.next() % 5)]
        }
        try target.read(pieces, into: &bytes)
        bytesRead += bytes.count
        guard !bytes.isEmpty else { return }
        if isTurn(noise.flippedBytes) {
            for _ in 0...random.next() % 4 {
                bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(truncatingIfNeeded: random.next()) | 1
            }
        }
        if isTurn(noise.replacedWords), bytes.count >= 8 {
            let place = Int(random.next() % UInt64(bytes.count / 8)) * 8
            let own = bytes.word(Int(random.next() % UInt64(bytes.count / 8)) * 8)
            // Nothing, the largest, a little more than is usual, and another pointer of the same object.
            let word = [0, .max, 1 << 63, 1 << 62, 1 << 32, 1 << 24, 100_000, 4_096, own, own][Int(random.next() % 10)]
            for index in 0..<8 { bytes[place + index] = UInt8(truncatingIfNeeded: word >> (UInt64(index) * 8)) }
        }
    }

    mutating func mappings() throws(RemoteMemoryError) -> [RemoteMapping] {
        var mappings = try target.mappings()
        if noise.cutMappings {
            mappings.removeLast(Int(random.next() % UInt64(mappings.count)))
            mappings.shuffle(using: &random)
        }
        return mappings
    }

    mutating func file(of mapping: RemoteMapping, at offset: UInt64, count: Int) -> [UInt8]? {
        guard !isTurn(noise.failures), var bytes = target.file(of: mapping, at: offset, count: count) else {
            return nil
        }
        if isTurn(noise.flippedBytes), !bytes.isEmpty {
            bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
        }
        return bytes
    }

    mutating func activity(ofNative nativeThreadId: UInt64) -> ThreadActivity? {
        target.activity(ofNative: nativeThreadId)
    }
}
