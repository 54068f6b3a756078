import Profiles
import Testing

@Suite("Flame layouts")
struct LayoutTests {
    private let tree = Profile.of([
        "Main": [("main:1 a:1 deep:1", 50), ("main:1 b:1", 30), ("main:1 c:1", 20)]
    ]).callTree()

    /// `name@x+width`, `…` for what has no cell of its own, `*` for a match, `^` for one below, `<` above the zoom.
    private func drawing(_ tree: CallTree, _ layout: FlameLayout) -> [String] {
        layout.rows.map { row in
            row.map { span in
                let name = span.node.map { tree.frame($0)?.name ?? "all" } ?? "…"
                let marks = (span.isMatch ? "*" : "") + (span.holdsMatch ? "^" : "") + (span.isAboveZoom ? "<" : "")
                return "\(name)@\(span.x)+\(span.width)\(marks)"
            }.joined(separator: " ")
        }
    }

    @Test func `Every span has its share of the cells`() {
        #expect(
            drawing(tree, tree.flameLayout(width: 10)) == [
                "all@0+10", "main@0+10", "a@0+5 b@5+3 c@8+2", "deep@0+5",
            ])
    }

    @Test func `Zoomed, a node takes the whole width below its callers`() {
        let place = tree.nodes.indices.first { tree.frame($0)?.name == "b" } ?? 0
        #expect(drawing(tree, tree.flameLayout(width: 10, zoom: place)) == ["all@0+10<", "main@0+10<", "b@0+10"])
        #expect(tree.flameLayout(width: 10, zoom: 99).rows.isEmpty)
        let root = tree.flameRectangles(width: 200, zoom: place)
        #expect(root.map(\.depth) == [0, 1, 2])
        #expect(root.allSatisfy { $0.width == 200 })
    }

    @Test func `A match is marked, and so is what leads to it; its samples count once`() {
        let layout = tree.flameLayout(width: 10) { $0.name == "deep" || $0.name == "a" }
        #expect(
            drawing(tree, layout) == ["all@0+10^", "main@0+10^", "a@0+5*^ b@5+3 c@8+2", "deep@0+5*"])
        #expect(layout.matchedSamples == 50)
        #expect(tree.flameLayout(width: 10).matchedSamples == 0)
    }

    @Test func `What is too small for a cell is gathered where there is one`() {
        let many = Profile.of([
            "Main": [("main:1 big:1", 80)] + (0..<20).map { ("main:1 small\($0):1", 1) }
        ]).callTree()
        #expect(drawing(many, many.flameLayout(width: 10)) == ["all@0+10", "main@0+10", "big@0+8 …@8+2"])
        let one = Profile.of(["Main": [("main:1 big:1", 97), ("main:1 small:1", 3)]]).callTree()
        #expect(drawing(one, one.flameLayout(width: 10)).last == "big@0+9 small@9+1")
    }

    @Test func `Spans of a row never overlap, never leave their caller, and never vanish while there is room`() {
        var dice = Dice()
        for _ in 0..<200 {
            var profile = Profile(askedHz: 100)
            let thread = profile.thread(pid: 1, tid: 1, name: nil)
            for round in 0..<60 {
                let names = (0..<Int.random(in: 1...5, using: &dice)).map {
                    "f\($0)x\(Int.random(in: 0...4, using: &dice))"
                }
                let node = profile.node(of: names.joined(separator: " "))
                let weight = Int.random(in: 1...40, using: &dice)
                profile.add(node, thread: thread, atNanoseconds: UInt64(round) * 10_000_000, weight: weight)
            }
            let tree = profile.callTree()
            let width = Int.random(in: 1...120, using: &dice)
            let layout = tree.flameLayout(width: width)
            for (depth, row) in layout.rows.enumerated() {
                var end = 0
                for span in row {
                    #expect(span.x >= end && span.width >= 1)
                    end = span.x + span.width
                    guard depth > 0, let node = span.node else { continue }
                    let caller = layout.rows[depth - 1].first { $0.node == Int(tree.nodes[node].parent) }
                    #expect(caller.map { $0.x <= span.x && span.x + span.width <= $0.x + $0.width } ?? false)
                }
                #expect(end <= width)
            }
            #expect(layout.rows[0].map(\.width) == [width])
        }
    }

    @Test func `Only the rows that are visible are drawn`() {
        let layout = tree.flameLayout(width: 10, rows: 2..<3)
        #expect(drawing(tree, layout) == ["a@0+5 b@5+3 c@8+2"])
        #expect(layout.span(row: 0, x: 6)?.width == 3)
        #expect(layout.span(row: 0, x: 10) == nil)
        #expect(layout.span(row: 1, x: 0) == nil)
    }

    @Test func `Rectangles are exact, and the narrow ones are left out with all below them`() {
        let rectangles = tree.flameRectangles(width: 100, leastWidth: 25)
        let names = rectangles.map { "\(tree.frame($0.node)?.name ?? "all") \($0.x) \($0.width)" }
        #expect(
            names == ["all 0.0 100.0", "main 0.0 100.0", "a 0.0 50.0", "deep 0.0 50.0", "b 50.0 30.0"])
    }

    @Test func `Two profiles side by side say what became more, less, new and gone`() {
        let before = Profile.of(["Main": [("main:1 a:1", 50), ("main:1 gone:1", 50)]]).callTree()
        let now = Profile.of(["Main": [("main:1 a:1", 30), ("main:1 new:1", 10)]]).callTree()
        let both = now.compared(with: before)
        let lines = both.nodes.indices.map { place in
            let change = both.change(of: place)
            return "\(both.frame(place)?.name ?? "all") \(both.nodes[place].total) \(both.baseline[place].total) "
                + "\(Int(((change?.total ?? 9) * 100).rounded()))"
        }
        #expect(lines == ["all 40 100 0", "main 40 100 0", "a 30 50 25", "new 10 0 25", "gone 0 50 -50"])
        #expect(now.change(of: 0) == nil)
    }
}
