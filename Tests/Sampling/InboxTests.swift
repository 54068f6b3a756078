import Dispatch
import Sampling
import Testing

struct InboxTests {
    @Test func onlyTheNewestIsKept() {
        let inbox = Inbox<Int>()
        for value in 1...1000 { inbox.put(value) }
        #expect(inbox.take() == 1000)
    }

    @Test func whatWasTakenIsGone() {
        let inbox = Inbox<String>()
        #expect(inbox.take() == nil)
        inbox.put("table")
        #expect(inbox.take() == "table")
        #expect(inbox.take() == nil)
        inbox.put("next")
        #expect(inbox.take() == "next")
    }

    @Test func aReaderBesideAWriterSeesEachValueOnceAndInOrder() async {
        let inbox = Inbox<Int>()
        let count = 20_000
        let seen = await withTaskGroup(of: [Int].self) { group in
            group.addTask {
                for value in 1...count { inbox.put(value) }
                return []
            }
            group.addTask {
                var seen: [Int] = []
                while seen.last != count {
                    if let value = inbox.take() { seen.append(value) } else { await Task.yield() }
                }
                return seen
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 < $1 })
        #expect(seen.last == count)
    }
}

@MainActor
struct DoorbellTests {
    /// Lets the main queue run what stands in it.
    private func turn() async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            DispatchQueue.main.async { done.resume() }
        }
    }

    @Test func manyRingsBeforeTheAnswerAreOneWakeUp() async {
        let answers = Record<Bool>()
        let bell = Doorbell { answers.add(true) }
        await turn()
        // The main queue is busy here, so that it cannot answer in between.
        for _ in 0..<1000 { bell.ring() }
        for _ in 0..<10_000 where answers.all.isEmpty { await turn() }
        for _ in 0..<10 { await turn() }
        #expect(answers.all.count == 1)
        bell.ring()
        for _ in 0..<10_000 where answers.all.count < 2 { await turn() }
        #expect(answers.all.count == 2)
    }

    @Test func theAnswerIsGivenOnTheMainQueue() async {
        let answers = Record<Bool>()
        let bell = Doorbell {
            dispatchPrecondition(condition: .onQueue(.main))
            answers.add(true)
        }
        await Task.detached { bell.ring() }.value
        for _ in 0..<10_000 where answers.all.isEmpty { await turn() }
        #expect(answers.all == [true])
    }
}
