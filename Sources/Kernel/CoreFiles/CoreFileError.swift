public import Linux

/// Why a file cannot be read as a core file, with the remedy.
public enum CoreFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It cannot be opened or read.
    case unreadable(String, Errno)
    /// It is packed, as systemd-coredump leaves them.
    case compressed(String, Compression)
    /// It is no core file, with what it is instead.
    case notCore(String, String)
    /// It is of another kind of machine.
    case foreign(String, String)
    /// A file that was given as a program is none.
    case notProgram(String)
    /// A file that was given is none that the process had.
    case standsForNone(String)
    /// A file that was given is another one than the process had.
    case mismatch(MappedFiles.Mismatch)

    /// How a file is packed.
    public enum Compression: String, Sendable {
        /// Zstandard, as systemd-coredump does.
        case zstd
        /// LZ4.
        case lz4
        /// XZ.
        case xz
        /// gzip.
        case gzip

        /// How a file is packed that begins with these bytes; nil when it is not.
        init?(_ start: [UInt8]) {
            if start.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
                self = .zstd
            } else if start.starts(with: [0x04, 0x22, 0x4d, 0x18]) {
                self = .lz4
            } else if start.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) {
                self = .xz
            } else if start.starts(with: [0x1f, 0x8b]) {
                self = .gzip
            } else {
                return nil
            }
        }

        /// The command that unpacks, before the name of the file.
        var command: String {
            switch self {
            case .zstd: "zstd -d"
            case .lz4: "lz4 -d"
            case .xz: "xz -dk"
            case .gzip: "gunzip -k"
            }
        }
    }

    /// What went wrong, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let error):
            switch error {
            case .noEntry: "\(path): there is no such file"
            default: error.isRefusal ? "\(path) may not be read: be its owner, or use sudo" : "\(path): \(error)"
            }
        case .compressed(let path, let kind):
            "\(path) is compressed (\(kind.rawValue)); unpack it first: `\(kind.command) \(path)`, "
                + "or `coredumpctl dump PID --output=core` where systemd-coredump keeps it"
        case .notCore(let path, let kind): "\(path) is no core file but \(kind)"
        case .notProgram(let path): "\(path) is no program or library"
        case .standsForNone(let path): "\(path) is none of the files that the process had"
        case .mismatch(let mismatch): "\(mismatch)"
        case .foreign(let path, let machine):
            "\(path) is a core file of \(machine); viv reads those of this machine's kind"
        }
    }
}

extension MappedFiles.Mismatch: CustomStringConvertible {
    /// Both files by their build-id.
    public var description: String {
        let own = fileBuildId.map { "has the build-id \($0)" } ?? "has no build-id"
        return "the process had \(path) of build-id \(buildId), and \(file) \(own)"
    }
}
