import CBpf
import Testing

@testable import BpfPrograms

/// Records as the program in the kernel writes them.
@Suite struct ClockRecordTests {
    private func bytes(flags: Int, part: UInt32, _ frames: [UInt64]) -> [UInt8] {
        var head = cs_record()
        (head.nanoseconds, head.thread, head.state, head.kind) = (5, 2, 1, UInt32(CS_CLOCK))
        (head.flags, head.count, head.part) = (UInt32(flags), UInt32(frames.count), part)
        var bytes = unsafe withUnsafeBytes(of: head) { unsafe Array($0) }
        for code in frames {
            let frame = cs_frame(code: code, instruction: code + 8, print: 3, owner: 0)
            unsafe bytes += withUnsafeBytes(of: frame) { unsafe Array($0) }
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
        let (whole, more) = (CS_HAS_STACK, CS_HAS_STACK | CS_CONTINUES)
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
