internal import Glibc
internal import Linux

/// A file that appears under its name whole or not at all.
///
/// What is no regular file, such as a pipe or a terminal, is written as it is.
struct AtomicFile: ~Copyable {
    private let path: String
    /// Absent: where the file is written as it is.
    private let draft: String?
    private let file: FileDescriptor

    /// Creates the file beside its place, so that it is known early whether it can be.
    ///
    /// - Throws: why it cannot be written.
    init(_ path: String) throws(Errno) {
        let place = try AtomicFile.followed(path)
        let isSpecial = AtomicFile.isSpecial(path)
        // A name that nobody can have put something at, and nothing is overwritten there.
        let draft = isSpecial ? nil : place + ".\(UInt64.random(in: 0 ... .max)).new"
        let file = try FileDescriptor.open(
            draft ?? path, draft == nil ? [.writeOnly] : [.writeOnly, .create, .exclusive, .noFollow])
        if draft != nil { AtomicFile.copyRights(of: place, to: file) }
        (self.path, self.draft) = (place, draft)
        self.file = file
    }

    /// Adds bytes.
    ///
    /// - Throws: why they cannot be written.
    func write(_ bytes: [UInt8]) throws(Errno) {
        try file.writeAll(bytes.span)
    }

    /// Puts the file in its place.
    ///
    /// - Throws: why that cannot be done; what was there before is untouched then.
    consuming func commit() throws(Errno) {
        guard let draft else { return }
        fsync(file.rawValue)
        guard unsafe rename(draft, path) == 0 else { throw Errno(rawValue: errno) }
    }

    deinit {
        // After a commit there is none.
        if let draft { unsafe unlink(draft) }
    }

    private static func isSpecial(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }

    /// Gives the new file the owner and the rights of the one that it will replace, as far as we may.
    private static func copyRights(of path: String, to file: borrowing FileDescriptor) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return }
        // The owner first: a change of it takes rights away.
        if status.st_uid != geteuid() || status.st_gid != getegid() {
            _ = fchown(file.rawValue, status.st_uid, status.st_gid)
        }
        _ = fchmod(file.rawValue, status.st_mode & 0o777)
    }

    /// Where symbolic links lead, whether there is a file yet or not, so that they are not replaced themselves.
    ///
    /// - Throws: EACCES for a link that somebody else has put into a folder where everybody may, as the kernel does with
    ///   `fs.protected_symlinks`.
    private static func followed(_ path: String) throws(Errno) -> String {
        var path = path
        // As many as the kernel follows.
        for _ in 0..<40 {
            var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count =
                unsafe bytes.withUnsafeMutableBufferPointer { room in
                    unsafe room.withMemoryRebound(to: CChar.self) {
                        unsafe $0.baseAddress.map { unsafe readlink(path, $0, Int(PATH_MAX)) }
                    }
                } ?? -1
            guard count > 0 else { return path }
            let link = String(decoding: bytes[..<count], as: UTF8.self)
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
            guard isTrusted(path, in: folder.isEmpty ? "." : String(folder)) else { throw .permissionDenied }
            path = link.hasPrefix("/") ? link : folder + link
        }
        return path
    }

    private static func isTrusted(_ link: String, in folder: String) -> Bool {
        var (own, around) = (stat(), stat())
        guard unsafe lstat(link, &own) == 0, unsafe stat(folder, &around) == 0 else { return false }
        let isShared = around.st_mode & S_ISVTX != 0 && around.st_mode & S_IWOTH != 0
        return !isShared || own.st_uid == geteuid() || own.st_uid == around.st_uid
    }
}
