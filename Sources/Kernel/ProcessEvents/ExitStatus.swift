/// How a process ended: the status of wait(2), taken apart.
public enum ExitStatus: Sendable, Hashable {
    /// It called exit(2) with this code.
    case exited(code: Int32)
    /// A signal ended it.
    case killed(signal: Int32, dumpedCore: Bool)

    /// Decodes a status of an ended process.
    ///
    /// - Parameter waitStatus: As wait(2) returns it: the code in bits 8–15, the signal in bits 0–6, 128 for a core.
    public init(waitStatus: UInt32) {
        let signal = Int32(waitStatus & 0x7f)
        self =
            signal == 0
            ? .exited(code: Int32(waitStatus >> 8 & 0xff))
            : .killed(signal: signal, dumpedCore: waitStatus & 0x80 != 0)
    }
}
