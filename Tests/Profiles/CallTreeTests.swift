import Profiles
import Testing

@Suite("Call trees and function tables")
struct CallTreeTests {
    private let profile = Profile.of([
        "Main": [("main:1 work:7", 3), ("main:1 work:8", 2), ("main:2", 1), ("main:1 work:7 libc.so!memcpy", 4)],
        "Worker": [("main:1 loop:5 loop:5 loop:6", 6)],
    ])

    @Test func `Lines of a function are one node, or one each`() {
        #expect(
            profile.callTree().drawing == [
                "all 0/16", " main 1/16", "  work 5/9", "   memcpy 4/4", "  loop 0/6", "   loop 0/6", "    loop 6/6",
            ])
        let lines = profile.callTree(CallTreeView(grain: .line)).drawing
        #expect(
            lines == [
                "all 0/16", " main:1 0/15", "  work:7 3/7", "   memcpy 4/4", "  work:8 2/2", "  loop:5 0/6",
                "   loop:5 0/6", "    loop:6 6/6", " main:2 1/1",
            ])
    }

    @Test func `Inverted, leaves come first, and callers share them out`() {
        let tree = profile.callTree(CallTreeView(isInverted: true, order: .weight))
        #expect(
            tree.drawing == [
                "all 0/16", " loop 6/6", "  loop 0/6", "   loop 0/6", "    main 0/6", " work 5/5", "  main 0/5",
                " memcpy 4/4", "  work 0/4", "   main 0/4", " main 1/1",
            ])
    }

    @Test func `Threads stand beside each other, or some of them are left out`() {
        let beside = profile.callTree(CallTreeView(isByThread: true)).drawing
        #expect(
            beside.filter { $0.hasPrefix(" ") && !$0.hasPrefix("  ") } == [" Main (100) 0/10", " Worker (101) 0/6"])
        var view = CallTreeView()
        view.threads = [profile.threads.firstIndex { $0.name == "Worker" }.map(profile.threadId) ?? profile.threadId(0)]
        #expect(profile.callTree(view).drawing.prefix(2) == ["all 0/6", " main 0/6"])
    }

    @Test func `Native code can be left to its Python caller`() {
        let tree = profile.callTree(CallTreeView(isPythonOnly: true))
        #expect(tree.drawing.prefix(4) == ["all 0/16", " main 1/16", "  work 9/9", "  loop 0/6"])
    }

    @Test func `A window counts the samples in it, in the middle of a run too`() {
        // Main: rounds 0…9; rounds 2, 3, 4 and 5 are one of work:7, two of work:8 and one of main.
        var view = CallTreeView(grain: .line)
        view.threads = [profile.threadId(0)]
        view.windowNanoseconds = 2_000_000..<6_000_000
        #expect(
            profile.callTree(view).drawing == [
                "all 0/4", " main:1 0/3", "  work:7 1/1", "  work:8 2/2", " main:2 1/1",
            ])
        // Windows side by side have each sample once.
        var sum: UInt64 = 0
        for start in stride(from: UInt64(0), to: 10_000_000, by: 700_000) {
            view.windowNanoseconds = start..<(start + 700_000)
            sum += profile.callTree(view).total
        }
        #expect(sum == 10)
    }

    @Test func `A function's total counts a recursion once`() {
        let table = profile.functionTable()
        let rows = table.rows.map { "\($0.frame.name) \($0.own) \($0.total)" }
        #expect(rows == ["loop 6 6", "work 5 9", "memcpy 4 4", "main 1 16"])
        #expect(table.total == 16)
        let lines = profile.functionTable(CallTreeView(grain: .line)).rows.map {
            "\($0.frame.name):\($0.frame.line ?? 0)"
        }
        #expect(lines == ["loop:6", "memcpy:0", "work:7", "work:8", "main:2", "main:1", "loop:5"])
    }

    @Test func `A recursion of ten thousand is a tree, a table and a layout like any other`() {
        var profile = Profile(askedHz: 100)
        let frame = profile.frame(ProfileFrame("again:3"))
        let thread = profile.thread(pid: 1, tid: 1, name: nil)
        profile.add(profile.node([FrameId](repeating: frame, count: 10_000)), thread: thread, atNanoseconds: 0)
        let tree = profile.callTree()
        #expect(tree.nodes.count == 10_001)
        #expect(tree.nodes.last?.depth == 10_000)
        #expect(profile.functionTable().rows.map(\.total) == [1])
        #expect(tree.flameLayout(width: 80).rows.count == 10_001)
        #expect(profile.callTree(CallTreeView(isInverted: true)).total == 1)
        #expect(profile.callTree(CallTreeView(maximumDepth: 20)).nodes.last?.own == 1)
    }

    @Test func `A path leads to the same node in the next tree`() throws {
        let tree = profile.callTree()
        let place = try #require(tree.nodes.indices.first { tree.frame($0)?.name == "memcpy" })
        let later = Profile.of(["Main": [("other:1", 1), ("main:1 work:9 libc.so!memcpy", 1)]]).callTree()
        let found = later.node(at: tree.path(to: place))
        #expect(later.frame(found)?.name == "memcpy")
    }
}
