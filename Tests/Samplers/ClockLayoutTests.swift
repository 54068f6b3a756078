import BpfPrograms
import Testing

@testable import PythonInspection
@testable import Samplers

/// The program that threads take their stacks with, where the kernel lets this user load it.
@Suite(.enabled(if: !isRefused(), "BPF programs may not be loaded here"))
struct ClockLayoutTests {
    static let versions =
        (6...15).map { PythonVersion(major: 3, minor: $0) }
        + (13...15).map { PythonVersion(major: 3, minor: $0, isFreeThreaded: true) }

    @Test(arguments: versions) func theKernelTakesTheProgramForEveryVersion(_ version: PythonVersion) throws {
        let layout = try #require(PythonLayout(version: version))
        for mode in SampleMode.allCases {
            var options = RecordingOptions()
            (options.mode, options.includesIdle) = (mode, mode == .wall)
            var program = try ClockProgram(ClockLayout(layout, options))
            var bytes: [UInt8] = [1, 2, 3]
            program.drain(into: &bytes)
            #expect(bytes == [])
        }
    }

    /// What the program masks offsets with is more than any of them.
    @Test(arguments: versions) func everythingLiesWithinWhatTheProgramReads(_ version: PythonVersion) throws {
        let layout = ClockLayout(try #require(PythonLayout(version: version)), RecordingOptions())
        #expect(layout.thread.size <= 512 && layout.frame.size <= 256)
        #expect(layout.code.print.allSatisfy { $0 + 8 <= 512 } && layout.code.print.count == 8)
        let places = [layout.thread.carrier?.place, layout.thread.chunk, layout.thread.top]
        for place in [layout.thread.id, layout.thread.frame] + places.compactMap(\.self) {
            #expect(place + 8 <= layout.thread.size)
        }
        for place in [layout.frame.code, layout.frame.previous, layout.frame.instruction] { #expect(place <= 248) }
    }
}

/// Whether that is the kernel's or the machine's doing, and not the program's.
private func isRefused() -> Bool {
    guard let trouble = ClockSampling.trouble else { return false }
    return trouble.contains("may not be loaded") || trouble.contains("is not there") || trouble.contains("ENOENT")
}
