/// Bytes on their way to a file.
///
/// An error of the sink is kept until the end and ends the writing: formats need not look for it at every comma.
struct ProfileOutput {
    private var buffer: [UInt8] = []
    private let sink: ([UInt8]) throws -> Void
    private(set) var failure: (any Error)?

    private static let pieceBytes = 64 << 10

    init(_ sink: @escaping ([UInt8]) throws -> Void) {
        self.sink = sink
        buffer.reserveCapacity(ProfileOutput.pieceBytes + 4096)
    }

    mutating func write(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= ProfileOutput.pieceBytes { flush() }
    }

    mutating func write(_ bytes: some Collection<UInt8>) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= ProfileOutput.pieceBytes { flush() }
    }

    mutating func write(_ byte: UInt8) {
        buffer.append(byte)
        if buffer.count >= ProfileOutput.pieceBytes { flush() }
    }

    /// Writes what is left, and says what went wrong.
    mutating func finish() throws {
        flush()
        if let failure { throw failure }
    }

    private mutating func flush() {
        defer { buffer.removeAll(keepingCapacity: true) }
        guard failure == nil, !buffer.isEmpty else { return }
        do { try sink(buffer) } catch { failure = error }
    }
}
