/// A cell's value before it is text: what sorting, filtering, JSON and the screen all start from.
public enum ColumnValue: Sendable {
    /// Not known: shown as `·`, written as `null`.
    case absent
    /// A whole number shown as it is, such as a pid.
    case number(Int64)
    /// A count that is shortened on the screen.
    case count(Double)
    /// Bytes.
    case bytes(Double)
    /// Percent.
    case percent(Double)
    /// Seconds.
    case seconds(Double)
    /// A moment of local time, and the moment it is seen from. Unit: seconds since 1970, both.
    case moment(Double, seenFrom: Double)
    /// Text, hostile as the target wrote it.
    case text(String)

    /// The number behind the value, for sorting and comparing.
    public var magnitude: Double? {
        switch self {
        case .absent, .text: nil
        case .number(let value): Double(value)
        case .moment(let value, _): value
        case .count(let value), .bytes(let value), .percent(let value), .seconds(let value): value
        }
    }

    /// The value as the screen shows it, hostile characters still inside.
    public var text: String {
        switch self {
        case .absent: "·"
        case .number(let value): String(value)
        case .count(let value): NumberText.count(value)
        case .bytes(let value): NumberText.bytes(value)
        case .percent(let value): NumberText.percent(value)
        case .seconds(let value): NumberText.duration(seconds: value)
        case .moment(let value, let now): NumberText.moment(value, seenFrom: now)
        case .text(let value): value
        }
    }

    /// A count, absent where it is not known.
    public static func count(_ value: Double?) -> ColumnValue { value.map { .count($0) } ?? .absent }
    /// A count, absent where it is not known.
    public static func count(_ value: UInt64?) -> ColumnValue { value.map { .count(Double($0)) } ?? .absent }
    /// Bytes, absent where they are not known.
    public static func bytes(_ value: Double?) -> ColumnValue { value.map { .bytes($0) } ?? .absent }
    /// Bytes, absent where they are not known.
    public static func bytes(_ value: UInt64?) -> ColumnValue { value.map { .bytes(Double($0)) } ?? .absent }
    /// Percent, absent where it is not known.
    public static func percent(_ value: Double?) -> ColumnValue { value.map { .percent($0) } ?? .absent }
    /// A count to the last one as long as five cells have room for it: limits are compared with it.
    public static func exact(_ value: Int32) -> ColumnValue {
        value < 100_000 ? .number(Int64(value)) : .count(Double(value))
    }
    /// A whole number, absent where it is not known.
    public static func number(_ value: Int32?) -> ColumnValue { value.map { .number(Int64($0)) } ?? .absent }
    /// Text, absent where it is not known.
    public static func text(_ value: String?) -> ColumnValue { value.map { .text($0) } ?? .absent }
}
