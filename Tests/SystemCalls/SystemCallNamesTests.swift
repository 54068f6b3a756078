import Testing

@testable import SystemCalls

/// Numbers of system calls of both kinds of processors.
struct SystemCallNamesTests {
    @Test(
        "Numbers differ between architectures",
        arguments: [
            ("read", 0, 63), ("openat", 257, 56), ("futex", 202, 98), ("epoll_pwait2", 441, 441), ("clone3", 435, 435),
            ("newfstatat", 262, 79), ("rseq", 334, 293), ("io_uring_setup", 425, 425), ("mseal", 462, 462),
        ] as [(String, Int32, Int32)])
    func names(name: String, intel: Int32, arm: Int32) {
        #expect(SystemCallNames.x86_64.name(of: intel) == name && SystemCallNames.x86_64.number(of: name) == intel)
        #expect(SystemCallNames.arm64.name(of: arm) == name && SystemCallNames.arm64.number(of: name) == arm)
    }

    @Test func aNumberInAGapHasNoName() {
        #expect(SystemCallNames.x86_64.name(of: 400) == nil && SystemCallNames.arm64.name(of: 350) == nil)
        #expect(SystemCallNames.x86_64.name(of: -1) == nil && SystemCallNames.native.name(of: .max) == nil)
        #expect(SystemCallNames.arm64.number(of: "open") == nil && SystemCallNames.x86_64.number(of: "open") == 2)
    }
}
