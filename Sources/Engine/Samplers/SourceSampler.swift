internal import Linux
public import Model
internal import ProcFS
public import Sampling

/// Reads source lines from the file system of the process that runs them.
///
/// The file is read once, and again when it changed; no more of it than a bounded part is kept.
public struct SourceSampler: Sampler, ~Copyable, SendableMetatype {
    private var reader: ProcReader
    private var kept: Kept?

    /// Lines on each side of the one that is looked at.
    private static let reach = 60
    /// Larger files are not read.
    private static let limitBytes = 4 << 20
    /// Of a longer line only so much is told.
    private static let lineBytes = 1_000

    /// A file that was read.
    private struct Kept {
        var identity: ProcessIdentity
        var file: String
        var status: FileStatus
        var bytes: [UInt8]
        /// Where lines begin.
        var starts: [Int]
    }

    /// A sampler of the running host.
    public init() throws {
        reader = try ProcReader()
    }

    /// Reads around a line; nil when none is asked for, or the process ended: what was shown of it then stays.
    public mutating func sample(_ place: SourcePlace?) throws -> SourceReading? {
        guard let place else {
            kept = nil
            return nil
        }
        guard case .value(let stat) = reader.stat(place.identity.pid), stat.startTicks == place.identity.startTicks,
            stat.state != UInt8(ascii: "Z")
        else { return nil }
        if let refusal = SourceSampler.unreadable(place.file) {
            return SourceReading(place: place, excerpt: .absent(refusal))
        }
        if let refusal = read(place) {
            kept = nil
            return SourceReading(place: place, excerpt: .absent(refusal))
        }
        guard let kept else { return nil }
        return SourceReading(
            place: place, excerpt: SourceSampler.excerpt(of: kept, around: place.line),
            modifiedSeconds: Double(kept.status.modifiedNanoseconds) / 1e9)
    }

    /// Why a name is that of no file.
    private static func unreadable(_ file: String) -> String? {
        if file.isEmpty { return "its code names no file" }
        if file.utf8.contains(0) { return "its code names a file that no file system can have" }
        guard file.hasPrefix("<"), file.hasSuffix(">") else { return nil }
        return file.hasPrefix("<frozen ")
            ? "frozen: its source is part of the interpreter" : "made from a text at run time: there is no file"
    }

    /// Has the file's content kept; why there is none otherwise.
    private mutating func read(_ place: SourcePlace) -> String? {
        let folder = place.file.hasPrefix("/") ? "root" : "cwd"
        do throws(Errno) {
            let top = try FileDescriptor.open("/proc/\(place.identity.pid)/\(folder)", .directory)
            // A fifo of that name would keep the reader waiting.
            let file = try top.open(inRoot: place.file, .nonBlocking)
            let status = try file.status()
            if let kept, kept.identity == place.identity, kept.file == place.file, kept.status == status { return nil }
            guard status.isRegular else { return "it is no regular file" }
            guard status.size <= SourceSampler.limitBytes else {
                return "it is larger than \(SourceSampler.limitBytes >> 20) MiB, and was not read"
            }
            let bytes = try file.readToEnd(limit: SourceSampler.limitBytes)
            var starts = [0]
            for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") && index + 1 < bytes.count {
                starts.append(index + 1)
            }
            kept = Kept(identity: place.identity, file: place.file, status: status, bytes: bytes, starts: starts)
            return nil
        } catch {
            if error == .noEntry || error == .notDirectory {
                return folder == "root"
                    ? "no such file in the file system of the process"
                    : "no such file in the working directory of the process"
            }
            return error.isRefusal
                ? "\(error): root or CAP_SYS_PTRACE may read files of other users' processes" : "\(error)"
        }
    }

    private static func excerpt(of kept: Kept, around line: Int) -> SourceReading.Excerpt {
        let count = kept.bytes.isEmpty ? 0 : kept.starts.count
        guard line >= 1, line <= count else {
            return .absent(
                "the file has \(count == 1 ? "1 line" : "\(count) lines"): it is not what the process loaded")
        }
        let first = max(1, line - reach)
        let lines = (first...min(count, line + reach)).map { number in
            let start = kept.starts[number - 1]
            let end = number < count ? kept.starts[number] - 1 : kept.bytes.count
            var text = kept.bytes[start..<max(start, end)].prefix(lineBytes)
            while let last = text.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { text.removeLast() }
            return String(decoding: text, as: UTF8.self)
        }
        return .lines(first: first, lines)
    }
}
