import Testing

@testable import SystemCalls

/// Texts of calls, made of events by hand.
struct CallTextTests {
    private func text(
        _ name: String, _ arguments: [UInt64], result: Int64 = 0, flags: SyscallEvent.Flags = [],
        _ pieces: [(argument: Int, bytes: [UInt8], isFromExit: Bool, isCut: Bool)] = []
    ) -> String {
        var event = SyscallEvent(.call)
        event.number = SystemCallTable.native.number(of: name) ?? 9999
        event.result = result
        event.flags = flags
        for (index, value) in arguments.enumerated() { event.arguments[index] = value }
        for piece in pieces {
            event.add(
                MemoryPiece(
                    argument: piece.argument, isFromExit: piece.isFromExit, hasFailed: false, isCut: piece.isCut,
                    part: .itself, index: 0, bytes: piece.bytes[...]))
        }
        var text = CallText()
        text.write(event)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test func dataIsEscapedAsShortAsCanBe() {
        let bytes: [UInt8] = [0, 0x31, 7, 0x38, 0x1b, 0x5b, 10, 9, 34, 92, 0xc3, 0xa4, 0x7f]
        #expect(
            text("write", [1, 0x1000, 99], result: 13, [(1, bytes, false, true)])
                == #"write(1, "\0001\78\33[\n\t\"\\\303\244\177"…, 99) = 13"#)
    }

    @Test func whatCannotBeReadIsAnAddress() {
        #expect(text("open", [0x7f00, 0]) == "open(0x7f00, O_RDONLY) = 0")
        #expect(text("open", [0, 0], result: -14) == "open(NULL, O_RDONLY) = -1 EFAULT (Bad address)")
    }

    @Test func flagsAndWhatHasNoName() {
        #expect(text("epoll_create1", [0x80000], result: 3) == "epoll_create1(EPOLL_CLOEXEC) = 3")
        #expect(text("epoll_create1", [0x80001], result: -22).hasPrefix("epoll_create1(EPOLL_CLOEXEC|0x1) = -1 EINVAL"))
        #expect(text("epoll_create1", [1], result: -22).hasPrefix("epoll_create1(0x1 /* EPOLL_??? */) = -1 EINVAL"))
        #expect(text("lseek", [0, 5, 9], result: -22).hasPrefix("lseek(0, 5, 0x9 /* SEEK_??? */) = -1"))
        #expect(text("umask", [0o22], result: 0o7) == "umask(022) = 007")
        #expect(text("mprotect", [0x1000, 4096, 0]) == "mprotect(0x1000, 4096, PROT_NONE) = 0")
    }

    @Test func whatGoesOnAndWhatIsResumed() {
        var event = SyscallEvent(.call)
        event.number = SystemCallTable.native.number(of: "read") ?? 0
        event.arguments = [3, 0x1000, 10, 0, 0, 0]
        event.flags = .unfinished
        var begun = CallText()
        begun.write(event)
        #expect(String(decoding: begun.bytes, as: UTF8.self) == "read(3, <unfinished ...>")
        event.flags = []
        event.result = 2
        event.add(
            MemoryPiece(
                argument: 1, isFromExit: true, hasFailed: false, isCut: false, part: .itself, index: 0, bytes: [97, 98])
        )
        var resumed = CallText()
        resumed.writeResumed(event)
        #expect(String(decoding: resumed.bytes, as: UTF8.self) == "<... read resumed>\"ab\") = 2")
    }

    @Test func hostilePiecesAreLeftOut() {
        var event = SyscallEvent(.call, bytes: [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1], range: 0..<9)
        event.number = SystemCallTable.native.number(of: "write") ?? 1
        event.arguments = [1, 0x1000, 10, 0, 0, 0]
        var written = CallText()
        written.write(event)
        #expect(String(decoding: written.bytes, as: UTF8.self) == "write(1, 0x1000, 10) = 0")
        // Every call, with memory that makes no sense.
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<200)).map { _ in
                UInt8.random(in: 0...255, using: &random) & (Bool.random() ? 0xff : 3)
            }
            var event = SyscallEvent(.call, bytes: bytes, range: 0..<bytes.count)
            event.number = Int32.random(in: 0..<470)
            event.result = Int64.random(in: -600...1000)
            for index in 0..<6 {
                event.arguments[index] = UInt64.random(in: 0...UInt64.max) >> UInt64.random(in: 0..<64)
            }
            var text = CallText()
            text.write(event)
            text.writeResumed(event)
            _ = text.arguments(of: event)
            #expect(!text.bytes.isEmpty)
        }
    }

    @Test func durationsAreReadToATenth() {
        var histogram = DurationHistogram()
        for value in 1...10_000 as ClosedRange<UInt64> { histogram.add(nanoseconds: value * 1000) }
        let median = Double(histogram.quantileNanoseconds(0.5) ?? 0)
        let last = Double(histogram.quantileNanoseconds(0.99) ?? 0)
        #expect(abs(median / 5e6 - 1) < 0.1 && abs(last / 9.9e6 - 1) < 0.1)
        #expect(DurationHistogram().quantileNanoseconds(0.5) == nil)
        for value: UInt64 in [0, 127, 128, 1000, 1 << 40, .max] {
            let (low, high) = DurationHistogram.bounds(DurationHistogram.place(value))
            #expect(low <= value && (value < high || value >= 1 << 38), "\(value)")
        }
    }
}
