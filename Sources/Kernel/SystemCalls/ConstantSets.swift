/// Named numbers of the kernel's headers, in sets. Source: Resources/system-call-constants.txt, which a script makes.
struct ConstantSets: Sendable {
    /// One named number.
    struct Constant: Sendable {
        var value: UInt64
        var mask: UInt64
        var name: [UInt8]
    }

    private(set) var sets: [[Constant]] = []
    private var numbers: [String: Int] = [:]

    init(parsing text: String) {
        var current: [Constant] = []
        var name: String?
        func value(_ word: Substring) -> UInt64? {
            if word.hasPrefix("0x") { return UInt64(word.dropFirst(2), radix: 16) }
            return Int64(word).map { UInt64(bitPattern: $0) } ?? UInt64(word)
        }
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                if let name { add(name, current) }
                current = []
                name = line[line.index(after: line.startIndex)..<end].split(separator: " ").first.map { String($0) }
                continue
            }
            guard let space = line.firstIndex(of: " ") else { continue }
            let numbers = line[..<space].split(separator: "/")
            guard let first = numbers.first, let number = value(first) else { continue }
            let mask = numbers.count > 1 ? value(numbers[1]) ?? number : number
            current.append(Constant(value: number, mask: mask, name: Array(line[line.index(after: space)...].utf8)))
        }
        if let name { add(name, current) }
    }

    private mutating func add(_ name: String, _ constants: [Constant]) {
        numbers[name] = sets.count
        sets.append(constants)
    }

    /// The number of a set; nil where there is none of that name.
    func number(of name: String) -> Int? { numbers[name] }

    /// The name of a value in a set of values.
    func name(of value: UInt64, in set: Int) -> [UInt8]? {
        sets[set].first { $0.value == value }?.name
    }
}
