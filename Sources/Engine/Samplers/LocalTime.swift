internal import Glibc

/// The host's time zone.
public enum LocalTime {
    /// What local time is ahead of UTC now. Unit: seconds. Source: localtime_r(3).
    public static func offsetSeconds() -> Double {
        var now = time(nil)
        var parts = unsafe tm()
        guard unsafe localtime_r(&now, &parts) != nil else { return 0 }
        return unsafe Double(parts.tm_gmtoff)
    }
}
