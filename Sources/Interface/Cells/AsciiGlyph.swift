/// What stands for the glyph of one cell on a terminal that shows ASCII only: always one printable character.
///
/// A wide glyph becomes two of them, one for each of its cells, so that what follows stays in its column.
public func asciiGlyph(_ glyph: UInt32) -> UInt32 {
    if (32..<127).contains(glyph) { return glyph }
    guard let scalar = Unicode.Scalar(glyph) else { return 63 }
    switch scalar {
    case "─", "━": return 45
    case "│", "▏", "▎", "▍", "▌": return 124
    case "┌", "┐", "└", "┘", "├", "┤", "┬", "┴", "┼": return 43
    case "▁": return 95
    case "▂", "▃": return 46
    case "▄", "▅": return 111
    case "▆", "▇", "█": return 35
    case "░": return 46
    case "▸", "›", "→": return 62
    case "‹", "←": return 60
    case "▾", "↓": return 118
    case "↑", "✝": return scalar == "↑" ? 94 : 43
    case "·", "…": return 46
    case "●": return 42
    case "−", "—": return 45
    case "Σ": return 83
    case "Δ": return 68
    case "≤": return 60
    default: return 63
    }
}
