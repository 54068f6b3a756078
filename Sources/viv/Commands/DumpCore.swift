internal import Cells
internal import CoreFiles
internal import Linux
internal import Model
internal import PythonInspection
internal import Samplers

/// What a dump says of the core file that it was taken from.
struct DumpCore {
    private let path: String
    private let process: CoreProcess?
    private let signal: CoreSignal?
    /// The thread that got the signal.
    private let thread: Int32?
    private let missingBytes: UInt64
    private let isDescriptionCut: Bool
    private let missing: [String]
    private let mismatches: [MappedFiles.Mismatch]

    init(_ target: borrowing CoreTarget) {
        path = target.core.path
        process = target.core.process
        signal = target.core.signal
        thread = target.core.signal == nil ? nil : target.core.threads.first?.tid
        missingBytes = target.core.missingBytes
        isDescriptionCut = target.core.isDescriptionCut
        missing = target.files.missing
        mismatches = target.files.mismatches
    }

    /// Dumps the process of a core file.
    ///
    /// - Throws: ``Failure``.
    static func dump(_ options: DumpCommand, _ path: String) throws(Failure) -> (pid: Int32, command: String, Dump) {
        do {
            var target = try CoreTarget(path, root: options.sysroot ?? "", executables: options.executable)
            let core = DumpCore(target)
            if let wrong = core.mismatches.first(where: { DumpCore.isInterpreter($0.path, target.files.program) }) {
                throw CoreFileError.mismatch(wrong)
            }
            do throws(PythonInspectionError) {
                var dump = try DumpCommand.read(&target, options)
                dump.core = core
                return (core.process?.pid ?? 0, core.process?.command ?? "(unknown)", dump)
            } catch {
                throw Failure(
                    .failed, (["core file \(visible(path)): \(error)"] + core.notes()).joined(separator: "\n  "))
            }
        } catch {
            throw DumpCore.failure(error)
        }
    }

    /// Whether a file is one that Python cannot be read without.
    private static func isInterpreter(_ path: String, _ program: String?) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return path == program || name.hasPrefix("libpython") || name.hasPrefix("python")
    }

    private static func failure(_ error: any Error) -> Failure {
        if let failure = error as? Failure { return failure }
        guard let error = error as? CoreFileError else { return Failure(.failed, "\(error)") }
        switch error {
        case .unreadable(_, let reason) where reason.isRefusal: return Failure(.refused, visible("\(error)"))
        case .mismatch:
            return Failure(
                .failed,
                visible("\(error)") + "\n  name the right one with --executable, or its directory tree with --sysroot")
        default: return Failure(.failed, visible("\(error)"))
        }
    }

    // MARK: Text

    /// Lines below the head of a dump.
    func lines() -> [String] {
        var text = "Core file \(visible(path))"
        if let signal {
            text += ", ended by \(name(signal))"
            if let thread { text += " in thread \(thread)" }
            if let address = signal.address { text += " at address 0x\(String(address, radix: 16))" }
            if let sender = signal.sender, sender > 0 {
                let isOwn = sender == process?.pid
                text += isOwn ? ", sent by itself" : ", sent by process \(sender)"
                if let uid = signal.senderUid, !isOwn { text += " of user \(uid)" }
            }
        } else {
            text += ", copied from a process that went on"
        }
        return [text] + notes().map { "    (\($0))" }
    }

    /// What is missing from the file or around it.
    private func notes() -> [String] {
        var notes: [String] = []
        if missingBytes > 0 {
            notes.append("the file is cut off: \(NumberText.bytes(Double(missingBytes))) are missing at its end")
        }
        if isDescriptionCut { notes.append("what it says of the process and its threads is cut off as well") }
        for mismatch in mismatches.prefix(3) { notes.append(visible("\(mismatch)")) }
        if mismatches.count > 3 { notes.append("and \(mismatches.count - 3) more files were replaced since") }
        if !missing.isEmpty {
            let names = missing.prefix(3).map { visible($0) }.joined(separator: ", ")
            let more = missing.count > 3 ? " and \(missing.count - 3) more" : ""
            notes.append("not here: \(names)\(more); --sysroot names the directory tree that they are in")
        }
        return notes
    }

    private func name(_ signal: CoreSignal) -> String {
        SignalName.name(of: signal.number).map { "SIG\($0)" } ?? "signal \(signal.number)"
    }

    /// What is said of a thread beside its state.
    func mark(_ tid: UInt64) -> String {
        guard let signal, let thread, tid == UInt64(UInt32(bitPattern: thread)) else { return "" }
        return ", got \(name(signal))"
    }

    // MARK: JSON

    func json() -> Json {
        .object([
            ("path", .string(path)),
            (
                "signal",
                signal.map { signal in
                    .object([
                        ("number", .integer(Int64(signal.number))),
                        ("name", .optional(SignalName.name(of: signal.number))),
                        ("code", .optional(signal.code.map { Int($0) })), ("address", .optional(signal.address)),
                        ("sender", .optional(signal.sender.map { Int($0) })),
                        ("senderUid", .optional(signal.senderUid.map { UInt64($0) })),
                        ("tid", .optional(thread.map { Int($0) })),
                    ])
                } ?? .null
            ),
            ("missingBytes", .integer(Int64(clamping: missingBytes))),
            ("missingFiles", .array(missing.map { .string($0) })),
            (
                "replacedFiles",
                .array(
                    mismatches.map { mismatch in
                        .object([
                            ("path", .string(mismatch.path)), ("file", .string(mismatch.file)),
                            ("buildId", .string(mismatch.buildId)), ("fileBuildId", .optional(mismatch.fileBuildId)),
                        ])
                    })
            ),
        ])
    }
}
