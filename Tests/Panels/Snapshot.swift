import Cells
import Glibc
import Testing

/// A canvas as a file that a person can read: its text, a letter for the style of each cell, and what the letters mean.
func picture(of canvas: Canvas) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    var known: [Style: Character] = [.plain: " "]
    var legend: [String] = []
    var text: [String] = [], styles: [String] = []
    for row in 0..<canvas.rows {
        var line = ""
        for column in 0..<canvas.columns {
            let style = canvas[row, column].style
            if known[style] == nil {
                let letter = legend.count < letters.count ? letters[legend.count] : "?"
                known[style] = letter
                legend.append("\(letter) \(words(for: style))")
            }
            line.append(known[style] ?? "?")
        }
        while line.last == " " { line.removeLast() }
        text.append(canvas.text(row: row))
        styles.append(line)
    }
    return (["\(canvas.columns)x\(canvas.rows)"] + text + ["--- styles"] + styles + ["--- legend"] + legend)
        .joined(separator: "\n") + "\n"
}

private func words(for style: Style) -> String {
    let names: [(Style.Attributes, String)] = [
        (.bold, "bold"), (.dim, "dim"), (.underline, "underline"), (.reverse, "reverse"), (.italic, "italic"),
    ]
    var words = names.filter { style.attributes.contains($0.0) }.map(\.1)
    if style.foreground >= 0 { words.append("foreground \(style.foreground)") }
    if style.background >= 0 { words.append("background \(style.background)") }
    return words.joined(separator: ", ")
}

/// Compares a canvas with its file in Snapshots; writes the file where SNAPSHOTS is `record`.
func expectSnapshot(_ name: String, _ canvas: Canvas, sourceLocation: SourceLocation = #_sourceLocation) {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let path = "\(folder)/Snapshots/\(name).txt"
    let new = picture(of: canvas)
    if let wish = unsafe getenv("SNAPSHOTS"), unsafe String(cString: wish) == "record" {
        #expect(write(new, to: path), "\(path) cannot be written", sourceLocation: sourceLocation)
        return
    }
    guard let old = contents(of: path) else {
        Issue.record("\(path) is missing: run with SNAPSHOTS=record", sourceLocation: sourceLocation)
        return
    }
    guard old != new else { return }
    let pairs = zip(
        old.split(separator: "\n", omittingEmptySubsequences: false),
        new.split(separator: "\n", omittingEmptySubsequences: false))
    let difference = pairs.enumerated().first { $0.element.0 != $0.element.1 }
    Issue.record(
        """
        \(name) differs from line \((difference?.offset ?? 0) + 1) on (SNAPSHOTS=record takes the new one over):
        was \(difference?.element.0 ?? "longer or shorter")
        is  \(difference?.element.1 ?? "longer or shorter")
        \(new)
        """, sourceLocation: sourceLocation)
}

private func contents(of path: String) -> String? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = unsafe fread(&piece, 1, piece.count, file)
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += piece.prefix(count)
    }
}

private func write(_ text: String, to path: String) -> Bool {
    guard let file = unsafe fopen(path, "w") else { return false }
    let bytes = Array(text.utf8)
    let isWritten = unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count
    return unsafe fclose(file) == 0 && isWritten
}
