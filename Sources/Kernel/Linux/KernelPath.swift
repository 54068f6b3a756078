/// A short path built in place, without allocating: `1234/task/1235/stat`.
///
/// Holds at most 95 bytes; what is longer is cut, which the paths of /proc never are.
public struct KernelPath: Sendable {
    private var bytes = InlineArray<96, UInt8>(repeating: 0)
    private var count = 0

    /// The empty path.
    public init() {}

    /// Adds text.
    public mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { buffer in
            for index in buffer.indices { unsafe append(buffer[index]) }
        }
    }

    /// Adds a number in decimal.
    public mutating func append(_ number: Int32) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var divisor: UInt32 = 1
        let magnitude = number.magnitude
        while magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude / divisor % 10))
            divisor /= 10
        }
    }

    private mutating func append(_ byte: UInt8) {
        guard count < 95 else { return }
        bytes[count] = byte
        count += 1
    }

    /// Lends the path to a system call; the byte after the last is NUL.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        unsafe bytes.span.withUnsafeBytes { raw in
            // The storage is 96 bytes, never empty, so the address is there.
            guard let address = raw.baseAddress else { fatalError("a path without storage") }
            return unsafe body(address.assumingMemoryBound(to: CChar.self))
        }
    }
}
