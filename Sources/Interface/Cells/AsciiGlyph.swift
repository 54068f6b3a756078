/// What stands for a glyph on a terminal that shows ASCII only; of the same width.
public func asciiGlyph(_ glyph: UInt32) -> UInt32 {
    if glyph < 127 { return glyph }
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
