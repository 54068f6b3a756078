/// Why a filter cannot be understood, and where.
public struct FilterError: Error, Sendable, Hashable {
    /// What is wrong, with what would be right.
    public var text: String
    /// Characters before the place.
    public var offset: Int
}

extension Filter {
    /// Understands a filter; empty text is nil.
    ///
    /// - Throws: ``FilterError`` with the place and the remedy.
    public init?(parsing text: String) throws(FilterError) {
        var parser = FilterParser(text)
        guard !parser.isAtEnd else { return nil }
        self = try parser.disjunction()
        guard parser.isAtEnd else { throw parser.error("a stray `)`") }
    }

    /// How a filter is written that keeps what has a text in its name or command line, whatever the text is.
    public static func word(keeping text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte == 0x2D || byte == 0x2E || byte == 0x2F || byte == 0x5F || 0x30...0x39 ~= byte
                || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte
        }
        guard !isPlain || ["and", "or", "not", "py", "python"].contains(text.lowercased()) else { return text }
        // One kind of quotation mark keeps the other.
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"'\"'\"") + "\""
    }
}

private struct FilterParser {
    private struct Token {
        var text: String
        var offset: Int
        var quoted: Bool
        /// Characters before the first quotation mark: what is compared stands there, all behind it is text.
        var bare: Int
    }
    private var tokens: [Token] = []
    private var place = 0
    private var depth = 0
    /// Most words and signs of a filter: it is a tree, and each one may make it deeper.
    private static let tokenLimit = 1000

    init(_ text: String) {
        var current = ""
        var start = 0
        var quote: Character?
        var wasQuoted = false
        var bare = 0
        func flush(_ tokens: inout [Token]) {
            if !current.isEmpty || wasQuoted {
                let plain = wasQuoted ? bare : current.count
                tokens.append(Token(text: current, offset: start, quoted: wasQuoted, bare: plain))
            }
            current = ""
            wasQuoted = false
        }
        for (offset, character) in text.enumerated() {
            if let open = quote {
                if character == open { quote = nil } else { current.append(character) }
            } else if character == "\"" || character == "'" {
                if current.isEmpty { start = offset }
                if !wasQuoted { bare = current.count }
                quote = character
                wasQuoted = true
            } else if character == " " || character == "\t" {
                flush(&tokens)
            } else if character == "(" || character == ")" {
                flush(&tokens)
                tokens.append(Token(text: String(character), offset: offset, quoted: false, bare: 1))
            } else {
                if current.isEmpty { start = offset }
                current.append(character)
            }
        }
        flush(&tokens)
    }

    var isAtEnd: Bool { place >= tokens.count }

    func error(_ text: String) -> FilterError {
        FilterError(
            text: text,
            offset: place < tokens.count ? tokens[place].offset : tokens.last.map { $0.offset + $0.text.count } ?? 0)
    }

    private func isKeyword(_ word: String) -> Bool {
        !isAtEnd && !tokens[place].quoted && tokens[place].text.lowercased() == word
    }

    mutating func disjunction() throws(FilterError) -> Filter {
        var left = try conjunction()
        while isKeyword("or") || isKeyword("|") {
            place += 1
            left = .any(left, try conjunction())
        }
        return left
    }

    private mutating func conjunction() throws(FilterError) -> Filter {
        var left = try term()
        while !isAtEnd, !isKeyword("or"), !isKeyword("|"), !isKeyword(")") {
            if isKeyword("and") { place += 1 }
            left = .all(left, try term())
        }
        return left
    }

    private mutating func term() throws(FilterError) -> Filter {
        guard !isAtEnd else { throw error("something is missing at the end") }
        guard tokens.count <= FilterParser.tokenLimit else {
            throw error("a filter has \(FilterParser.tokenLimit) words at the most")
        }
        guard depth < 64 else { throw error("nested too deeply") }
        if isKeyword("not") || isKeyword("!") {
            place += 1
            depth += 1
            defer { depth -= 1 }
            return .not(try term())
        }
        if isKeyword("(") {
            place += 1
            depth += 1
            defer { depth -= 1 }
            let inner = try disjunction()
            guard isKeyword(")") else { throw error("a `)` is missing") }
            place += 1
            return inner
        }
        guard !isKeyword(")"), !isKeyword("and"), !isKeyword("or") else {
            throw error("`\(tokens[place].text)` needs something before it")
        }
        return try simple()
    }

    private mutating func simple() throws(FilterError) -> Filter {
        let token = tokens[place]
        guard let (name, comparison, operand) = split(token) else {
            place += 1
            if !token.quoted, token.text.lowercased() == "python" || token.text == "py" { return .python }
            return .word(token.text)
        }
        guard !operand.isEmpty else {
            throw error("`\(name)\(comparison.rawValue)` needs a value, such as `\(name)\(comparison.rawValue)1`")
        }
        if name.lowercased() == "port" {
            guard comparison == .equal, let port = UInt16(operand) else {
                throw error("`port=` takes a number from 0 to 65535")
            }
            place += 1
            return .port(port)
        }
        guard let column = Column.named(name) ?? Column.named(name + "/s") else {
            throw error("there is no column `\(name)`; `viv ps --columns help` lists them")
        }
        let number = FilterParser.number(operand, bytes: column.unit.hasPrefix("bytes"))
        if number == nil, [.less, .lessOrEqual, .greater, .greaterOrEqual].contains(comparison) {
            throw error("`\(operand)` is not a number; write `20`, `1.5k`, `400M` or `10/s`")
        }
        place += 1
        return .comparison(column, comparison, Filter.Operand(text: operand, number: number))
    }

    /// `majflt>0/s` names the rate by the operand's suffix.
    private func split(_ token: Token) -> (String, Filter.Comparison, String)? {
        let characters = Array(token.text)
        for index in 1..<max(1, token.bare) where "=<>~!".contains(characters[index]) {
            let pair = index + 1 < characters.count ? String(characters[index...(index + 1)]) : ""
            let sign = Filter.Comparison(rawValue: pair) ?? Filter.Comparison(rawValue: String(characters[index]))
            guard let sign else { return nil }
            var name = String(characters[..<index])
            var operand = String(characters[(index + sign.rawValue.count)...])
            if operand.hasPrefix("=") && sign == .equal { operand.removeFirst() }
            if operand.hasSuffix("/s") {
                operand.removeLast(2)
                if !name.hasSuffix("/s") { name += "/s" }
            }
            return (name, sign, operand)
        }
        return nil
    }

    static func number(_ text: String, bytes: Bool) -> Double? {
        var digits = text
        var factor = 1.0
        if let last = digits.last, let power = "kmgt".firstIndex(of: Character(last.lowercased())) {
            let step: Double = bytes ? 1024 : 1000
            for _ in 0...("kmgt".distance(from: "kmgt".startIndex, to: power)) { factor *= step }
            digits.removeLast()
        } else if digits.last == "%" {
            digits.removeLast()
        }
        // Double would understand hexadecimal, infinity and nan as well.
        guard digits.utf8.allSatisfy({ 48...57 ~= $0 || $0 == 43 || $0 == 45 || $0 == 46 }) else { return nil }
        return Double(digits).map { $0 * factor }
    }
}
