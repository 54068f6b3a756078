public import ArgumentParser
internal import Cells
internal import Linux
public import Profiles

extension ProfileFormat: ExpressibleByArgument {}

/// Where a recording goes.
struct RecordFile: ~Copyable {
    /// The file; `-` for standard output.
    let path: String
    private let format: ProfileFormat
    /// Absent: for standard output.
    private let file: AtomicFile?

    /// Settles name and format before anything is recorded, and that the file can be written.
    ///
    /// - Throws: ``Failure``.
    init(_ output: String?, _ format: ProfileFormat?, pid: Int32) throws(Failure) {
        guard let chosen = format ?? output.map(RecordFile.format(of:)) ?? .flamegraph else {
            let formats = ProfileFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(
                .usage,
                "no format is known by the name '\(visible(output ?? ""))'; name one with -f: \(formats)")
        }
        let path = output ?? chosen.suggestedFileName(pid: Int(pid))
        do throws(Errno) {
            file = path == "-" ? nil : try AtomicFile(path)
        } catch {
            throw Failure(.failed, "\(visible(path)) cannot be written: \(error)")
        }
        self.path = path
        self.format = chosen
    }

    /// The format that a name ends with; nil for one that is not known.
    private static func format(of name: String) -> ProfileFormat? {
        if let known = ProfileFormat.allCases.first(where: { name.hasSuffix("." + $0.fileExtension) }) { return known }
        // What other tools call theirs.
        let others: [(String, ProfileFormat)] = [
            (".txt", .collapsed), (".folded", .collapsed), (".pprof", .pprof), (".pb", .pprof), (".json", .speedscope),
        ]
        return others.first { name.hasSuffix($0.0) }?.1
    }

    /// Writes the profile whole or not at all.
    ///
    /// - Throws: ``Failure`` when it cannot be written.
    consuming func write(_ profile: Profile, _ view: CallTreeView) throws(Failure) {
        let (path, format) = (self.path, self.format)
        do {
            switch consume file {
            case .some(let file):
                try format.write(profile, view: view) { try file.write($0) }
                try file.commit()
            case .none:
                try format.write(profile, view: view) { Output.bytes($0) }
            }
        } catch {
            throw Failure(.failed, "\(visible(path)) cannot be written: \(error)")
        }
    }
}
