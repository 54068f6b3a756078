/// futex(2), whose later arguments are others for each operation.
extension CallText {
    private enum Futex {
        static let command: UInt64 = 0x7f
        static let (wait, wake, requeue, compareRequeue, wakeOperation): (UInt64, UInt64, UInt64, UInt64, UInt64) =
            (0, 1, 3, 4, 5)
        static let (lock, unlock, waitBits, wakeBits): (UInt64, UInt64, UInt64, UInt64) = (6, 7, 9, 10)
        static let (waitRequeue, compareRequeueLock, lock2): (UInt64, UInt64, UInt64) = (11, 12, 13)
    }

    private func operation(_ event: SyscallEvent) -> UInt64 { event.arguments[1] & Futex.command }

    func isFutexShown(_ event: SyscallEvent, _ base: ArgumentKind.Base) -> Bool {
        let operation = operation(event)
        let moves = [
            Futex.requeue, Futex.compareRequeue, Futex.wakeOperation, Futex.waitRequeue, Futex.compareRequeueLock,
        ]
        return switch base {
        case .futexTimeout:
            ![Futex.wake, Futex.unlock, Futex.wakeBits, 8].contains(operation)
        case .futexSecond: moves.contains(operation)
        default:
            [
                Futex.compareRequeue, Futex.wakeOperation, Futex.waitBits, Futex.wakeBits, Futex.compareRequeueLock,
            ].contains(operation)
        }
    }

    mutating func writeFutexOperation(_ value: UInt64) {
        let flags = value & ~Futex.command
        // As the header names the most usual ones.
        writeChoice(value & Futex.command, set("futex-operation"))
        if flags & 0x80 != 0 { put("_PRIVATE") }
        if flags & ~0x80 != 0 {
            put("|")
            writeFlags(flags & ~0x80, set("futex-flags"))
        }
    }

    mutating func writeFutexValue(_ event: SyscallEvent) {
        put(decimal: UInt64(UInt32(truncatingIfNeeded: event.arguments[2])))
    }

    mutating func writeFutexTimeout(_ event: SyscallEvent) {
        let value = event.arguments[3]
        let moves = [Futex.requeue, Futex.compareRequeue, Futex.wakeOperation, Futex.compareRequeueLock]
        if moves.contains(operation(event)) {
            put(decimal: value)
        } else if value == 0 {
            put("NULL")
        } else if let piece = event.piece(3), !piece.hasFailed, let structure = table.structures.number(of: "timespec")
        {
            writeStructure(structure, piece.bytes)
        } else {
            put(address: value)
        }
    }

    mutating func writeFutexThird(_ event: SyscallEvent) {
        let value = event.arguments[5] & 0xffff_ffff
        switch operation(event) {
        case Futex.waitBits, Futex.wakeBits:
            value == 0xffff_ffff ? put("FUTEX_BITSET_MATCH_ANY") : writeNumber(value)
        case Futex.wakeOperation: writeNumber(value)
        default: put(decimal: value)
        }
    }
}
