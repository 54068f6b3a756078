internal import Elf
internal import Linux

/// A core file: the memory of a process that ended, or of one that a debugger copied.
///
/// Only headers and notes are kept; memory is read from the file where it is asked for, so that its size does not matter.
/// Every number in it is hostile.
public struct CoreFile: ~Copyable, Sendable {
    /// Path it was opened by.
    public let path: String
    /// Bytes of the file.
    public let fileBytes: UInt64
    /// Memory, by address.
    public let segments: [CoreSegment]
    /// The process; nil where the file does not tell.
    public let process: CoreProcess?
    /// Its threads, the one that got the signal first.
    public let threads: [CoreThread]
    /// The signal it ended by; nil for a process that went on.
    public let signal: CoreSignal?
    /// Files that were mapped, by address.
    public let mappings: [CoreMapping]
    /// Auxiliary vector by kind. Source: getauxval(3).
    public let auxiliary: [UInt64: UInt64]
    /// Bytes that the headers promise behind the end of the file: the dump was cut off.
    public let missingBytes: UInt64
    /// Whether the description of the process itself is cut off.
    public let isDescriptionCut: Bool
    private let file: OpenFile

    /// Opens a core file and reads its headers.
    ///
    /// - Throws: ``CoreFileError``.
    public init(_ path: String) throws(CoreFileError) {
        let file = try OpenFile.open(path)
        let header = try CoreFile.header(file, path)
        var segments: [CoreSegment] = []
        var notes = CoreNotes()
        var promised = header.segmentTable
        header.forEachSegment({ file.bytes(at: $0, $1) }) { header in
            let segment = CoreSegment(header)
            let (end, isOver) = segment.fileOffset.addingReportingOverflow(segment.fileBytes)
            if segment.fileBytes > 0 { promised = max(promised, isOver ? .max : end) }
            if header.type == ElfSegment.memory, segment.end > segment.start { segments.append(segment) }
            if header.type == ElfSegment.notes {
                notes.read(from: segment.fileOffset, bytes: segment.fileBytes) { file.bytes(at: $0, $1) }
            }
        }
        self.path = path
        self.file = file
        self.segments = segments.sorted { $0.start < $1.start }
        fileBytes = file.size
        process = notes.process
        threads = notes.threads
        signal = notes.deadlySignal
        mappings = notes.mappings
        auxiliary = notes.auxiliary
        missingBytes = promised > file.size ? promised - file.size : 0
        isDescriptionCut = notes.isCut || (segments.isEmpty && notes.threads.isEmpty)
    }

    /// The header; what else the file is, is said.
    private static func header(_ file: OpenFile, _ path: String) throws(CoreFileError) -> ElfHeader {
        let start = file.bytes(at: 0, ElfHeader.size)
        guard let header = ElfHeader(start) else {
            if let compression = CoreFileError.Compression(start) { throw .compressed(path, compression) }
            if start.isEmpty { throw .notCore(path, "an empty file") }
            if start.starts(with: Array("ProblemType:".utf8)) {
                throw .notCore(path, "a report of apport, which has one inside: `apport-unpack \(path) DIRECTORY`")
            }
            guard start.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw .notCore(path, "something else") }
            guard start.count == ElfHeader.size else { throw .notCore(path, "an ELF file cut off in its header") }
            throw .foreign(path, start[4] == 1 ? "32 bits" : "another byte order")
        }
        guard header.type == ElfHeader.core else {
            throw .notCore(path, "a program or library: the core file comes first, this after --executable")
        }
        guard header.machine == ElfHeader.ownMachine else {
            throw .foreign(path, ElfHeader.machineName(header.machine))
        }
        return header
    }

    // MARK: Memory

    /// The stretch of memory that an address lies in; nil when nothing was mapped there.
    public func segment(at address: UInt64) -> CoreSegment? {
        segments.last(from: address, by: \.start).flatMap { address < $0.end ? $0 : nil }
    }

    /// The file that was mapped at an address; nil for memory without one.
    public func mapping(at address: UInt64) -> CoreMapping? {
        mappings.last(from: address, by: \.start).flatMap { address < $0.end ? $0 : nil }
    }

    /// Reads memory that was dumped into the start of `room`; how many bytes there are from that address on, 0 for none.
    public func read(_ address: UInt64, into room: UnsafeMutableRawBufferPointer) -> Int {
        guard let segment = segment(at: address) else { return 0 }
        let inside = address - segment.start
        guard inside < segment.fileBytes else { return 0 }
        let wanted = Int(min(UInt64(room.count), segment.fileBytes - inside))
        let (offset, isOver) = segment.fileOffset.addingReportingOverflow(inside)
        return isOver
            ? 0 : unsafe file.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: room[..<wanted]))
    }

    /// Whether memory was left out because nobody could have written to it: what the file has that was mapped there.
    public func isFileBacked(_ address: UInt64) -> Bool {
        guard let segment = segment(at: address) else { return mapping(at: address) != nil && !isDescriptionCut }
        return address - segment.start >= segment.fileBytes && !segment.isWritable
    }

    /// Memory that was dumped; fewer bytes than asked for where it ends.
    public func bytes(_ address: UInt64, _ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, count))
        let read = unsafe bytes.withUnsafeMutableBytes { unsafe self.read(address, into: $0) }
        bytes.removeLast(bytes.count - read)
        return bytes
    }
}

extension Array {
    /// The last element, of those in order, that begins at an address or before.
    func last(from address: UInt64, by start: (Element) -> UInt64) -> Element? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if start(self[middle]) <= address { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? self[low - 1] : nil
    }
}
