import Testing

@testable import PythonInspection

@Suite struct TaskTreeTests {
    /// A task of loop 1 that others wait for.
    private func task(_ id: UInt64, awaitedBy waiters: [UInt64] = [], at line: Int? = nil) -> PythonTask {
        PythonTask(
            id: id, name: "t\(id)", state: .pending, loop: 1,
            frames: [PythonFrame(function: "f", qualifiedName: nil, file: "a.py", line: line ?? Int(id))],
            awaitedBy: waiters, isTorn: false)
    }

    private func rows(_ tasks: [PythonTask]) -> [String] {
        TaskTree(PythonTasks(tasks: tasks)).rows(ofLoop: 1).map { row in
            let branch = row.levels.map { $0 ? "  " : "| " }.joined()
            return switch row.content {
            case .tasks(let group): branch + group.map { "\($0.id)" }.joined(separator: ",") + (row.hasMore ? ":" : "")
            case .again(let task): branch + "\(task.id) again"
            case .chain(let count): branch + "chain \(count)"
            case .deeper(let count): branch + "deeper \(count)"
            }
        }
    }

    @Test func tasksStandBelowThoseThatWaitForThem() {
        #expect(rows([]) == [])
        #expect(
            rows([task(1), task(2, awaitedBy: [1]), task(3, awaitedBy: [1]), task(4, awaitedBy: [2]), task(5)])
                == ["1:", "| 2:", "|   4", "  3", "5"])
        // A waiter that is not there is none.
        #expect(rows([task(1, awaitedBy: [99])]) == ["1"])
    }

    @Test func onlyTasksThatAreAlikeAndWaitForNobodyShareARow() {
        let alike = [
            task(1), task(2, awaitedBy: [1], at: 7), task(3, awaitedBy: [1], at: 7), task(4, awaitedBy: [1], at: 8),
        ]
        #expect(rows(alike) == ["1:", "| 2,3", "  4"])
        #expect(rows(alike + [task(5, awaitedBy: [2])]) == ["1:", "| 2:", "|   5", "| 3", "  4"])
    }

    @Test func aTaskThatTwoWaitForIsShownOnce() {
        #expect(
            rows([task(1), task(2), task(3, awaitedBy: [1, 2]), task(4, awaitedBy: [3])])
                == ["1:", "  3:", "    4", "2:", "  3 again"])
    }

    @Test func longChainsAreFolded() {
        func chain(_ count: UInt64) -> [PythonTask] { (1...count).map { task($0, awaitedBy: $0 == 1 ? [] : [$0 - 1]) } }
        let short = rows(chain(10))
        #expect(short.count == 10 && !short.contains { $0.contains("chain") })
        let long = rows(chain(5000))
        #expect(long.map { $0.drop { $0 == " " } } == ["1:", "2:", "3:", "4:", "chain 4993", "4998:", "4999:", "5000"])
        #expect(long[5] == "          4998:")
    }

    @Test func whatIsTooDeepIsCounted() {
        // Two at each level: no chain.
        var tasks = [task(0)]
        for level in 1...2000 as ClosedRange<UInt64> {
            let above = level == 1 ? 0 : level * 2 - 2
            tasks += [task(level * 2, awaitedBy: [above]), task(level * 2 + 1, awaitedBy: [above])]
        }
        let rows = rows(tasks)
        #expect(rows.count == 1 + 80 + 1)
        #expect(rows.contains { $0.hasSuffix("deeper 3920") })
    }

    @Test func circlesAreFoundAndShownOnce() {
        let circle = [task(1, awaitedBy: [3]), task(2, awaitedBy: [1]), task(3, awaitedBy: [2])]
        #expect(rows(circle) == ["1:", "  2:", "    3:", "      1 again"])
        // 4 and 6 lie between and behind the circles; 5 waits for itself.
        let others = [task(4, awaitedBy: [3, 5]), task(5, awaitedBy: [5]), task(6, awaitedBy: [5])]
        #expect(PythonTasks(tasks: circle + others).inCycles == [1, 2, 3, 5])
        let ring = (0..<10_000).map { task($0, awaitedBy: [($0 + 1) % 10_000]) }
        #expect(PythonTasks(tasks: ring).inCycles.count == 10_000)
        #expect(rows(ring).count < 20)
        let between = [
            task(1, awaitedBy: [2]), task(2, awaitedBy: [1]), task(3, awaitedBy: [1]), task(4, awaitedBy: [3, 5]),
            task(5, awaitedBy: [4]),
        ]
        #expect(PythonTasks(tasks: between).inCycles == [1, 2, 4, 5])
    }
}
