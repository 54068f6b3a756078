internal import TOMLKit

/// Where a key stands in the text of a configuration file.
///
/// The parser gives the places of what it does not understand, and of nothing else: so it is asked how far the text
/// goes without the key.
enum ConfigurationPlace {
    /// The number of the line that a key stands in, from 1 on.
    ///
    /// - Returns: `nil` where the text has no such key, or has it in other characters, as TOML's escapes allow.
    static func line(of path: [String], in text: String) -> Int? {
        guard let name = path.last.map({ Array($0.utf8) }) else { return nil }
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        func hasKey(before count: Int) -> Bool? {
            let end = count < lines.count ? lines[count].startIndex : text.endIndex
            return has(path, String(decoding: text.utf8[..<end], as: UTF8.self))
        }
        // Comments, texts and other tables may say the name too: it is the last of those lines before which it is not.
        let index = lines.indices.last { lines[$0].firstRange(of: name) != nil && hasKey(before: $0) == false }
        guard let index, (index + 1...lines.count).lazy.compactMap({ hasKey(before: $0) }).first == true else {
            return nil
        }
        return index + 1
    }

    /// Whether a text has a key; `nil` where it ends in the middle of something.
    private static func has(_ path: [String], _ text: String) -> Bool? {
        guard let whole = try? TOMLTable(string: text) else { return nil }
        let table = path.dropLast().reduce(Optional(whole)) { table, part in table?[part]?.table }
        return path.last.flatMap { table?[$0] } != nil
    }
}
