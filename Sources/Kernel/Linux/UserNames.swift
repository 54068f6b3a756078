/// Names of users and groups, read once from `/etc/passwd` and `/etc/group`.
///
/// No name service is asked: a directory server that does not answer must not stop the display. Ids it would know stay numbers.
public struct UserNames: Sendable {
    private var users: AccountFile
    private var groups: AccountFile

    /// Reads both files; one that cannot be read has no names.
    public init(passwd: String = "/etc/passwd", group: String = "/etc/group") {
        users = AccountFile(path: passwd)
        groups = AccountFile(path: group)
        refresh()
    }

    /// Reads a file again if it changed since; returns whether one did.
    @discardableResult
    public mutating func refresh() -> Bool {
        let usersChanged = users.refresh()
        return groups.refresh() || usersChanged
    }

    /// Name of a user; nil when the file has none.
    public func user(_ uid: UInt32) -> String? { users.names[uid] }

    /// Name of a group; nil when the file has none.
    public func group(_ gid: UInt32) -> String? { groups.names[gid] }

    /// Name of a user, or the number in decimal.
    public func userText(_ uid: UInt32) -> String { users.names[uid] ?? String(uid) }

    /// Id of a user given by name.
    public func uid(named name: String) -> UInt32? {
        // The lowest, so that two accounts of one name do not answer by chance.
        users.names.filter { $0.value == name }.keys.min()
    }
}

/// A file of lines `name:password:id:…`.
private struct AccountFile: Sendable {
    let path: String
    var names: [UInt32: String] = [:]
    var version: FileStatus?

    init(path: String) {
        self.path = path
    }

    mutating func refresh() -> Bool {
        let current = try? FileStatus(path: path)
        guard current != version else { return false }
        version = current
        names = (try? read()) ?? [:]
        return true
    }

    private func read() throws(Errno) -> [UInt32: String] {
        let bytes = try FileDescriptor.open(path, .nonBlocking).readToEnd(limit: 16 << 20)
        var table: [UInt32: String] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count >= 3, !fields[0].isEmpty, fields[0][fields[0].startIndex] != UInt8(ascii: "#"),
                let id = UInt32(String(decoding: fields[2], as: UTF8.self)), table[id] == nil
            else { continue }
            table[id] = String(decoding: fields[0], as: UTF8.self)
        }
        return table
    }
}
