import Glibc
import Sampling
import Testing

struct DescriptorWatchTests {
    /// Both ends of a pipe, closed with the value.
    private struct Pipe: ~Copyable {
        let reading: Int32
        let writing: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(unsafe pipe(&ends) == 0)
            (reading, writing) = (ends[0], ends[1])
        }

        func write() {
            var byte: UInt8 = 1
            _ = unsafe Glibc.write(writing, &byte, 1)
        }

        deinit {
            close(reading)
            close(writing)
        }
    }

    @Test func theHandlerRunsForEachByteThatComes() throws {
        let pipe = try Pipe()
        let reading = pipe.reading
        let bytes = Record<UInt8>()
        let watch = DescriptorWatch(reading, name: "pipe") {
            var byte: UInt8 = 0
            if unsafe read(reading, &byte, 1) == 1 { bytes.add(byte) }
        }
        try #require(watch != nil)
        #expect(bytes.all == [])
        for count in 1...3 {
            pipe.write()
            #expect(bytes.wait(for: count))
        }
        #expect(bytes.all == [1, 1, 1])
        withExtendedLifetime(watch) {}
    }
}
