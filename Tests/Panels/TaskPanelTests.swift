import Cells
import Model
import Panels
import PythonInspection
import Testing

private func frame(_ name: String, _ file: String = "/srv/shop/shop/cart.py", _ line: Int = 7) -> PythonFrame {
    PythonFrame(function: name, qualifiedName: name, file: file, line: line)
}

private func greenlet(
    _ id: UInt64, _ type: String = "gevent._gevent_cgreenlet.Greenlet", _ state: PythonGreenlet.State = .suspended,
    parent: UInt64? = 2, thread: UInt64? = 1, isMain: Bool = false, isHub: Bool = false, frames: [PythonFrame] = []
) -> PythonGreenlet {
    PythonGreenlet(
        id: id, type: type, state: state, isMain: isMain, isHub: isHub, parent: parent, pythonThreadId: thread,
        frames: frames, isTorn: false)
}

struct TaskPanelTests {
    private static func text(_ snapshot: TaskSnapshot, rows: Int = 24, columns: Int = 100) -> String {
        var state = Fixture.state()
        (state.panel, state.isZoomed) = (.tasks, true)
        var dashboard = Fixture.dashboard
        dashboard.tasks = .value(Fixture.worker, snapshot)
        let canvas = state.draw(dashboard, rows: rows, columns: columns)
        return (0..<canvas.rows).map { canvas.text(row: $0) }.joined(separator: "\n")
    }

    private static func snapshot(_ greenlets: [PythonGreenlet]) -> TaskSnapshot {
        TaskSnapshot(
            tasks: PythonTasks(), greenlets: greenlets,
            threads: [1: TaskSnapshot.LoopThread(tid: 1201, name: "MainThread")], monotonicSeconds: 0)
    }

    @Test func greenletsStandUnderThoseThatGoOnAfterThem() {
        let fetch = [
            frame("Hub.switch", "/venv/gevent/hub.py", 3), frame("sleep", "/venv/gevent/hub.py", 9),
            frame("fetch\u{1b}[2J"),
            frame("worker"),
        ]
        let greenlets =
            [
                greenlet(1, "greenlet.greenlet", parent: nil, isMain: true, frames: [frame("<module>")]),
                greenlet(2, "gevent.hub.Hub", .running, parent: 1, isHub: true),
                greenlet(9, "gevent.Greenlet", .unstarted, parent: 2, thread: nil),
            ] + (10..<40).map { greenlet($0, frames: fetch) } + [greenlet(50, frames: [frame("alone")])]
        let lines = TaskPanelTests.text(TaskPanelTests.snapshot(greenlets)).split(separator: "\n").map(String.init)
        let first = lines.firstIndex { $0.contains("greenlets of thread 1201 MainThread  33") } ?? 0
        #expect(lines[first + 1].contains(" greenlet 0x1  main, suspended  <module> shop/cart.py:7"))
        #expect(lines[first + 2].contains(" └ Hub 0x2  hub, running"))
        #expect(lines[first + 3].contains("   ├ Greenlet (30)  suspended  worker › fetch^[[2J shop/cart.py:7"))
        #expect(lines[first + 4].contains("   └ Greenlet 0x32  suspended  alone"))
        #expect(lines.contains { $0.contains("greenlets never switched to  1") })
    }

    @Test func greenletsThatAreTheirOwnParentsEnd() {
        let text = TaskPanelTests.text(
            TaskPanelTests.snapshot([greenlet(1, parent: 1), greenlet(2, parent: 3), greenlet(3, parent: 2)]))
        #expect(text.contains("greenlets of thread 1201 MainThread  3"))
        #expect(text.contains("0x1") && text.contains("(2)"))
        // A chain deeper than any screen is cut, not followed.
        let deep = (1..<3000).map { greenlet(UInt64($0), parent: UInt64($0) - 1, frames: [frame("f\($0)")]) }
        #expect(TaskPanelTests.text(TaskPanelTests.snapshot(deep)).contains("2999"))
    }

    @Test func aProcessWithoutTasksOrGreenletsSaysSo() {
        #expect(TaskPanelTests.text(TaskPanelTests.snapshot([])).contains("no asyncio tasks and no greenlets"))
    }
}
