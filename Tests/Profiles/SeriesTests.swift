import Profiles
import Testing

@Suite("The series of samples")
struct SeriesTests {
    private func runs(_ profile: Profile, _ thread: ThreadId) -> [SampleRun] {
        var result: [SampleRun] = []
        profile.forEachRun(of: thread) { result.append($0) }
        return result
    }

    @Test func `A thread that stays is one run; one that was away starts a new one`() {
        var profile = Profile(askedHz: 1_000)
        let thread = profile.thread(pid: 1, tid: 1, name: "t")
        let node = profile.node(of: "a:1")
        for round in 0..<100 { profile.add(node, thread: thread, atNanoseconds: UInt64(round) * 1_000_000) }
        for round in 200..<203 { profile.add(node, thread: thread, atNanoseconds: UInt64(round) * 1_000_000) }
        #expect(
            runs(profile, thread) == [
                SampleRun(node: node, firstMicroseconds: 0, lastMicroseconds: 99_000, samples: 100),
                SampleRun(node: node, firstMicroseconds: 200_000, lastMicroseconds: 202_000, samples: 3),
            ])
        #expect(profile.statistics.samples == 103)
    }

    @Test func `What goes in comes out, whatever the times`() {
        var profile = Profile(askedHz: 1_000)
        var dice = Dice()
        let thread = profile.thread(pid: 1, tid: 1, name: "t")
        let nodes = (0..<300).map { profile.node(of: "a:\($0) b:\($0 % 7)") }
        var now: UInt64 = 0
        var expected: [NodeId: UInt64] = [:]
        for _ in 0..<20_000 {
            now += UInt64.random(in: 0...3_000_000, using: &dice)
            // Clocks that go backwards are a thing of the past.
            let seen = UInt64.random(in: 0..<50, using: &dice) == 0 ? now / 2 : now
            let node = nodes[Int.random(in: 0..<300, using: &dice)]
            let weight = Int.random(in: -1...3, using: &dice)
            profile.add(node, thread: thread, atNanoseconds: seen, weight: weight)
            if weight > 0 { expected[node, default: 0] += UInt64(weight) }
        }
        var found: [NodeId: UInt64] = [:]
        var before: UInt64 = 0
        for run in runs(profile, thread) {
            found[run.node, default: 0] += run.samples
            #expect(run.firstMicroseconds >= before && run.lastMicroseconds >= run.firstMicroseconds)
            before = run.lastMicroseconds
        }
        #expect(found == expected)
    }

    @Test func `A series beyond its bound is folded: no sample is lost, and time is kept roughly`() {
        var profile = Profile(askedHz: 20_000, maximumSeriesBytes: 64 << 10)
        let threads = (0..<4).map { profile.thread(pid: 1, tid: 1 + $0, name: "t\($0)") }
        let nodes = (0..<40).map { profile.node(of: "a:\($0)") }
        let late = profile.node(of: "late:1")
        var dice = Dice()
        // 20 s, every sample in another stack; in the last tenth of it there is always one that was never there before.
        let rounds: UInt64 = 400_000
        for round in 0..<rounds {
            for thread in threads {
                let node =
                    round >= rounds * 9 / 10 && round % 2 == 0 ? late : nodes[Int.random(in: 0..<40, using: &dice)]
                profile.add(node, thread: thread, atNanoseconds: round * 50_000)
            }
        }
        #expect(profile.statistics.forgottenSamples == 0)
        #expect(profile.callTree().total == rounds * 4)
        var encoded = 0
        for thread in threads { profile.forEachRun(of: thread) { _ in encoded += 1 } }
        #expect(encoded < 40_000)
        // Where the time of something is known to a bucket, the first half has none of it and the last tenth nearly all.
        let end = rounds * 50_000
        func samples(of name: String, in window: Range<UInt64>) -> UInt64 {
            let table = profile.functionTable(CallTreeView(windowNanoseconds: window))
            return table.rows.first { $0.frame.name == name }?.own ?? 0
        }
        #expect(samples(of: "late", in: 0..<end / 2) == 0)
        #expect(samples(of: "late", in: end / 5 * 4..<end) == rounds / 10 / 2 * 4)
        #expect(profile.heading.contains { $0.name == "order in time" })
    }

    @Test func `What is recent stays exact when the old becomes coarse`() {
        var profile = Profile(askedHz: 1_000, retention: .recent, maximumSeriesBytes: 64 << 10)
        let thread = profile.thread(pid: 1, tid: 1, name: "t")
        let nodes = (0..<20).map { profile.node(of: "a:\($0)") }
        for round in 0..<200_000 {
            profile.add(nodes[round * 7 % 20], thread: thread, atNanoseconds: UInt64(round) * 1_000_000)
        }
        let second = CallTreeView(grain: .line, windowNanoseconds: 199_000_000_000..<200_000_000_000)
        #expect(profile.callTree(second).total == 1_000)
        #expect(profile.functionTable(second).rows.map(\.own) == [UInt64](repeating: 50, count: 20))
        #expect(profile.callTree().total == 200_000)
    }

    @Test func `Stacks that never come again cannot fill the memory`() {
        var profile = Profile(askedHz: 1_000, maximumSeriesBytes: 64 << 10, maximumNodes: 5_000)
        let thread = profile.thread(pid: 1, tid: 1, name: "t")
        for round in 0..<60_000 {
            let outer = profile.frame(ProfileFrame("outer:\(round % 100)"))
            let inner = profile.frame(ProfileFrame(function: "inner", file: "f.py", line: round))
            profile.add(profile.node([outer, inner]), thread: thread, atNanoseconds: UInt64(round) * 1_000_000)
        }
        let tree = profile.callTree(CallTreeView(grain: .line))
        #expect(tree.nodes.count <= 5_000)
        #expect(profile.statistics.cutSamples > 50_000)
        #expect(tree.total + profile.statistics.forgottenSamples == 60_000)
        #expect(profile.heading.contains { $0.name == "cut for lack of room" })
    }

    @Test func `Threads without end share one place`() {
        var profile = Profile(askedHz: 1_000)
        let node = profile.node(of: "a:1")
        for tid in 1...10_000 {
            profile.add(node, thread: profile.thread(pid: 1, tid: tid, name: nil), atNanoseconds: 0)
        }
        #expect(profile.threads.count == 4_097)
        #expect(profile.threads.last?.name == "(further threads)")
        #expect(profile.callTree().total == 10_000)
    }

    @Test func `A path finds the node that a whole look-up finds`() {
        var profile = Profile(askedHz: 1_000)
        var dice = Dice()
        let frames = (0..<6).map { profile.frame(ProfileFrame("f:\($0)")) }
        var path = StackPath()
        for _ in 0..<5_000 {
            let stack = (0..<Int.random(in: 0..<9, using: &dice)).map { _ in frames[Int.random(in: 0..<6, using: &dice)]
            }
            let node = profile.node(stack, path: &path)
            #expect(node == profile.node(stack))
            #expect(profile.stack(node) == stack)
        }
    }

    @Test func `Names of any length are cut, and a table that is full says so`() {
        var profile = Profile(askedHz: 1)
        let long = profile.frame(ProfileFrame(function: String(repeating: "ä", count: 5_000), file: "f"))
        #expect(profile[long].function.utf8.count < 2_100)
        #expect(long == profile.frame(ProfileFrame(function: String(repeating: "ä", count: 5_000), file: "f")))
        var last = long
        for place in 0..<70_000 { last = profile.frame(ProfileFrame(function: "f\(place)", line: place)) }
        #expect(profile[last].function == "(further functions)")
    }
}
