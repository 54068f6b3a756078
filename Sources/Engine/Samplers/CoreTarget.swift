public import CoreFiles
public import PythonInspection

/// The process of a core file as the target of an inspection.
public struct CoreTarget: RemoteProcess, ~Copyable {
    /// The core file.
    public let core: CoreFile
    /// The files that the process had mapped.
    public let files: MappedFiles
    /// Threads by the id that they had in their own pid namespace; made when an id is not found as it is.
    private var innerIds: [UInt64: Int]?
    /// Most bytes that one reading may ask for: lengths come from the target.
    private static let limit = 256 << 20
    /// Number of futex(2).
    private static let futex = 202
    /// Where the C library's structure for a thread has its id: glibc 2.31 to 2.43.
    private static let idPlace: UInt64 = 720

    /// Opens a core file and the files that its process had mapped.
    ///
    /// - Parameters:
    ///   - root: directory that stands for the process's root; empty for the machine's own.
    ///   - executables: programs and libraries that stand for those that are not where they were.
    /// - Throws: ``CoreFileError``.
    public init(_ path: String, root: String = "", executables: [String] = []) throws(CoreFileError) {
        let core = try CoreFile(path)
        files = try MappedFiles(of: core, root: root, given: executables)
        self.core = core
    }

    /// It ended.
    public var isFrozen: Bool { true }

    /// Copies pieces of memory: from the core file, and what it left out from the file that was mapped there.
    public mutating func read(_ pieces: [RemotePiece], into bytes: inout [UInt8]) throws(RemoteMemoryError) {
        var total = 0
        for piece in pieces {
            guard piece.length >= 0, piece.length <= CoreTarget.limit, total + piece.length <= CoreTarget.limit else {
                throw .unmapped
            }
            total += piece.length
        }
        if bytes.count < total { bytes = [UInt8](repeating: 0, count: total) }
        if bytes.count > total { bytes.removeLast(bytes.count - total) }
        var isWhole = true
        unsafe bytes.withUnsafeMutableBytes { room in
            var start = 0
            for piece in pieces where isWhole {
                let part = unsafe UnsafeMutableRawBufferPointer(rebasing: room[start..<start + piece.length])
                isWhole = unsafe fill(part, from: piece.address.rawValue)
                start += piece.length
            }
        }
        guard isWhole else { throw .unmapped }
    }

    /// Fills `room` with memory from an address on; false where any byte is not known.
    private func fill(_ room: UnsafeMutableRawBufferPointer, from address: UInt64) -> Bool {
        guard address <= UInt64.max - UInt64(room.count) else { return false }
        var done = 0
        while done < room.count {
            let place = address + UInt64(done)
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[done...])
            var count = unsafe core.read(place, into: rest)
            if count == 0, core.isFileBacked(place), let mapping = core.mapping(at: place) {
                // What lies behind may be of another kind.
                let end = min(mapping.end, core.segment(at: place)?.end ?? mapping.end)
                let length = Int(min(UInt64(rest.count), end - place))
                let part = unsafe UnsafeMutableRawBufferPointer(rebasing: rest[..<length])
                count = unsafe files.read(
                    mapping.path, at: mapping.fileOffset &+ (place - mapping.start), into: part)
            }
            if count == 0 { return false }
            done += count
        }
        return true
    }

    /// Everything that was mapped, by address.
    public mutating func mappings() throws(RemoteMemoryError) -> [RemoteMapping] {
        var mappings = core.mappings.map {
            RemoteMapping(
                start: RemoteAddress($0.start), end: RemoteAddress($0.end), fileOffset: $0.fileOffset, path: $0.path)
        }
        for segment in core.segments where core.mapping(at: segment.start) == nil {
            mappings.append(
                RemoteMapping(
                    start: RemoteAddress(segment.start), end: RemoteAddress(segment.end), fileOffset: 0, path: ""))
        }
        return mappings.sorted { $0.start < $1.start }
    }

    /// Bytes of a file that was mapped.
    public mutating func file(of mapping: RemoteMapping, at offset: UInt64, count: Int) -> [UInt8]? {
        count > 0 && count <= CoreTarget.limit ? files.bytes(of: mapping.path, at: offset, count) : nil
    }

    /// What a thread did when it was dumped: its registers tell whether it was inside a system call.
    public mutating func activity(ofNative nativeThreadId: UInt64) -> ThreadActivity? {
        // Of a file that has no threads at all, as one that was cut off, those that Python knows are believed.
        if core.threads.isEmpty {
            return Int32(exactly: nativeThreadId).map { ThreadActivity(tid: $0, isMain: false, isRunning: false) }
        }
        guard let thread = thread(ofNative: nativeThreadId) else { return nil }
        let call = thread.systemCall
        return ThreadActivity(
            tid: thread.tid, isMain: thread.tid == core.process?.pid, isRunning: call == nil,
            futex: call == CoreTarget.futex ? thread.firstArgument.map { RemoteAddress($0) } : nil)
    }

    /// A debugger outside of a container counts the threads otherwise than they do themselves.
    private mutating func thread(ofNative native: UInt64) -> CoreThread? {
        if let thread = core.threads.first(where: { UInt64(exactly: $0.tid) == native }) { return thread }
        if let innerIds { return innerIds[native].map { core.threads[$0] } }
        var found: [UInt64: Int] = [:]
        for (index, thread) in core.threads.enumerated() {
            guard let pointer = thread.threadPointer else { continue }
            let bytes = core.bytes(pointer &+ CoreTarget.idPlace, 4)
            guard bytes.count == 4 else { continue }
            let id = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            if id > 0, id < 1 << 30 { found[id] = index }
        }
        innerIds = found
        return found[native].map { core.threads[$0] }
    }
}
