/// A JSON document in the order in which it was built.
///
/// FoundationEssentials' encoder sorts or scrambles keys; the contract is easier to read in a fixed order.
indirect enum Json {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([Json])
    case object([(String, Json)])

    /// The document as one line.
    var text: String {
        var result = ""
        write(to: &result)
        return result
    }

    private func write(to result: inout String) {
        switch self {
        case .null: result += "null"
        case .bool(let value): result += value ? "true" : "false"
        case .integer(let value): result += String(value)
        case .number(let value):
            // JSON has no infinity; a whole number is written without a fraction.
            if !value.isFinite {
                result += "null"
            } else if value == value.rounded(), abs(value) < 1e15 {
                result += String(Int64(value))
            } else {
                result += "\(value)"
            }
        case .string(let value): Json.quote(value, to: &result)
        case .array(let values):
            result += "["
            for (place, value) in values.enumerated() {
                if place > 0 { result += "," }
                value.write(to: &result)
            }
            result += "]"
        case .object(let members):
            result += "{"
            for (place, member) in members.enumerated() {
                if place > 0 { result += "," }
                Json.quote(member.0, to: &result)
                result += ":"
                member.1.write(to: &result)
            }
            result += "}"
        }
    }

    private static func quote(_ text: String, to result: inout String) {
        result += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            // Whatever could steer a terminal that shows the document is escaped too.
            case _
            where scalar.value < 32 || (0x7f..<0xa0).contains(scalar.value) || (0x2028...0x202e).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        result += "\""
    }

    static func optional(_ value: Double?) -> Json { value.map { .number($0) } ?? .null }
    static func optional(_ value: String?) -> Json { value.map { .string($0) } ?? .null }
    static func optional(_ value: UInt64?) -> Json { value.map { .integer(Int64(clamping: $0)) } ?? .null }
    static func optional(_ value: Bool?) -> Json { value.map { .bool($0) } ?? .null }
    static func optional(_ value: Int?) -> Json { value.map { .integer(Int64($0)) } ?? .null }
}
