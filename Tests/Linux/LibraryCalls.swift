import Glibc

/// Functions of the C library that its Swift module does not show, looked up by name; nil where the library is older.
enum LibraryCalls {
    private typealias NameOf = @convention(c) (Int32) -> UnsafePointer<CChar>?

    /// strerrorname_np(3).
    static func errorName(_ number: Int32) -> String? { text("strerrorname_np", number) }

    /// sigabbrev_np(3).
    static func signalName(_ number: Int32) -> String? { text("sigabbrev_np", number) }

    /// Whether the library has a function of that name.
    static func has(_ name: String) -> Bool { unsafe dlsym(nil, name) != nil }

    private static func text(_ function: String, _ number: Int32) -> String? {
        guard let address = unsafe dlsym(nil, function) else { return nil }
        let call = unsafe unsafeBitCast(address, to: NameOf.self)
        return unsafe call(number).map { unsafe String(cString: $0) }
    }
}
