import Testing

@testable import BpfPrograms

/// Records as the program in the kernel writes them.
@Suite struct ClockRecordTests {
    /// The bytes of `struct cs_record` and of its frames; 1 is the kind of a clock.
    private func bytes(flags: ClockFlags, part: UInt32, _ frames: [UInt64]) -> [UInt8] {
        var bytes: [UInt8] = []
        func add<Number: FixedWidthInteger>(_ numbers: [Number]) {
            for number in numbers {
                for place in 0..<Number.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
            }
        }
        // When, how long it ran and waited, its thread and state; tid, kind, flags, frames, part.
        add([5, 0, 0, 2, 1] as [UInt64])
        add([7, 1, flags.rawValue, UInt32(frames.count), part, 0])
        for code in frames {
            add([code, code + 8])
            add([3, 0] as [UInt32])
        }
        return bytes
    }

    private func codes(_ bytes: [UInt8]) -> [[UInt64]] {
        var reader = ClockRecordReader()
        var found: [[UInt64]] = []
        reader.read(bytes) { found.append($1.map(\.code)) }
        return found
    }

    @Test func aStackOfSeveralRecordsIsOneAndOneThatLacksAPartIsNone() {
        let (whole, more): (ClockFlags, ClockFlags) = (.hasStack, [.hasStack, .continues])
        let first = bytes(flags: more, part: 0, [1, 2])
        let second = bytes(flags: more, part: 1, [3])
        let last = bytes(flags: whole, part: 2, [4])
        let other = bytes(flags: whole, part: 0, [9])
        #expect(codes(first + second + last + other) == [[1, 2, 3, 4], [9]])
        #expect(codes(first + last + other) == [[9]])
        #expect(codes(second + last + other) == [[9]])
        #expect(codes(first + second + other) == [[9]])
        // Cut anywhere, nothing is read that is not there.
        let all = first + second + last
        for length in 0..<all.count { #expect(codes(Array(all[..<length])).allSatisfy { $0.count <= 4 }) }
        #expect(codes([]) == [])
    }
}
