import Linux
import TestProcesses

@testable import PythonInspection

/// What a reading asked of a target, kept: its memory, what is mapped into it, and what its threads did.
///
/// As a file it is text: a line for each mapping, thread and stretch of memory, and for what was read.
struct Recording {
    static let page: UInt64 = 4096
    /// Memory is kept in blocks of so many bytes: a reader that looks a little further finds it.
    static let block: UInt64 = 64

    private(set) var pages: [UInt64: [UInt8]] = [:]
    private var blocks: Set<UInt64> = []
    var mappings: [RemoteMapping] = []
    var activities: [UInt64: ThreadActivity] = [:]
    /// The lines that the reading made.
    var expected: [String] = []

    init() {}

    /// Whether a block is kept.
    func contains(block: UInt64) -> Bool { blocks.contains(block) }

    /// Keeps a block.
    mutating func keep(block: UInt64, _ bytes: [UInt8]) {
        guard blocks.insert(block).inserted else { return }
        let start = block - block % Recording.page
        let first = Int(block - start)
        pages[start, default: [UInt8](repeating: 0, count: Int(Recording.page))]
            .replaceSubrange(first..<first + bytes.count, with: bytes)
    }

    // MARK: As a file

    /// Where the recordings of the versions are.
    static let folder: String = {
        "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Recordings"
    }()

    /// Parses a file.
    init(file path: String) throws {
        let text = try FileDescriptor.open(path).readToEnd(limit: 16 << 20)
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            func number(_ index: Int) -> UInt64 { UInt64(words[index], radix: 16) ?? 0 }
            switch words[0] {
            case "mapping":
                mappings.append(
                    RemoteMapping(
                        start: RemoteAddress(number(1)), end: RemoteAddress(number(2)), fileOffset: 0, path: words[3]))
            case "thread":
                activities[number(1)] = ThreadActivity(
                    tid: Int32(truncatingIfNeeded: number(2)), isMain: words[3] == "main", isRunning: false,
                    futex: words[4] == "-" ? nil : RemoteAddress(number(4)))
            case "memory":
                let bytes = Recording.unpacked(words[2])
                for place in stride(from: 0, to: bytes.count, by: Int(Recording.block)) {
                    keep(block: number(1) + UInt64(place), Array(bytes[place..<place + Int(Recording.block)]))
                }
            default: expected.append(String(decoding: line.dropFirst(7), as: UTF8.self))
            }
        }
    }

    /// Lines of a file.
    var text: String {
        var lines: [String] = []
        func hexadecimal(_ number: UInt64) -> String { String(number, radix: 16) }
        for mapping in mappings {
            lines.append(
                "mapping \(hexadecimal(mapping.start.rawValue)) \(hexadecimal(mapping.end.rawValue)) \(mapping.path)")
        }
        for (native, activity) in activities.sorted(by: { $0.key < $1.key }) {
            let futex = activity.futex.map { hexadecimal($0.rawValue) } ?? "-"
            let tid = hexadecimal(UInt64(UInt32(bitPattern: activity.tid)))
            lines.append("thread \(hexadecimal(native)) \(tid) \(activity.isMain ? "main" : "other") \(futex)")
        }
        var open: (start: UInt64, bytes: [UInt8])?
        func close() {
            if let open { lines.append("memory \(hexadecimal(open.start)) \(Recording.packed(open.bytes))") }
        }
        for block in blocks.sorted() {
            let place = Int(block % Recording.page)
            let bytes = pages[block - UInt64(place)]?[place..<place + Int(Recording.block)] ?? []
            if let last = open, last.start + UInt64(last.bytes.count) == block {
                open?.bytes += bytes
            } else {
                close()
                open = (block, Array(bytes))
            }
        }
        close()
        return (lines + expected.map { "expect " + $0 }).joined(separator: "\n") + "\n"
    }

    /// Bytes as hexadecimal digits; zeros as `z`, how many, and a dot.
    private static func packed(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        var zeros = 0
        for byte in bytes + [1] {
            if byte == 0 {
                zeros += 1
                continue
            }
            if zeros > 3 {
                text += Array("z\(zeros).".utf8)
            } else {
                text += [UInt8](repeating: digits[0], count: zeros * 2)
            }
            zeros = 0
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text.dropLast(2), as: UTF8.self)
    }

    private static func unpacked(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var digits = Array(text.utf8)[...]
        while let first = digits.popFirst() {
            if first == UInt8(ascii: "z") {
                let count = digits.prefix { $0 != UInt8(ascii: ".") }
                digits = digits.dropFirst(count.count + 1)
                bytes += [UInt8](repeating: 0, count: Int(String(decoding: count, as: UTF8.self)) ?? 0)
            } else if let second = digits.popFirst() {
                func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }
                bytes.append(value(first) << 4 | value(second))
            }
        }
        return bytes
    }
}

/// A live process whose every reading is kept.
struct RecordingTarget<Target: RemoteProcess & ~Copyable>: RemoteProcess, ~Copyable {
    private var target: Target
    private(set) var recording = Recording()
    /// While it is set nothing is kept.
    var isPaused = false

    init(_ target: consuming Target) { self.target = target }

    mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        try target.read(pieces, into: &bytes)
        for piece in pieces where piece.length > 0 && !isPaused {
            let first = piece.address.rawValue / Recording.block * Recording.block
            for block in stride(
                from: first, to: piece.address.rawValue + UInt64(piece.length), by: Int(Recording.block))
            where !recording.contains(block: block) {
                recording.keep(block: block, try target.bytes(RemoteAddress(block), Int(Recording.block)))
            }
        }
    }

    mutating func mappings() throws(RemoteMemoryError) -> [RemoteMapping] {
        let all = try target.mappings()
        // Where an interpreter is looked for first; a path says nothing of the machine it is from.
        recording.mappings = all.filter { $0.fileOffset == 0 && $0.fileName.contains("python") }.map {
            RemoteMapping(start: $0.start, end: $0.end, fileOffset: 0, path: "/usr/bin/" + $0.fileName)
        }
        return all
    }

    mutating func file(of mapping: RemoteMapping, at offset: UInt64, count: Int) -> [UInt8]? { nil }

    mutating func activity(ofNative nativeThreadId: UInt64) -> ThreadActivity? {
        let activity = target.activity(ofNative: nativeThreadId)
        recording.activities[nativeThreadId] = activity
        return activity
    }
}

/// A recording as a target; its memory may be changed.
struct ReplayedTarget: RemoteProcess {
    private let recording: Recording
    var pages: [UInt64: [UInt8]]
    /// Readings, and the bytes of all of them.
    private(set) var readings = 0
    private(set) var bytesRead = 0

    init(_ recording: Recording) {
        self.recording = recording
        pages = recording.pages
    }

    mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        readings += 1
        bytes.removeAll(keepingCapacity: true)
        for piece in pieces {
            guard piece.length >= 0, piece.length <= 256 << 20 else { throw .unmapped }
            bytesRead += piece.length
            var (place, left) = (piece.address.rawValue, piece.length)
            while left > 0 {
                let inside = Int(place % Recording.page)
                let count = min(left, Int(Recording.page) - inside)
                guard let page = pages[place &- UInt64(inside)] else { throw .unmapped }
                bytes += page[inside..<inside + count]
                (place, left) = (place &+ UInt64(count), left - count)
            }
        }
    }

    mutating func mappings() -> [RemoteMapping] { recording.mappings }

    mutating func file(of mapping: RemoteMapping, at offset: UInt64, count: Int) -> [UInt8]? { nil }

    mutating func activity(ofNative nativeThreadId: UInt64) -> ThreadActivity? { recording.activities[nativeThreadId] }
}
