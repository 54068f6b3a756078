/// What a core file says of its process beside the memory. Source: the segments of type `PT_NOTE`.
struct CoreNotes {
    var process: CoreProcess?
    var threads: [CoreThread] = []
    var signal: CoreSignal?
    var mappings: [CoreMapping] = []
    /// Values by kind. Source: `NT_AUXV`, getauxval(3).
    var auxiliary: [UInt64: UInt64] = [:]
    /// Whether a note ends behind the end of the file.
    var isCut = false

    /// The signal that the process ended by; nil for one that went on.
    ///
    /// A debugger that copies a process writes a signal as well, of the kind it stopped with: the first thread's status counts.
    var deadlySignal: CoreSignal? {
        guard let got = threads.first?.signal, (1...64).contains(got) else { return nil }
        return signal.flatMap { $0.number == got ? $0 : nil } ?? CoreSignal(number: got)
    }

    private enum Kind {
        static let threadStatus: UInt32 = 1
        static let process: UInt32 = 3
        static let auxiliary: UInt32 = 6
        static let signal: UInt32 = 0x5349_4749
        static let files: UInt32 = 0x4649_4c45
    }

    private static let threadLimit = 100_000
    private static let noteLimit = 1_000_000
    private static let lengthLimit: UInt64 = 64 << 20
    private static let mappingLimit: UInt64 = 1 << 20

    /// Reads the notes of one segment, through what reads bytes of the file.
    mutating func read(from start: UInt64, bytes total: UInt64, _ file: (UInt64, Int) -> [UInt8]) {
        var offset: UInt64 = 0
        for _ in 0..<CoreNotes.noteLimit {
            guard total >= 12, offset <= total - 12 else { return }
            let head = file(start &+ offset, 20)
            guard head.count == 20 else {
                isCut = true
                return
            }
            let (nameBytes, length, kind) = (UInt64(head.int(0)), UInt64(head.int(4)), head.int(8))
            let content = offset + 12 + (nameBytes + 3) & ~3
            let isCore = nameBytes == 5 && head[12..<17].elementsEqual(Array("CORE\0".utf8))
            if isCore, length <= CoreNotes.lengthLimit, isWanted(kind) {
                let bytes = file(start &+ content, Int(length))
                if bytes.count < Int(length) { isCut = true }
                take(kind, bytes)
            }
            offset = content + (length + 3) & ~3
        }
    }

    private func isWanted(_ kind: UInt32) -> Bool {
        switch kind {
        case Kind.threadStatus: threads.count < CoreNotes.threadLimit
        case Kind.process: process == nil
        case Kind.signal: signal == nil
        case Kind.files: mappings.isEmpty
        case Kind.auxiliary: auxiliary.isEmpty
        default: false
        }
    }

    private mutating func take(_ kind: UInt32, _ bytes: [UInt8]) {
        switch kind {
        case Kind.threadStatus: if let thread = CoreThread(bytes) { threads.append(thread) }
        case Kind.process: process = CoreProcess(bytes)
        case Kind.signal: signal = CoreSignal(bytes)
        case Kind.files: mappings = CoreNotes.mappings(bytes)
        default:
            for place in stride(from: 0, to: bytes.count - 15, by: 16) where bytes.word(place) != 0 {
                auxiliary[bytes.word(place)] = bytes.word(place + 8)
            }
        }
    }

    /// Parses the files that were mapped; those whose path is cut off are left out.
    private static func mappings(_ bytes: [UInt8]) -> [CoreMapping] {
        let (count, page) = (bytes.word(0), bytes.word(8))
        guard count <= mappingLimit, page > 0, page <= 1 << 30 else { return [] }
        var found: [CoreMapping] = []
        var text = 16 + Int(count) * 24
        for index in 0..<Int(count) {
            guard text < bytes.count, let end = bytes[text...].firstIndex(of: 0) else { break }
            let place = 16 + index * 24
            let mapping = CoreMapping(
                start: bytes.word(place), end: bytes.word(place + 8),
                fileOffset: bytes.word(place + 16).multipliedReportingOverflow(by: page).partialValue,
                path: String(decoding: bytes[text..<end], as: UTF8.self))
            text = end + 1
            if mapping.start < mapping.end { found.append(mapping) }
        }
        return found.sorted { $0.start < $1.start }
    }
}
