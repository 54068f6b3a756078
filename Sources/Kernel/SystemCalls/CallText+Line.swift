/// What stands around a call in a line.
extension CallText {
    /// Whose call it is.
    public mutating func put(task tid: Int32) {
        put("[pid ")
        put(decimal: Int64(tid))
        put("] ")
    }

    /// How long it took, in seconds.
    public mutating func put(duration nanoseconds: UInt64) {
        put(" <")
        put(decimal: nanoseconds / 1_000_000_000)
        put(".")
        put(microseconds: nanoseconds / 1000 % 1_000_000)
        put(">")
    }

    /// A moment as hours, minutes and seconds.
    ///
    /// - Parameters:
    ///   - nanoseconds: since 1970.
    ///   - ahead: what the local time is ahead of UTC. Unit: seconds.
    public mutating func put(timeOfDay nanoseconds: UInt64, ahead: Int) {
        let seconds = (Int(nanoseconds / 1_000_000_000) + ahead) % 86400
        for (place, part) in [seconds / 3600, seconds / 60 % 60, seconds % 60].enumerated() {
            if place > 0 { put(":") }
            if part < 10 { put("0") }
            put(decimal: Int64(part))
        }
        put(".")
        put(microseconds: nanoseconds / 1000 % 1_000_000)
        put(" ")
    }

    private mutating func put(microseconds value: UInt64) {
        var unit: UInt64 = 100_000
        while unit > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / unit % 10))
            unit /= 10
        }
    }
}
