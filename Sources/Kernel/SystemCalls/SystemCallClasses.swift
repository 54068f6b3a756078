extension SystemCallTable {
    /// Parses the lines of system-call-kinds.txt that name classes of calls.
    static func classes(_ kinds: String, _ calls: [Call?], _ numbers: [String: Int]) -> [String: Set<Int32>] {
        var classes: [String: Set<Int32>] = [:]
        for line in kinds.split(separator: "\n") where line.hasPrefix("%") {
            let words = line.dropFirst().split(separator: " ")
            guard let name = words.first else { continue }
            classes[String(name)] = Set(words.dropFirst().compactMap { numbers[String($0)].map { Int32($0) } })
        }
        for case let call? in calls {
            let bases = call.arguments.map(\.base)
            if bases.contains(.path) { classes["file", default: []].insert(Int32(call.number)) }
            if bases.contains(.fd) || bases.contains(.dirfd) || call.result.base == .fd {
                classes["desc", default: []].insert(Int32(call.number))
            }
        }
        return classes
    }

    /// Numbers of the calls that a list names: names and `%class`es with commas between them, `!` before those that are not meant.
    ///
    /// - Throws: ``UnknownCall`` for a word that is neither.
    public func numbers(of list: String) throws(UnknownCall) -> Set<Int32> {
        var wanted: Set<Int32>?
        var unwanted = Set<Int32>()
        for word in list.split(separator: ",") {
            let isUnwanted = word.hasPrefix("!")
            let name = String(isUnwanted ? word.dropFirst() : word)
            let found: Set<Int32>
            if let number = number(of: name) {
                found = [number]
            } else if let members = classes[name.hasPrefix("%") ? String(name.dropFirst()) : name] {
                found = members
            } else {
                throw UnknownCall(name: name, suggestions: suggestions(for: name))
            }
            if isUnwanted { unwanted.formUnion(found) } else { wanted = (wanted ?? []).union(found) }
        }
        let all = Set(calls.compactMap { $0.map { Int32($0.number) } })
        return (wanted ?? all).subtracting(unwanted)
    }

    private func suggestions(for name: String) -> [String] {
        let known = calls.compactMap { $0?.name } + classes.keys.map { "%" + $0 }
        let stem = name.drop { $0 == "%" }
        return Array(known.filter { !stem.isEmpty && $0.contains(stem) }.sorted().prefix(6))
    }

    /// Names of all classes.
    public var classNames: [String] { classes.keys.sorted() }
}

/// A word that is no system call and no class of them.
public struct UnknownCall: Error, Sendable, CustomStringConvertible {
    /// The word.
    public let name: String
    /// What it may have been meant for.
    public let suggestions: [String]

    /// The remedy in words.
    public var description: String {
        "'\(name)' is no system call of this kernel's, nor a class"
            + (suggestions.isEmpty ? "" : "; there are \(suggestions.joined(separator: ", "))")
    }
}
