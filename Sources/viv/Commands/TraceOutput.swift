internal import Cells
internal import Linux

/// Where a trace goes: a file, or standard output.
struct TraceOutput: ~Copyable {
    private let file: FileDescriptor?
    private let path: String

    /// Opens the file, which is emptied: a trace is there while it goes on, and what there is of it when viv ends in any way.
    ///
    /// - Throws: ``Failure`` when it cannot be written.
    init(_ path: String?) throws(Failure) {
        self.path = path ?? "-"
        guard let path, path != "-" else {
            file = nil
            return
        }
        do throws(Errno) {
            file = try FileDescriptor.open(path, [.writeOnly, .create, .truncate])
        } catch {
            throw Failure(.failed, "\(visible(path)) cannot be written: \(error)")
        }
    }

    borrowing func write(_ bytes: [UInt8]) throws(Failure) {
        guard !bytes.isEmpty else { return }
        switch file {
        case .some(let file):
            do throws(Errno) {
                try file.writeAll(bytes.span)
            } catch {
                throw Failure(.failed, "\(visible(path)) cannot be written: \(error)")
            }
        case .none: Output.bytes(bytes)
        }
    }
}
