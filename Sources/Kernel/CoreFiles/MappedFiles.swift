internal import Elf

/// The files that the process of a core file had mapped, as they are on this machine.
///
/// Memory that nobody wrote to is not dumped: it is read from the file. A file that was replaced since would answer with
/// something else, so it is taken only where its build-id is the one in memory, or where nothing tells.
public struct MappedFiles: Sendable {
    /// A file that is not the one that was mapped.
    public struct Mismatch: Sendable, Hashable {
        /// Path as the process saw it.
        public var path: String
        /// The file that is there now.
        public var file: String
        /// Build-ids, in hexadecimal digits.
        public var buildId: String
        /// Build-id of the file that is there now; nil when it has none.
        public var fileBuildId: String?
    }

    /// Files that are not those that were mapped; they are not read.
    public private(set) var mismatches: [Mismatch] = []
    /// Paths, as the process saw them, of programs and libraries that are not there.
    public private(set) var missing: [String] = []
    /// Path of the program itself as the process saw it; nil where the core file does not tell.
    public let program: String?
    private var files: [String: OpenFile] = [:]
    private static let limit = 2_000

    /// Opens the files.
    ///
    /// - Parameters:
    ///   - root: directory that stands for the process's root, for a container; empty for the machine's own.
    ///   - given: programs and libraries that stand for those of the same build-id, or name, else for the program.
    /// - Throws: ``CoreFileError`` where a file that was given cannot be read or stands for none.
    public init(of core: borrowing CoreFile, root: String = "", given: [String] = []) throws(CoreFileError) {
        let images = MappedFiles.images(core)
        program = core.auxiliary[3].flatMap { core.mapping(at: $0)?.path }
        var replaced: Set<String> = []
        for path in given { replaced.insert(try take(path, for: images)) }
        for image in images.prefix(MappedFiles.limit) where !replaced.contains(image.path) {
            // A debugger outside of the container writes the paths that it sees itself: only the build-id proves them.
            if !root.isEmpty, let own = image.buildId, let file = try? OpenFile.open(image.path),
                ElfBuildId.digits({ file.bytes(at: $0, $1) }) == own
            {
                files[image.path] = file
            } else {
                find(image, root)
            }
        }
    }

    /// A program or a library in memory.
    private struct Image {
        var path: String
        /// Absent: where the pages that have it were not dumped.
        var buildId: String?
        /// Whether its first bytes were dumped.
        var isKnown: Bool
    }

    /// Every file whose start was mapped and is that of a program or a library, or might be.
    private static func images(_ core: borrowing CoreFile) -> [Image] {
        var images: [Image] = []
        var seen: Set<String> = []
        for mapping in core.mappings where mapping.fileOffset == 0 && seen.insert(mapping.path).inserted {
            let start = core.bytes(mapping.start, ElfHeader.size)
            guard start.isEmpty || ElfHeader(start) != nil else { continue }
            let buildId = start.isEmpty ? nil : ElfBuildId.digits { core.bytes(mapping.start &+ $0, $1) }
            images.append(Image(path: mapping.path, buildId: buildId, isKnown: !start.isEmpty))
        }
        return images
    }

    /// Takes a file that was given for the image that it is; the path of that.
    private mutating func take(_ path: String, for images: [Image]) throws(CoreFileError) -> String {
        let file = try OpenFile.open(path)
        guard ElfHeader(file.bytes(at: 0, ElfHeader.size)) != nil else { throw .notProgram(path) }
        let buildId = ElfBuildId.digits { file.bytes(at: $0, $1) }
        let name = path.split(separator: "/").last
        let image =
            images.first { $0.buildId != nil && $0.buildId == buildId }
            ?? images.first { $0.path.split(separator: "/").last == name } ?? images.first { $0.path == program }
        guard let image else { throw .standsForNone(path) }
        if let own = image.buildId, own != buildId {
            throw .mismatch(Mismatch(path: image.path, file: path, buildId: own, fileBuildId: buildId))
        }
        files[image.path] = file
        return image.path
    }

    /// Opens the file of an image where it was.
    private mutating func find(_ image: Image, _ root: String) {
        let mark = " (deleted)"
        let isDeleted = image.path.hasSuffix(mark)
        let place = root + (isDeleted ? String(image.path.dropLast(mark.count)) : image.path)
        guard let file = try? OpenFile.open(place), ElfHeader(file.bytes(at: 0, ElfHeader.size)) != nil else {
            if image.isKnown { missing.append(image.path) }
            return
        }
        let buildId = ElfBuildId.digits { file.bytes(at: $0, $1) }
        if let own = image.buildId, own != buildId {
            mismatches.append(Mismatch(path: image.path, file: place, buildId: own, fileBuildId: buildId))
        } else if isDeleted, image.buildId == nil {
            // Another file may have taken the name.
            missing.append(image.path)
        } else {
            files[image.path] = file
        }
    }

    /// Bytes of a mapped file from a place on; nil when it is not there or not the one that was mapped.
    public func bytes(of path: String, at offset: UInt64, _ count: Int) -> [UInt8]? {
        files[path]?.bytes(at: offset, count)
    }

    /// Reads a mapped file from a place on into the start of `room`; how many bytes there were.
    public func read(_ path: String, at offset: UInt64, into room: UnsafeMutableRawBufferPointer) -> Int {
        unsafe files[path]?.read(at: offset, into: room) ?? 0
    }
}

extension ElfBuildId {
    /// The build-id of a file in hexadecimal digits; nil without one.
    fileprivate static func digits(_ read: ElfHeader.Reading) -> String? {
        find(read)?.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }
}
