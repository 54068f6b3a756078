import Elf
import Glibc
import Linux
import TestProcesses
import Testing

@testable import NativeStacks

@Suite struct UnwinderTests {
    private static let source = """
        #include <signal.h>
        #include <stdio.h>
        #include <string.h>
        #include <sys/epoll.h>
        #include <unistd.h>
        namespace farm {
            static void rest() { puts("ready"); fflush(stdout); while (true) pause(); }
            template <class Animal> struct Stable {
                __attribute__((noinline)) int feed(int times) { rest(); return times + 1; }
            };
            struct Cow {};
        }
        extern "C" __attribute__((noinline)) int deeper(int depth) {
            volatile char room[64] = {0};
            if (depth == 0) { farm::rest(); return 0; }
            return deeper(depth - 1) + room[0] + 1;
        }
        extern "C" __attribute__((noinline)) void handle(int) { farm::rest(); }
        extern "C" __attribute__((noinline)) int victim(void) { raise(SIGUSR1); return 1; }
        extern "C" __attribute__((noinline)) int sleeper(void) {
            struct epoll_event event;
            int polled = epoll_create1(0);
            puts("ready");
            fflush(stdout);
            return epoll_wait(polled, &event, 1, -1) + 1;
        }
        int main(int count, char **words) {
            const char *what = words[1];
            if (!strcmp(what, "template")) return farm::Stable<farm::Cow>().feed(count);
            if (!strcmp(what, "deep")) return deeper(100000);
            if (!strcmp(what, "signal")) { signal(SIGUSR1, handle); return victim(); }
            return sleeper();
        }
        """

    private func run(_ path: String, _ what: String) throws -> Child {
        let child = try Child(program: path, arguments: ["program", what], onPipes: true)
        try #require(child.line() == "ready")
        while child.state(of: child.pid) != "S" { usleep(100) }
        return child
    }

    private func names(_ pid: Int32, limit: Int = StackCapture.defaultLimit) throws -> (
        names: [String], stack: NativeStack
    ) {
        let capture = try StackCapture.take(pid, of: pid, limit: limit) {}.capture
        let unwinder = try Unwinder(pid: pid)
        let stack = unwinder.stack(of: capture)
        let functions = unwinder.functions(of: stack.frames.map(\.lookupAddress))
        #expect(stack.frames.allSatisfy { functions[$0.lookupAddress] != nil })
        return (stack.frames.compactMap { functions[$0.lookupAddress]?.name }, stack)
    }

    @Test func functionsOfCppAreNamedFromTheInnermostToTheFirst() throws {
        let program = try CompiledProgram(Self.source, options: "-O1", language: "c++")
        let child = try run(program.path, "template")
        let (names, stack) = try names(child.pid)
        #expect(stack.isComplete)
        #expect(stack.frames[0].isExact && !stack.frames[1].isExact)
        let expected = ["farm::rest()", "farm::Stable<farm::Cow>::feed(int)", "main"]
        #expect(names.filter { expected.contains($0) } == expected, "\(names)")
        #expect(names.first == "pause" && names.last == "_start", "\(names)")
    }

    @Test func aStrippedProgramIsUnwoundAndNamedByWhatItExports() throws {
        let program = try CompiledProgram(
            Self.source, options: "-O2 -fomit-frame-pointer -s -rdynamic", language: "c++")
        let child = try run(program.path, "template")
        let (names, stack) = try names(child.pid)
        #expect(stack.isComplete && stack.frames.count > 4)
        #expect(names.contains("main"), "\(names)")
    }

    @Test func aFileWithoutSectionHeadersOrWithoutANameIsNoDifferent() throws {
        let program = try CompiledProgram(Self.source, options: "-O1 -rdynamic", language: "c++")
        var bytes = try FileDescriptor.open(program.path).readToEnd(limit: 1 << 24)
        // e_shoff, e_shnum and e_shstrndx, elf(5).
        for place in Array(40..<48) + Array(60..<64) { bytes[place] = 0 }
        let directory = try TemporaryDirectory()
        try directory.write("bare", bytes)
        unsafe chmod(directory.path + "/bare", 0o755)
        let child = try run(directory.path + "/bare", "template")
        try directory.remove("bare")
        // Another file takes the name: it is not the one that is mapped.
        try directory.write("bare", [UInt8](repeating: 0, count: 100_000))
        let (names, stack) = try names(child.pid)
        #expect(stack.isComplete)
        if geteuid() == 0 { #expect(names.contains("main"), "\(names)") }
    }

    @Test func aHandlerLeadsBackToWhatItInterrupted() throws {
        let program = try CompiledProgram(Self.source, options: "-O1", language: "c++")
        let child = try run(program.path, "signal")
        let (names, stack) = try names(child.pid)
        #expect(stack.isComplete)
        let expected = ["handle", "victim", "main"]
        #expect(names.filter { expected.contains($0) } == expected, "\(names)")
        #expect(stack.frames.dropFirst().contains { $0.isExact })
    }

    @Test func aThreadThatMustNotBeStoppedIsReadAsItSleeps() throws {
        let program = try CompiledProgram(Self.source, options: "-O1", language: "c++")
        let child = try run(program.path, "sleep")
        let capture = try StackCapture.take(child.pid, of: child.pid) {}.capture
        #expect(!capture.hasAllRegisters && capture.stoppedNanoseconds == 0)
        let (names, _) = try names(child.pid)
        #expect(names.contains("sleeper") && names.contains("main"), "\(names)")
    }

    @Test func aStackLargerThanTheCopyIsCutAndSaysSo() throws {
        let program = try CompiledProgram(Self.source, options: "-O0 -fno-optimize-sibling-calls", language: "c++")
        let child = try Child("ulimit -s 65536; exec \(program.path) deep")
        while child.state(of: child.pid) != "S" || child.comm(of: child.pid) == "sh" { usleep(1000) }
        let (names, stack) = try names(child.pid, limit: 64 << 10)
        #expect(!stack.isComplete)
        #expect(stack.frames.count > 100 && stack.frames.count < 2000)
        #expect(names.count { $0 == "deeper" } > 100)
    }

    @Test func aCorruptedStackEndsSomewhere() throws {
        let program = try CompiledProgram(Self.source, options: "-O1", language: "c++")
        let child = try run(program.path, "signal")
        let whole = try StackCapture.take(child.pid, of: child.pid) {}.capture
        let unwinder = try Unwinder(pid: child.pid)
        let depth = unwinder.stack(of: whole).frames.count
        #expect(depth > 4)
        var random = Randomness(seed: 7)
        for round in 0..<1500 {
            var bytes = whole.bytes
            for _ in 0..<(1 + round % 200) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                // Mostly what could be taken for an address.
                if round % 3 == 0 {
                    bytes[place] = .random(in: 0...255, using: &random)
                } else {
                    let from = Int.random(in: 0...(bytes.count - 8) / 8, using: &random) * 8
                    for offset in 0..<8 { bytes[(place & ~7 + offset) % bytes.count] = whole.bytes[from + offset] }
                }
            }
            var registers = whole.registers
            if round % 5 == 0 {
                registers = ThreadRegisters(
                    instructionPointer: .random(in: 0...UInt64.max, using: &random),
                    stackPointer: whole.registers.stackPointer &+ UInt64(Int.random(in: 0...64, using: &random)))
            }
            let stack = unwinder.stack(of: StackCapture(registers, true, whole.start, bytes, 0))
            #expect(stack.frames.count <= 20_000)
        }
        #expect(unwinder.stack(of: whole).frames.count == depth)
    }

    @Test func corruptedTablesOfSymbolsAreReadWithoutHarm() throws {
        let program = try CompiledProgram(Self.source, options: "-O1 -g", language: "c++")
        let bytes = try FileDescriptor.open(program.path).readToEnd(limit: 1 << 24)
        let wanted = (0..<64).map { UInt64($0) * 0x80 }
        let names = ElfFile(bytes).functions(of: wanted)
        #expect(names.values.contains { $0.name == "main" || $0.name.hasPrefix("_Z") })
        var random = Randomness(seed: 11)
        let header = Int(bytes.number(40, 8))
        for round in 0..<1000 {
            var broken = bytes
            for _ in 0..<20 {
                let place = [0..<64, 64..<1000, header..<bytes.count, 0..<bytes.count][round % 4]
                broken[Int.random(in: place, using: &random)] = .random(in: 0...255, using: &random)
            }
            if round % 7 == 0 { broken.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            for function in ElfFile(broken).functions(of: wanted).values {
                #expect(function.name.utf8.count <= 3 * 4096)
            }
        }
    }

    @Test func manySectionsThatNameOneHugeTableAreReadWithinABound() {
        let (count, header) = (60_000, 64)
        var bytes = [UInt8](repeating: 0, count: header + count * 64)
        func put(_ value: UInt64, _ size: Int, at place: Int) {
            for index in 0..<size { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))) }
        }
        bytes.replaceSubrange(0..<6, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1])
        put(UInt64(header), 8, at: 40)
        put(64, 2, at: 58)
        put(UInt64(count), 2, at: 60)
        for section in 0..<count {
            put(2, 4, at: header + section * 64 + 4)
            put(1 << 40, 8, at: header + section * 64 + 24)
            put(1 << 30, 8, at: header + section * 64 + 32)
        }
        var asked = 0
        let whole = bytes
        let file = ElfFile { offset, length in
            asked += length
            guard offset < UInt64(whole.count) else { return [] }
            return Array(whole[Int(offset)...].prefix(length))
        }
        #expect(file.functions(of: [0x1000]).isEmpty)
        #expect(asked > 64 << 20 && asked < 600 << 20)
    }
}
