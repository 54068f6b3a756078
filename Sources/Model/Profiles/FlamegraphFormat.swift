/// A flame graph as one SVG file: drawn already for who only looks, and moving where scripts run.
///
/// Every box is an `svg` element of its own, so that its place is in percent of the width, its text is clipped at its
/// border, and zooming means two attributes. Nothing is loaded from anywhere.
struct FlamegraphFormat {
    private let profile: Profile
    private let tree: CallTree
    private let isDrawn: [Bool]
    private let rows: Int

    static let maximumBoxes = 20_000
    private static let rowHeight = 17
    /// Pixels for which text is cut where no script cuts it anew.
    private static let assumedWidth = 1_200.0

    init(_ profile: Profile, _ view: CallTreeView) {
        var view = view
        view.order = .name
        self.profile = profile
        let tree = profile.callTree(view)
        self.tree = tree
        let isDrawn = tree.greatest(FlamegraphFormat.maximumBoxes)
        self.isDrawn = isDrawn
        rows = tree.nodes.indices.reduce(0) { isDrawn[$1] ? max($0, Int(tree.nodes[$1].depth) + 1) : $0 }
    }

    func write(to output: inout ProfileOutput) {
        let heading = profile.heading.map { "\($0.name): \($0.value)" }
        let lines = FlamegraphFormat.wrapped(heading, columns: 150)
        let headerHeight = 92 + lines.count * 15
        output.write(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="100%" height="\(headerHeight + rows * FlamegraphFormat.rowHeight + 8)" \
            data-header="\(headerHeight)" data-total="\(tree.total)">
            <title>\(xml(profile.title))</title>
            <style>\n
            """)
        output.write(PackageResources.flamegraph_css)
        output.write(
            "</style>\n<rect id=\"page\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n<g id=\"boxes\">\n")
        var before: [UInt64] = [0]
        for place in tree.nodes.indices {
            let node = tree.nodes[place]
            // Where the box starts: after its caller's start and its earlier siblings, drawn or not.
            before.removeSubrange((Int(node.depth) + 1)...)
            let start = before[Int(node.depth)]
            before[Int(node.depth)] = start + node.total
            before.append(start)
            if isDrawn[place] { writeBox(place, start: start, headerHeight, to: &output) }
        }
        output.write("</g>\n")
        writeHead(lines, headerHeight, to: &output)
        output.write("<script><![CDATA[\n")
        output.write(PackageResources.flamegraph_js)
        output.write("]]></script>\n</svg>\n")
    }

    private func writeBox(_ place: Int, start: UInt64, _ headerHeight: Int, to output: inout ProfileOutput) {
        let node = tree.nodes[place]
        let frame = tree.frame(place)
        let total = Double(max(tree.total, 1))
        let name = frame.map { visible($0.name) + ($0.line.map { ":\($0)" } ?? "") } ?? "all"
        let origin = frame?.place ?? ""
        let share = Double(node.total) / total
        let kind =
            switch frame?.kind {
            case .python: "p"
            case .native: "n"
            case .kernel: "k"
            case .group, nil: "g"
            }
        let period = profile.statistics.nanosecondsPerSample
        let title =
            (frame?.text ?? name)
            + "\ntotal \(fixed(share * 100, 2)) % (\(node.total) samples, \(fixed(Double(node.total) * period / 1e9, 3)) s)"
            + "\nown \(fixed(Double(node.own) / total * 100, 2)) % (\(node.own) samples)"
        output.write(
            """
            <svg class="f" x="\(fixed(Double(start) / total * 100, 4))%" \
            y="\(headerHeight + Int(node.depth) * FlamegraphFormat.rowHeight)" width="\(fixed(share * 100, 4))%" height="16" \
            tabindex="-1" data-d="\(node.depth)" data-x="\(start)" data-t="\(node.total)" data-o="\(node.own)" \
            data-k="\(kind)" data-n="\(xml(name))" data-p="\(xml(origin))"><title>\(xml(title))</title>\
            <rect width="100%" height="100%" fill="\(frame.map(FrameColour.hex) ?? "#c9ced6")"/>
            """)
        let room = Int((share * FlamegraphFormat.assumedWidth - 6) / 7.25)
        if room >= 3 {
            let text = name.count <= room ? name : name.prefix(room - 1) + "…"
            output.write("<text x=\"4\" y=\"12\">\(xml(text))</text>")
        }
        output.write("</svg>\n")
    }

    private func writeHead(_ lines: [String], _ headerHeight: Int, to output: inout ProfileOutput) {
        output.write(
            "<g id=\"head\"><rect id=\"bar\" width=\"100%\" height=\"\(headerHeight - 2)\" fill=\"#ffffff\"/>\n")
        output.write("<text id=\"title\" class=\"words\" x=\"8\" y=\"22\">\(xml(profile.title))</text>\n")
        for (place, line) in lines.enumerated() {
            output.write("<text class=\"quiet heading\" x=\"8\" y=\"\(40 + place * 15)\">\(xml(line))</text>\n")
        }
        var y = 40 + lines.count * 15
        let missing = isDrawn.count { !$0 }
        let hidden = missing > 0 ? "the \(missing) smallest of \(isDrawn.count) boxes are not drawn · " : ""
        output.write(
            """
            <g id="controls" class="away"><text id="reset" class="button away" x="8" y="\(y + 4)" tabindex="0" role="button">\
            Reset zoom</text><text id="colour" class="button" x="100" y="\(y + 4)" tabindex="0" role="button">Colour: module</text>\
            <text id="flip" class="button" x="222" y="\(y + 4)" tabindex="0" role="button">Flip</text>\
            <foreignObject x="264" y="\(y - 12)" width="260" height="26"><input xmlns="http://www.w3.org/1999/xhtml" \
            id="search" type="search" placeholder="search, or /expression/" aria-label="search" spellcheck="false"/>\
            </foreignObject><text id="found" class="words" x="534" y="\(y + 4)"></text>\
            <text class="quiet" x="8" y="\(y + 22)">\(hidden)/ search · arrows, Enter zoom · Backspace out · Esc reset · c colour · \
            i flip</text></g>\n
            """)
        y += 40
        output.write("<text id=\"details\" class=\"words\" x=\"8\" y=\"\(y)\"></text></g>\n")
    }

    /// Parts in lines of at most so many columns.
    private static func wrapped(_ parts: [String], columns: Int) -> [String] {
        var lines = [""]
        for part in parts {
            let last = lines[lines.count - 1]
            if last.isEmpty {
                lines[lines.count - 1] = part
            } else if last.count + part.count + 3 <= columns {
                lines[lines.count - 1] = last + " · " + part
            } else {
                lines.append(part)
            }
        }
        return lines
    }
}

extension CallTree {
    /// So many nodes, the greatest, with their callers; of equals those that come first in the walk, callers before calls.
    func greatest(_ maximum: Int) -> [Bool] {
        guard nodes.count > maximum else { return [Bool](repeating: true, count: nodes.count) }
        let least = nodes.map(\.total).sorted(by: >)[maximum - 1]
        var room = maximum - nodes.count { $0.total > least }
        return nodes.map { node in
            guard node.total == least else { return node.total > least }
            room -= 1
            return room >= 0
        }
    }
}

/// Text for XML, in an element or an attribute. What XML cannot hold at all, `visible` has replaced.
func xml(_ text: some StringProtocol) -> String {
    guard text.utf8.contains(where: { $0 < 32 || [0x22, 0x26, 0x27, 0x3c, 0x3e].contains($0) }) else {
        return String(text)
    }
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        case "\n": result += "&#10;"
        case _ where scalar.value < 32: result += "\u{fffd}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// Colours of boxes: the hue says whose code it is, the lightness tells neighbours apart; dark text is readable on all.
enum FrameColour {
    static func hex(_ frame: ProfileFrame) -> String {
        if frame.kind == .group { return "#c9ced6" }
        let owner = hash(frame.owner)
        // Python is warm, machine code cold, the kernel red.
        let hue: Double =
            switch frame.kind {
            case .python: 25 + Double(owner % 110)
            case .native: 175 + Double(owner % 105)
            case .kernel: 0
            case .group: 0
            }
        let variation = Double(hash(frame.function) % 11)
        return rgb(hue: hue, saturation: 0.55 + Double(owner / 128 % 25) / 100, lightness: 0.68 + variation / 100)
    }

    /// FNV-1a: the same name has the same colour in every file.
    private static func hash(_ text: String) -> UInt32 {
        text.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    private static func rgb(hue: Double, saturation: Double, lightness: Double) -> String {
        let amplitude = saturation * min(lightness, 1 - lightness)
        func channel(_ offset: Double) -> String {
            let k = (offset + hue / 30).truncatingRemainder(dividingBy: 12)
            let value = lightness - amplitude * max(-1, min(k - 3, 9 - k, 1))
            let digits = String(UInt8(max(0, min(255, (value * 255).rounded()))), radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        return "#" + channel(0) + channel(8) + channel(4)
    }
}
