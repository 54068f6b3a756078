/// Structures in memory that system calls read and write. Source: Resources/system-call-structures.txt.
struct Structures: Sendable {
    /// One field.
    struct Field: Sendable {
        enum Kind: Sendable {
            case signed(Int), unsigned(Int), hexadecimal(Int), octal(Int)
            case flags(Int, bits: Int), choice(Int, bits: Int)
            case fileMode(Int), openMode, limit, text(Int), statSize, loads, filesystem, fsid, statxAttributes
            case structure(Int)
            /// What is not shown.
            case rest
        }

        var name: [UInt8]
        var kind: Kind
        var offset: Int
    }

    /// One structure.
    struct Layout: Sendable {
        var name: String
        /// What a C program calls it, and where it is declared.
        var type: String
        var header: String
        var size: Int
        var fields: [Field]
    }

    private(set) var layouts: [Layout] = []
    private var numbers: [String: Int] = [:]

    init(parsing text: String, _ constants: ConstantSets) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "\"", maxSplits: 2)
            guard parts.count == 3, let colon = parts[2].firstIndex(of: ":") else { continue }
            let head = parts[2][..<colon].split(separator: " ")
            guard head.count == 2, let size = Int(head[1]) else { continue }
            let name = parts[0].filter { $0 != " " }
            let fields = parts[2][parts[2].index(after: colon)...].split(separator: " ").compactMap {
                field($0, constants)
            }
            numbers[name] = layouts.count
            layouts.append(
                Layout(name: name, type: String(parts[1]), header: String(head[0]), size: size, fields: fields))
        }
    }

    private func field(_ word: Substring, _ constants: ConstantSets) -> Field? {
        if word == "…" { return Field(name: [], kind: .rest, offset: 0) }
        guard let equals = word.firstIndex(of: "="), let at = word.lastIndex(of: "@"),
            let offset = Int(word[word.index(after: at)...])
        else { return nil }
        let kind = word[word.index(after: equals)..<at]
        guard let parsed = parse(kind, constants) else { return nil }
        return Field(name: Array(word[..<equals].utf8), kind: parsed, offset: offset)
    }

    private func parse(_ word: Substring, _ constants: ConstantSets) -> Field.Kind? {
        let bits = word.dropFirst()
        if let slash = word.firstIndex(of: "/"), let width = Int(word[word.index(after: slash)...]) {
            let before = word[..<slash]
            if before == "text" { return .text(width) }
            guard let colon = before.firstIndex(of: ":"),
                let set = constants.number(of: String(before[before.index(after: colon)...]))
            else { return nil }
            return before.hasPrefix("flags") ? .flags(set, bits: width) : .choice(set, bits: width)
        }
        switch word {
        case "file-mode": return .fileMode(32)
        case "file-mode16": return .fileMode(16)
        case "open-mode": return .openMode
        case "limit": return .limit
        case "stat-size": return .statSize
        case "loads": return .loads
        case "filesystem": return .filesystem
        case "fsid": return .fsid
        case "statx-attributes": return .statxAttributes
        default: break
        }
        if let structure = numbers[String(word)] { return .structure(structure) }
        guard let width = Int(bits) else { return nil }
        switch word.first {
        case "s": return .signed(width)
        case "u": return .unsigned(width)
        case "x": return .hexadecimal(width)
        case "o": return .octal(width)
        default: return nil
        }
    }

    /// The number of a structure; nil where there is none of that name.
    func number(of name: String) -> Int? { numbers[name] }
}
