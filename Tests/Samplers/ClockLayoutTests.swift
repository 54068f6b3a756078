import CBpf
import Testing

@testable import BpfPrograms
@testable import PythonInspection
@testable import Samplers

/// The program that threads take their stacks with, where the kernel lets this user load it.
@Suite(.enabled(if: ClockSampling.trouble == nil, "BPF programs may not be loaded here"))
struct ClockLayoutTests {
    static let versions =
        (6...15).map { PythonVersion(major: 3, minor: $0) }
        + (13...15).map { PythonVersion(major: 3, minor: $0, isFreeThreaded: true) }

    @Test(arguments: versions) func theKernelTakesTheProgramForEveryVersion(_ version: PythonVersion) throws {
        let layout = try #require(PythonLayout(version: version))
        for mode in SampleMode.allCases {
            var options = RecordingOptions()
            (options.mode, options.includesIdle) = (mode, mode == .wall)
            var program = try ClockProgram(try cs_layout(layout, options))
            var bytes: [UInt8] = [1, 2, 3]
            program.drain(into: &bytes)
            #expect(bytes == [])
        }
    }

    /// What the program masks offsets with is more than any of them.
    @Test(arguments: versions) func everythingLiesWithinWhatTheProgramReads(_ version: PythonVersion) throws {
        let layout = try cs_layout(try #require(PythonLayout(version: version)), RecordingOptions())
        #expect(layout.thread_size <= 512 && layout.code_size <= 512 && layout.frame_size <= 256)
        for place in [
            layout.thread_id, layout.thread_native_id, layout.thread_frame, layout.thread_cframe, layout.thread_chunk,
            layout.thread_top,
        ] where place != UInt32.max { #expect(place + 8 <= layout.thread_size) }
        for place in [layout.frame_code, layout.frame_previous, layout.frame_instruction] { #expect(place <= 248) }
    }
}
