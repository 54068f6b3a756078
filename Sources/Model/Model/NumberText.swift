/// Numbers as the screen shows them: three significant digits and a unit letter, never wider than five cells.
public enum NumberText {
    /// A count or a rate: `0`, `0.3`, `7.5`, `98`, `640`, `1.24k`, `31.0M`.
    public static func count(_ value: Double) -> String {
        guard value.isFinite else { return "·" }
        if value < 0 { return "-" + count(-value) }
        if value == 0 { return "0" }
        if value < 9.95 && value != value.rounded() { return value < 0.05 ? "0.0" : fixed(value, 1) }
        if value < 999.5 { return fixed(value, 0) }
        return scaled(value, 1000, ["k", "M", "G", "T", "P", "E"])
    }

    /// Bytes in powers of 1024: `0`, `812`, `12.0K`, `412M`, `1.10G`.
    public static func bytes(_ value: Double) -> String {
        guard value.isFinite else { return "·" }
        if value < 0 { return "-" + bytes(-value) }
        if value < 999.5 { return fixed(value, 0) }
        return scaled(value, 1024, ["K", "M", "G", "T", "P", "E"])
    }

    /// Percent: one decimal below 100, none from there on.
    public static func percent(_ value: Double) -> String {
        guard value.isFinite else { return "·" }
        return value < 99.95 ? fixed(max(0, value), 1) : value < 99999 ? fixed(value, 0) : "99999"
    }

    /// A stretch of time in at most nine cells: `0:03.21`, `12:34.56`, `3h04:05`, `12d03:04`, `401d`.
    public static func duration(seconds: Double) -> String {
        guard seconds.isFinite else { return "·" }
        let hundredths = Int(min(max(0, seconds), 1e12) * 100)
        let whole = hundredths / 100
        if whole < 3600 { return "\(whole / 60):" + two(whole % 60) + "." + two(hundredths % 100) }
        if whole < 86400 { return "\(whole / 3600)h" + two(whole / 60 % 60) + ":" + two(whole % 60) }
        if whole < 86400 * 100 { return "\(whole / 86400)d" + two(whole / 3600 % 24) + ":" + two(whole / 60 % 60) }
        return "\(whole / 86400)d"
    }

    /// How long ago something was, to the second: `01:05`, `1:02:03`, `3d04:05:06`.
    public static func ago(seconds: Double) -> String {
        guard seconds.isFinite else { return "·" }
        let whole = Int(min(max(0, seconds), 1e11))
        let clock = two(whole / 60 % 60) + ":" + two(whole % 60)
        if whole < 3600 { return clock }
        if whole < 86400 { return "\(whole / 3600):" + clock }
        return "\(whole / 86400)d" + two(whole / 3600 % 24) + ":" + clock
    }

    /// A stretch of time in words, in its two largest units: `42 s`, `1 min 5 s`, `15 min`, `2 h 10 min`.
    public static func span(seconds: Double) -> String {
        guard seconds.isFinite else { return "·" }
        let whole = Int(min(max(0, seconds), 1e11))
        func words(_ large: Int, _ name: String, _ small: Int, _ unit: String) -> String {
            large == 0 ? "\(small) \(unit)" : "\(large) \(name)" + (small == 0 ? "" : " \(small) \(unit)")
        }
        if whole < 3600 { return words(whole / 60, "min", whole % 60, "s") }
        if whole < 86400 { return words(whole / 3600, "h", whole / 60 % 60, "min") }
        return words(whole / 86400, "d", whole / 3600 % 24, "h")
    }

    /// A moment as seen from another: time of day within the last day, else the date. Unit: seconds, local time.
    public static func moment(_ seconds: Double, seenFrom now: Double) -> String {
        guard seconds > -6e10, seconds < 1e11 else { return "·" }
        let whole = Int(seconds.rounded(.down))
        if now - seconds < 86400, seconds <= now + 60 {
            let day = ((whole % 86400) + 86400) % 86400
            return two(day / 3600) + ":" + two(day / 60 % 60) + ":" + two(day % 60)
        }
        // Days to a civil date, in eras of 400 years that start on 1 March.
        let days = (whole >= 0 ? whole : whole - 86399) / 86400 + 719_468
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return two(year % 100) + "-" + two(month) + "-" + two(dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    /// `value` with `digits` decimals, rounded half away from zero, without the locale.
    public static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return "·" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let clipped = min(abs(value), 9e15 / scale)
        let units = Int((clipped * scale).rounded())
        let sign = value < 0 && units != 0 ? "-" : ""
        guard digits > 0 else { return sign + String(units) }
        let divisor = Int(scale)
        let rest = String(units % divisor)
        return sign + String(units / divisor) + "." + String(repeating: "0", count: digits - rest.utf8.count) + rest
    }

    private static func scaled(_ value: Double, _ base: Double, _ units: [String]) -> String {
        var rest = value
        for unit in units {
            rest /= base
            if rest < 999.5 { return fixed(rest, rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0) + unit }
        }
        // No counter of 64 bits comes here: a sum or a rate that is out of bounds stays as wide as its column.
        return "999" + (units.last ?? "")
    }

    /// Two digits with a leading zero.
    public static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}
