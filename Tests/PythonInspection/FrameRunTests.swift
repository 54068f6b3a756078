import PythonInspection
import Testing

@Suite struct FrameRunTests {
    private static func frames(_ lines: Int...) -> [PythonFrame] {
        lines.map { PythonFrame(function: "f", qualifiedName: nil, file: "a.py", line: $0) }
    }

    private static func told(_ frames: [PythonFrame]) -> [String] {
        FrameRun.runs(of: frames).map { $0.isFolded ? "\($0.index)+\($0.count)" : "\($0.index)" }
    }

    @Test func repeatedLinesAreCountedAfterThree() {
        #expect(Self.told([]) == [])
        #expect(Self.told(Self.frames(1, 2, 2, 2, 3)) == ["0", "1", "2", "3", "4"])
        // One more is no longer than to say so.
        #expect(Self.told(Self.frames(2, 2, 2, 2)) == ["0", "1", "2", "3"])
        #expect(Self.told(Self.frames(1, 2, 2, 2, 2, 2, 3)) == ["0", "1", "2", "3", "4+2", "6"])
        #expect(Self.told(Array(repeating: Self.frames(7)[0], count: 10_000)) == ["0", "1", "2", "3+9997"])
    }

    @Test func onlyTheSameLineOfTheSameFunctionIsARepetition() {
        var frames = Self.frames(1, 1, 1, 1, 1, 1)
        frames[3].function = "g"
        #expect(Self.told(frames) == ["0", "1", "2", "3", "4", "5"])
        frames = Self.frames(1, 1, 1, 1, 1, 1)
        frames[4].line = nil
        #expect(Self.told(frames) == ["0", "1", "2", "3", "4", "5"])
        frames = Self.frames(1, 1, 1, 1, 1)
        for index in frames.indices { frames[index].column = index }
        #expect(Self.told(frames) == ["0", "1", "2", "3+2"])
    }
}
