/// Stacks as text: `outer (file:1);inner (file:2) 17`.
///
/// Comments come first, in the form `# name: value` that austin uses. Readers skip what does not end in a number, so a comment
/// never does.
struct CollapsedFormat {
    private let profile: Profile
    private let tree: CallTree

    init(_ profile: Profile, _ view: CallTreeView) {
        var view = view
        view.isInverted = false
        view.order = .name
        self.profile = profile
        tree = profile.callTree(view)
    }

    func write(to output: inout ProfileOutput) {
        for line in profile.heading {
            let isMistakable = line.value.last.map { $0.isNumber || $0 == "." } ?? false
            output.write("# \(line.name): \(line.value)\(isMistakable ? " #" : "")\n")
        }
        let texts = tree.labels.map { Array(CollapsedFormat.text(of: $0).utf8) }
        // The line so far, and where each depth's text ends.
        var line: [UInt8] = []
        var ends = [0]
        for node in tree.nodes.dropFirst() {
            ends.removeSubrange(Int(node.depth)...)
            line.removeSubrange(ends[ends.count - 1]...)
            if node.depth > 1 { line.append(UInt8(ascii: ";")) }
            line += texts[Int(node.label)]
            ends.append(line.count)
            if node.own > 0 {
                output.write(line)
                output.write(" \(node.own)\n")
            }
        }
        // Stacks without a frame are samples too.
        if let own = tree.nodes.first?.own, own > 0 { output.write("(no frames) \(own)\n") }
    }

    /// A semicolon separates frames, so a name's own becomes a colon, as stackcollapse-perf.pl has it.
    private static func text(of frame: ProfileFrame) -> String {
        var text = frame.text
        if text.utf8.contains(UInt8(ascii: ";")) { text = String(text.map { $0 == ";" ? ":" : $0 }) }
        if text.allSatisfy(\.isWhitespace) { return "(unnamed)" }
        // A line that begins like a comment would be taken for one.
        return text.hasPrefix("#") ? "\\x23" + text.dropFirst() : text
    }
}
