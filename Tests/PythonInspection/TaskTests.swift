import Samplers
import TestProcesses
import Testing

@testable import PythonInspection

@Suite(
    .enabled(if: !Interpreter.all.isEmpty, "no interpreter of a version that is read on this host"), .serialized)
struct TaskTests {
    /// Every task of the truth is there as the program says, and no other.
    private func expect(_ found: PythonTasks, is truth: TaskTruth, at place: SourceLocation = #_sourceLocation) {
        #expect(!found.isIncomplete, sourceLocation: place)
        #expect(Set(found.tasks.map(\.id)) == Set(truth.tasks.map(\.id)), sourceLocation: place)
        #expect(found.tasks.count == truth.tasks.count, sourceLocation: place)
        for own in truth.tasks {
            guard let task = found.tasks.first(where: { $0.id == own.id }) else { continue }
            let name = own.name ?? own.frames.last?.function ?? "?"
            #expect(task.name == own.name, sourceLocation: place)
            #expect(task.state.rawValue == own.state, "\(name)", sourceLocation: place)
            #expect(task.loop == own.loop && task.pythonThreadId == own.thread, "\(name)", sourceLocation: place)
            #expect(!task.isTorn, "\(name)", sourceLocation: place)
            if task.frames.map(\.withoutRoutine) != own.frames {
                Issue.record("\(name): \(task.frames) is \(own.frames)", sourceLocation: place)
            }
            guard let thing = own.thing else { continue }
            let words = task.awaiting.map { "\($0.kind.rawValue): \($0.text)" } ?? "nothing"
            #expect(
                task.awaiting?.kind.rawValue == thing.kind && words.contains(thing.text), "\(name): \(words)",
                sourceLocation: place)
        }
        var edges: Set<[UInt64]> = []
        for task in found.tasks { for waiting in task.awaitedBy { edges.insert([waiting, task.id]) } }
        let names = Dictionary(found.tasks.map { ($0.id, $0.name ?? "?") }) { first, _ in first }
        for edge in edges.symmetricDifference(truth.edges) {
            Issue.record("\(edge.map { names[$0] ?? "?" }), read: \(edges.contains(edge))", sourceLocation: place)
        }
    }

    @Test(
        "Tasks of three loops are those that asyncio itself sees",
        arguments: Interpreter.all.filter { !$0.keepsTasksThatEnded })
    func tasks(interpreter: Interpreter) throws {
        let company = try Company(interpreter, program: TaskTruth.program)
        let truth = try TaskTruth(of: company)
        try #require(truth.tasks.count > 90 && Set(truth.tasks.map(\.loop)).count == 3)
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        for _ in 0..<2 { expect(try inspector.tasks(of: &target), is: truth) }
        let found = try inspector.tasks(of: &target)
        #expect(found.loops.count == 3 && found.loops.allSatisfy { $0.type.hasSuffix("_UnixSelectorEventLoop") })
        // The two of each loop that wait for each other, and no other.
        #expect(found.inCycles.count == 6)
        #expect(found.tasks.filter { $0.state == .running }.count == 1)
        #expect(found.tasks.contains { $0.awaiting?.kind == .start } && found.tasks.contains { $0.frames.count > 20 })
        #expect(found.tasks.filter { $0.awaiting?.kind == .sleep }.allSatisfy { $0.awaiting?.dueSeconds != nil })
        let quick = try inspector.tasks(of: &target, PythonTaskOptions(includesAwaiting: false))
        #expect(quick.tasks.map(\.frames) == found.tasks.map(\.frames))
    }

    @Test("Tasks of a loop that goes round are whole or said to be torn", arguments: Interpreter.ofEachVersion)
    func moving(interpreter: Interpreter) throws {
        let program = """
            import asyncio, os, sys
            os.nice(10)
            async def a(n): return await b(n - 1) if n else await asyncio.sleep(0)
            async def b(n): return await a(n - 1) if n else await asyncio.sleep(0.0001)
            async def work():
                while True:
                    for n in range(12): await a(n)
            async def born():
                while True: await asyncio.gather(*[a(n) for n in range(4)])
            async def main():
                tasks = [asyncio.ensure_future(f()) for f in [work, born] * 6]
                print("end", flush=True)
                await asyncio.wait(tasks)
            asyncio.new_event_loop().run_until_complete(main()) if sys.version_info > (3, 10) else (
                asyncio.get_event_loop().run_until_complete(main()))
            """
        let company = try Company(interpreter, program: program)
        try company.truth(rests: false)
        var target = try LiveTarget(pid: company.child.pid)
        var inspector = try PythonInspector(&target)
        let callees = ["work": ["a"], "born": [], "a": ["b", "sleep"], "b": ["a", "sleep"], "sleep": ["__sleep0"]]
        var whole = 0
        for _ in 0..<40 {
            for task in try inspector.tasks(of: &target).tasks where !task.isTorn && task.state != .running {
                let names = task.frames.map(\.function)
                for (callee, caller) in zip(names, names.dropFirst()) {
                    if let known = callees[caller], !known.contains(callee) {
                        Issue.record("\(caller) awaits \(callee) in \(names)")
                    }
                }
                if let outermost = names.last { #expect(["main", "work", "born", "a"].contains(outermost)) }
                whole += 1
            }
        }
        #expect(whole > 200, "\(whole)")
    }
}
