import Dispatch
import Sampling
import Synchronization
import Testing

struct FeedTests {
    /// A period after which a test has ended: only the first sample and those asked for come.
    private let never = DispatchTimeInterval.seconds(3600)

    @Test func aFeedThatNobodySubscribesToNeverSamples() async throws {
        let calls = Record<Int>()
        let feed = Feed("idle", every: .milliseconds(1), demand: 0, CountingSampler(calls: calls))
        feed.ask(1, now: true)
        feed.setPeriod(.milliseconds(2))
        await feed.settle()
        try await Task.sleep(for: .milliseconds(50))
        await feed.settle()
        #expect(calls.all == [])
    }

    @Test func theFirstSampleIsTakenAtOnceAndTheNextOnesByTheTimer() {
        let calls = Record<Int>(), samples = Record<Int>()
        let slow = Feed("slow", every: never, demand: 0, CountingSampler(calls: calls))
        let first = slow.subscribe { samples.add((try? $0.get()) ?? -1) }
        #expect(samples.wait(for: 1))
        let more = Record<Int>()
        let fast = Feed("fast", every: .milliseconds(1), demand: 0, CountingSampler(calls: Record()))
        let second = fast.subscribe { more.add((try? $0.get()) ?? -1) }
        #expect(more.wait(for: 20))
        #expect(samples.all == [1])
        #expect(Array(more.all.prefix(20)) == Array(1...20))
        drop(first)
        drop(second)
    }

    @Test func nothingIsSampledAfterTheLastSubscriptionIsDropped() async throws {
        let calls = Record<Int>(), first = Record<Int>(), second = Record<Int>()
        let feed = Feed("dropped", every: .milliseconds(1), demand: 0, CountingSampler(calls: calls))
        let one = feed.subscribe { first.add((try? $0.get()) ?? -1) }
        let two = feed.subscribe { second.add((try? $0.get()) ?? -1) }
        #expect(first.wait(for: 3) && second.wait(for: 3))

        drop(one)
        await feed.settle()
        let seenByFirst = first.all.count
        #expect(second.wait(for: second.all.count + 3), "the other subscription goes on")
        #expect(first.all.count == seenByFirst)

        drop(two)
        await feed.settle()
        let taken = calls.all.count
        try await Task.sleep(for: .milliseconds(50))
        await feed.settle()
        #expect(calls.all.count == taken)
    }

    @Test func aFeedWakesUpAgainForANewSubscription() async {
        let calls = Record<Int>(), samples = Record<Int>()
        let feed = Feed("again", every: never, demand: 0, CountingSampler(calls: calls))
        for round in 1...5 {
            let subscription = feed.subscribe { samples.add((try? $0.get()) ?? -1) }
            #expect(samples.wait(for: round))
            drop(subscription)
            await feed.settle()
        }
        #expect(samples.all == [1, 2, 3, 4, 5])
    }

    @Test func aSubscriptionThatIsDroppedAtOnceLeavesNothingBehind() async {
        let calls = Record<Int>()
        let feed = Feed("brief", every: .milliseconds(1), demand: 0, CountingSampler(calls: calls))
        for _ in 0..<100 { _ = feed.subscribe { _ in } }
        await feed.settle()
        let taken = calls.all.count
        for _ in 0..<20 { await feed.settle() }
        #expect(calls.all.count == taken)
    }

    @Test func aDemandTakesEffectWithTheNextSampleOrNow() async {
        let calls = Record<Int>()
        let feed = Feed("demand", every: never, demand: 1, CountingSampler(calls: calls))
        let subscription = feed.subscribe { _ in }
        #expect(calls.wait(for: 1))
        feed.ask(2)
        await feed.settle()
        #expect(calls.all == [1])
        feed.ask(3, now: true)
        await feed.settle()
        #expect(calls.all == [1, 3])
        feed.setPeriod(.milliseconds(1))
        #expect(calls.wait(for: 4))
        #expect(calls.all.dropFirst(2).allSatisfy { $0 == 3 })
        drop(subscription)
    }

    @Test func anErrorArrivesAsAFailureAndTheFeedGoesOn() {
        let results = Record<Result<Int, any Error>>()
        let feed = Feed("failing", every: .milliseconds(1), demand: 0, FailingSampler())
        let subscription = feed.subscribe { results.add($0) }
        #expect(results.wait(for: 4))
        drop(subscription)
        for (index, result) in results.all.prefix(4).enumerated() {
            let call = index + 1
            switch result {
            case .success(let value): #expect(call % 2 == 0 && value == call)
            case .failure(let error):
                #expect(call % 2 == 1 && error as? FailingSampler.Broken == FailingSampler.Broken(call: call))
            }
        }
    }

    @Test func aSamplerThatBlocksHoldsUpNeitherAnotherFeedNorTheMainQueue() {
        let sampler = BlockingSampler()
        let late = Record<Int>(), others = Record<Int>(), main = Record<Bool>()
        let blocked = Feed("blocked", every: .milliseconds(1), demand: 7, sampler)
        let other = Feed("other", every: .milliseconds(1), demand: 0, CountingSampler(calls: Record()))
        let first = blocked.subscribe { late.add((try? $0.get()) ?? -1) }
        sampler.entered.wait()

        // The sampler is inside its call from here to the gate: everything that happens before it happens meanwhile.
        let second = other.subscribe { others.add((try? $0.get()) ?? -1) }
        #expect(others.wait(for: 25))
        for _ in 0..<3 { DispatchQueue.main.async { main.add(true) } }
        #expect(main.wait(for: 3))
        blocked.ask(8, now: true)
        blocked.setPeriod(.seconds(3600))
        #expect(late.all == [])

        sampler.gate.signal()
        #expect(late.wait(for: 1))
        #expect(late.all.first == 7)
        drop(first)
        drop(second)
        for _ in 0..<3 { sampler.gate.signal() }
    }

    @Test func ticksThatWereMissedDoNotPileUp() async throws {
        let sampler = BlockingSampler()
        let times = Record<DispatchTime>()
        let feed = Feed("late", every: .milliseconds(20), demand: 0, sampler)
        let subscription = feed.subscribe { _ in times.add(.now()) }
        try await Task.sleep(for: .milliseconds(200))
        for _ in 0..<64 { sampler.gate.signal() }
        #expect(await Task.detached { times.wait(for: 6) }.value)
        drop(subscription)
        let moments = times.all.map(\.uptimeNanoseconds)
        // Ten ticks were missed: one follows at once, each further one waits for its own time. Load only adds to this.
        #expect(moments[4] - moments[0] > 30_000_000)
        #expect(moments[5] - moments[1] > 30_000_000)
    }

    @Test func aSamplerIsNeverCalledTwiceAtATime() async {
        let room = Room(), samples = Record<Int>()
        let feed = Feed("one", every: .milliseconds(1), demand: 0, VisitingSampler(room: room))
        let subscription = feed.subscribe { samples.add((try? $0.get()) ?? -1) }
        await withTaskGroup(of: Void.self) { group in
            for asker in 0..<8 { group.addTask { for _ in 0..<50 { feed.ask(asker, now: true) } } }
        }
        #expect(samples.wait(for: 401))
        drop(subscription)
        #expect(room.crowded.load(ordering: .relaxed) == 0)
    }

    @Test func aFeedIsKeptAliveByItsSubscriptionAndByNothingElse() async {
        let calls = Record<Int>()
        var feed: Feed<CountingSampler>? = Feed(
            "kept", every: .milliseconds(1), demand: 0, CountingSampler(calls: calls))
        weak let remembered = feed
        let subscription = feed?.subscribe { _ in }
        feed = nil
        #expect(calls.wait(for: 5))
        await remembered?.settle()
        #expect(remembered != nil)
        drop(subscription)
        await remembered?.settle()
        let taken = calls.all.count
        for _ in 0..<3000 where remembered != nil { try? await Task.sleep(for: .milliseconds(10)) }
        #expect(remembered == nil)
        #expect(calls.all.count == taken)
    }
}

/// Where only one may be at a time.
private final class Room: Sendable {
    let visitors = Atomic(0)
    let crowded = Atomic(0)
}

private struct VisitingSampler: Sampler, SendableMetatype {
    let room: Room

    mutating func sample(_ demand: Int) throws -> Int {
        if room.visitors.add(1, ordering: .relaxed).oldValue > 0 { room.crowded.add(1, ordering: .relaxed) }
        for _ in 0..<200 { _ = room.visitors.load(ordering: .relaxed) }
        room.visitors.subtract(1, ordering: .relaxed)
        return demand
    }
}
