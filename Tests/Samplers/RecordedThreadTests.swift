import Testing

@testable import Profiles
@testable import PythonInspection
@testable import Samplers

@Suite struct RecordedThreadTests {
    private func sample(_ frames: [Int32]) -> ThreadSample {
        ThreadSample(
            serial: 1, interpreter: 0, tid: 7, pythonThreadId: 8, isMain: true, state: .running,
            place: PythonThreadState(address: RemoteAddress(4096), pythonThreadId: 8, nativeThreadId: 7),
            isStill: false, frames: frames)
    }

    @Test func aStackThatIsCutEndsWhereItWasCut() {
        // The tree of stacks has room for "a", "a c" and nothing more.
        var profile = Profile(askedHz: 100, maximumNodes: 3)
        let frames = ["a", "b", "c"].map { profile.frame(ProfileFrame(function: $0)) }
        var thread = RecordedThread(thread: profile.thread(pid: 7, tid: 7, name: nil))
        thread.follow(sample([0, 2]), frames, in: &profile, atNanoseconds: 1_000_000)
        #expect(profile.statistics.cutSamples == 0)
        // "a b c" has no room: it is not "a c", which nobody has seen then.
        for round in 1...3 {
            thread.follow(sample([0, 1, 2]), frames, in: &profile, atNanoseconds: UInt64(round + 1) * 1_000_000)
            #expect(profile.statistics.cutSamples == UInt64(round))
        }
        thread.follow(sample([0, 2]), frames, in: &profile, atNanoseconds: 9_000_000)
        #expect(profile.statistics.cutSamples == 3 && profile.statistics.samples == 5)
    }
}
