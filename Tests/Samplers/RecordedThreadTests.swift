import Testing

@testable import Profiles
@testable import Samplers

@Suite struct RecordedThreadTests {
    private func add(_ sample: [Int32], of thread: inout RecordedThread, _ frames: [FrameId], to profile: inout Profile)
    {
        let node = thread.follow(sample, frames, in: &profile)
        profile.add(node, thread: thread.thread, atNanoseconds: profile.statistics.samples * 1_000_000)
    }

    @Test func aStackThatIsCutEndsWhereItWasCut() {
        // The tree of stacks has room for "a", "a c" and nothing more.
        var profile = Profile(askedHz: 100, maximumNodes: 3)
        let frames = ["a", "b", "c"].map { profile.frame(ProfileFrame(function: $0)) }
        var thread = RecordedThread(thread: profile.thread(pid: 7, tid: 7, name: nil))
        add([0, 2], of: &thread, frames, to: &profile)
        #expect(profile.statistics.cutSamples == 0)
        // "a b c" has no room: it is not "a c", which nobody has seen then.
        for round in 1...3 {
            add([0, 1, 2], of: &thread, frames, to: &profile)
            #expect(profile.statistics.cutSamples == UInt64(round))
        }
        add([0, 2], of: &thread, frames, to: &profile)
        #expect(profile.statistics.cutSamples == 3 && profile.statistics.samples == 5)
    }
}
