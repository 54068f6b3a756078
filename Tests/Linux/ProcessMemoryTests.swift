import Glibc
import Linux
import TestProcesses
import Testing

@Suite struct ProcessMemoryTests {
    /// Memory of this process with a page behind it that nobody may read; unmapped, another test could map it again.
    struct Pages: ~Copyable {
        let address: UInt64

        init(_ content: [UInt8]) throws {
            let size = Int(Machine.pageSize)
            guard let start = unsafe mmap(nil, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                unsafe start != MAP_FAILED
            else { throw Errno.noMemory }
            guard unsafe mprotect(start + size, size, PROT_NONE) == 0 else { throw Errno(rawValue: errno) }
            for (index, byte) in content.enumerated() {
                unsafe start.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            }
            address = UInt64(UInt(bitPattern: start))
        }

        deinit {
            unsafe munmap(UnsafeMutableRawPointer(bitPattern: UInt(address)), 2 * Int(Machine.pageSize))
        }
    }

    private let memory = ProcessMemory(pid: getpid())

    @Test func bytesAreReadAndTheEndOfAMappingCutsThem() throws {
        let pages = try Pages(Array(repeating: 0xA5, count: Int(Machine.pageSize)))
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = try unsafe bytes.withUnsafeMutableBytes { try unsafe memory.read(pages.address, into: $0) }
        #expect(count == 64 && bytes.allSatisfy { $0 == 0xA5 })
        let last = pages.address + Machine.pageSize - 10
        let cut = try unsafe bytes.withUnsafeMutableBytes { try unsafe memory.read(last, into: $0) }
        #expect(cut == 10)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        #expect(try memory.read(last, into: &raw) == 10)
    }

    @Test func memoryThatIsNotMappedIsABadAddress() throws {
        let pages = try Pages([1])
        let beyond = pages.address + Machine.pageSize
        for address in [0, 8, beyond, UInt64.max - 100] {
            #expect(throws: Errno.badAddress) {
                var bytes = [UInt8](repeating: 0, count: 8)
                _ = try unsafe bytes.withUnsafeMutableBytes { try unsafe memory.read(address, into: $0) }
            }
        }
    }

    @Test func scatteredPiecesSurviveABadOneAmongThem() throws {
        let pages = try Pages((0..<200).map { UInt8($0) })
        let beyond = pages.address + Machine.pageSize
        let pieces = [
            RemoteRange(address: pages.address + 10, length: 4), RemoteRange(address: 0, length: 8),
            RemoteRange(address: beyond - 2, length: 4), RemoteRange(address: beyond, length: 3),
            RemoteRange(address: pages.address + 100, length: 2),
        ]
        var bytes = [UInt8](repeating: 0xEE, count: 21)
        var received: [Int] = []
        try unsafe bytes.withUnsafeMutableBytes {
            try unsafe memory.read(scattered: pieces, into: $0, received: &received)
        }
        #expect(received == [4, 0, 2, 0, 2])
        #expect(bytes[0..<4] == [10, 11, 12, 13] && bytes[19...] == [100, 101])
        #expect(bytes[4..<12].allSatisfy { $0 == 0xEE })
    }

    @Test func thousandsOfPiecesTakeSeveralCalls() throws {
        let pages = try Pages((0..<251).map { UInt8($0) })
        let pieces = (0..<5_000).map { RemoteRange(address: pages.address + UInt64($0 % 251), length: 1) }
        var bytes = [UInt8](repeating: 0, count: 5_000)
        var received: [Int] = []
        try unsafe bytes.withUnsafeMutableBytes {
            try unsafe memory.read(scattered: pieces, into: $0, received: &received)
        }
        #expect(received == Array(repeating: 1, count: 5_000))
        #expect(bytes == (0..<5_000).map { UInt8($0 % 251) })
    }

    @Test func aProcessThatHasEndedHasNoMemory() throws {
        let child = try Child("exit 0")
        let pid = child.pid
        _ = child.reap()
        #expect(throws: Errno.noSuchProcess) {
            var bytes = [UInt8](repeating: 0, count: 8)
            var received: [Int] = []
            try unsafe bytes.withUnsafeMutableBytes {
                let piece = RemoteRange(address: 4_096, length: 8)
                try unsafe ProcessMemory(pid: pid).read(scattered: [piece], into: $0, received: &received)
            }
        }
    }
}
