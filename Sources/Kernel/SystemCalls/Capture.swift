/// Reads the memory that belongs to a call as its plan says: what the program system-calls does in the kernel, for those who read from outside.
///
/// Source of the layout and the limits: Resources/bpf/system-calls.bpf.c, system_calls.h.
public struct Capture: Sendable {
    /// Reads up to so many bytes from an address of the thread; nil where there are none.
    public typealias Memory = (_ address: UInt64, _ count: Int) -> [UInt8]?

    /// Most bytes of a piece, and bytes of all pieces of a call after which none is added.
    static let (pieceLimit, dataLimit) = (512, 2560)
    /// Most texts of an array that are read, most buffers, and most messages.
    static let (textLimit, bufferLimit, messageLimit) = (16, 8, 4)

    private let plan: CapturePlan?
    /// Most bytes that are read of data.
    private let limit: Int
    /// Steps that could not be read at the entry: they are tried again at the exit.
    private var missed: [Int] = []

    /// What is read of one call; nothing without a plan.
    public init(_ plan: CapturePlan?, dataLimit: Int) {
        self.plan = plan
        limit = max(0, min(dataLimit, Capture.pieceLimit))
    }

    /// Adds to a call what is read at its entry.
    public mutating func takeAtEntry(_ event: inout SyscallEvent, from memory: Memory) {
        for (index, step) in (plan?.steps ?? []).enumerated() where step.atEntry {
            let before = event.bytes.count
            if take(step, atExit: false, &event, memory) { continue }
            missed.append(index)
            event.cut(to: before)
        }
    }

    /// Adds to a call what is read at its exit: its result is known.
    public func takeAtExit(_ event: inout SyscallEvent, from memory: Memory) {
        for (index, step) in (plan?.steps ?? []).enumerated() {
            if step.atExit, step.whenFailed || event.result >= 0 {
                _ = take(step, atExit: true, &event, memory)
            } else if missed.contains(index) {
                _ = take(step, atExit: false, &event, memory)
            }
        }
    }

    /// One step. Whether what it is about could be read.
    private func take(_ step: CapturePlan.Step, atExit: Bool, _ event: inout SyscallEvent, _ memory: Memory) -> Bool {
        let address = event.arguments[step.argument]
        guard address != 0 else { return true }
        let head = MemoryPiece(argument: step.argument, isFromExit: atExit)
        switch step.shape {
        case .followed: return event.takeFollowed(head, at: address &+ UInt64(step.size), memory)
        case .text: return event.takeText(head, at: address, memory)
        case .textArray: return event.takeTexts(head, at: address, memory)
        case .bytes, .vectors, .message: break
        }
        let count = min(self.count(step.count, event, memory), 1 << 31)
        var room = atExit ? UInt64(max(0, event.result)) : .max
        switch step.shape {
        case .message:
            return event.takeMessages(head, at: address, count, size: step.size, limit, &room, memory)
        case .vectors: return event.takeVectors(head, at: address, count, limit, room, memory)
        default:
            return event.takeBytes(
                head, at: address, count * UInt64(step.size), limit: step.isData ? limit : Capture.pieceLimit, memory)
        }
    }

    private func count(_ count: CapturePlan.Count, _ event: SyscallEvent, _ memory: Memory) -> UInt64 {
        switch count {
        case .one: 1
        case .argument(let place): event.arguments[place]
        case .result: UInt64(max(0, event.result))
        case .pointedBy(let place): memory(event.arguments[place], 4)?[...].number(at: 0, bits: 32) ?? 0
        }
    }
}

extension MemoryPiece {
    /// A piece of which nothing is read yet.
    fileprivate init(argument: Int, isFromExit: Bool) {
        self.init(
            argument: argument, isFromExit: isFromExit, hasFailed: false, isCut: false, part: .itself, index: 0,
            bytes: [])
    }
}

extension SyscallEvent {
    /// Takes back the pieces from an offset on.
    fileprivate mutating func cut(to length: Int) {
        bytes.removeSubrange(length...)
        range = 0..<length
    }

    /// Adds a piece whose bytes are at an address, as many of them as are allowed. Whether they could be read.
    fileprivate mutating func takeBytes(
        _ head: MemoryPiece, at address: UInt64, _ length: UInt64, limit: Int, _ memory: Capture.Memory
    ) -> Bool {
        guard bytes.count < Capture.dataLimit else { return false }
        var piece = head
        let limit = min(limit, Capture.pieceLimit)
        piece.isCut = piece.isCut || length > UInt64(limit)
        let count = Int(min(length, UInt64(limit)))
        if count > 0 {
            let read = memory(address, count)
            if let read, read.count == count { piece.bytes = read[...] } else { piece.hasFailed = true }
        }
        add(piece)
        return !piece.hasFailed
    }

    /// Adds a text with the NUL at its end.
    fileprivate mutating func takeText(_ head: MemoryPiece, at address: UInt64, _ memory: Capture.Memory) -> Bool {
        guard bytes.count < Capture.dataLimit else { return false }
        var piece = head
        let read = memory(address, Capture.pieceLimit - 1) ?? []
        if let end = read.firstIndex(of: 0) {
            piece.bytes = read[...end]
        } else if read.count == Capture.pieceLimit - 1 {
            piece.bytes = (read + [0])[...]
            piece.isCut = true
        } else {
            piece.hasFailed = true
        }
        add(piece)
        return !piece.hasFailed
    }

    /// Adds the texts of an array that ends with a null.
    fileprivate mutating func takeTexts(_ head: MemoryPiece, at address: UInt64, _ memory: Capture.Memory) -> Bool {
        var head = head
        head.part = .item
        for index in 0..<Capture.textLimit {
            head.index = index
            guard let word = memory(address &+ UInt64(index * 8), 8), word.count == 8 else {
                head.hasFailed = true
                _ = takeBytes(head, at: 0, 0, limit: 0, memory)
                return false
            }
            let text = word[...].number(at: 0, bits: 64)
            if text == 0 { return true }
            _ = takeText(head, at: text, memory)
        }
        head.index = Capture.textLimit
        head.isCut = true
        _ = takeBytes(head, at: 0, 0, limit: 0, memory)
        return true
    }

    /// Adds an array of struct iovec, and what is in the buffers: of all together no more than there is room for.
    fileprivate mutating func takeVectors(
        _ head: MemoryPiece, at address: UInt64, _ count: UInt64, _ limit: Int, _ room: UInt64, _ memory: Capture.Memory
    ) -> Bool {
        guard takeBytes(head, at: address, count &* 16, limit: Capture.pieceLimit, memory) else { return false }
        var room = room
        var head = head
        head.part = .item
        let first = head.index / 2 * 16
        for index in 0..<Capture.bufferLimit {
            guard index < count, room > 0, let vector = memory(address &+ UInt64(index * 16), 16), vector.count == 16
            else { break }
            let length = min(vector[...].number(at: 8, bits: 64), room)
            room -= length
            head.index = first + index
            _ = takeBytes(head, at: vector[...].number(at: 0, bits: 64), length, limit: limit, memory)
        }
        return true
    }

    /// Adds structures that begin with a struct msghdr, and what each names.
    fileprivate mutating func takeMessages(
        _ head: MemoryPiece, at address: UInt64, _ count: UInt64, size: Int, _ limit: Int, _ room: inout UInt64,
        _ memory: Capture.Memory
    ) -> Bool {
        var head = head
        for index in 0..<Capture.messageLimit where index < count {
            head.index = index
            let place = address &+ UInt64(index * size)
            guard takeMessage(head, at: place, size, limit, &room, memory) else { return false }
        }
        return true
    }

    private mutating func takeMessage(
        _ numbered: MemoryPiece, at address: UInt64, _ length: Int, _ limit: Int, _ room: inout UInt64,
        _ memory: Capture.Memory
    ) -> Bool {
        let number = numbered.index
        var head = numbered
        head.index = number * 2
        guard takeBytes(head, at: address, UInt64(length), limit: Capture.pieceLimit, memory) else { return false }
        // Of one that failed nothing but its own fields means anything.
        if head.isFromExit, result < 0 { return true }
        let size = 56
        let message = (memory(address, length) ?? [])[...]
        // A struct mmsghdr says behind it how much was received.
        if length > size, head.isFromExit { room = message.number(at: size, bits: 32) }
        let (name, nameLength) = (message.number(at: 0, bits: 64), message.number(at: 8, bits: 32))
        let (control, controlLength) = (message.number(at: 32, bits: 64), message.number(at: 40, bits: 64))
        head.index = number
        head.part = .name
        if name != 0 { _ = takeBytes(head, at: name, nameLength, limit: 128, memory) }
        head.part = .control
        if control != 0 { _ = takeBytes(head, at: control, controlLength, limit: 256, memory) }
        head.part = .itself
        head.index = number * 2 + 1
        let (vectors, count) = (message.number(at: 16, bits: 64), message.number(at: 24, bits: 64))
        _ = takeVectors(head, at: vectors, count, limit, room, memory)
        return true
    }

    /// Adds the eight bytes that an address in a structure points to.
    fileprivate mutating func takeFollowed(_ head: MemoryPiece, at place: UInt64, _ memory: Capture.Memory) -> Bool {
        let address = memory(place, 8)?[...].number(at: 0, bits: 64) ?? 0
        guard address != 0 else { return true }
        var head = head
        head.part = .item
        head.index = 1
        return takeBytes(head, at: address, 8, limit: Capture.pieceLimit, memory)
    }
}

extension SyscallEvent {
    /// Adds the particulars of a signal, the first 48 bytes of siginfo_t; nil where they could not be read.
    public mutating func add(signalInformation: [UInt8]?) {
        var piece = MemoryPiece(argument: 0, isFromExit: false)
        piece.hasFailed = signalInformation == nil
        piece.bytes = (signalInformation ?? [UInt8](repeating: 0, count: 48)).prefix(48)
        add(piece)
    }
}
