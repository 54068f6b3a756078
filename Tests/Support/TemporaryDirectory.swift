internal import Glibc
internal import Linux

/// A directory of a test, removed with the value.
public struct TemporaryDirectory: ~Copyable {
    /// Where it is.
    public let path: String

    /// Makes one, empty.
    public init(in folder: String = "/tmp") throws {
        var template = Array((folder + "/viv-test-XXXXXX").utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw SpawnFailure(error: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        _ = try? Child(program: "/bin/rm", arguments: ["rm", "-rf", path]).reap()
    }
}

extension TemporaryDirectory {
    /// Makes a directory in it, and those above.
    public func makeDirectory(_ name: String) throws {
        var path = path
        // By bytes, as the kernel does: a mark that joins the slash before it would hide it.
        for component in name.utf8.split(separator: UInt8(ascii: "/")) {
            path += "/" + String(decoding: component, as: UTF8.self)
            guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
        }
    }

    /// Writes a file in it, whose directory is made.
    public func write(_ name: String, _ bytes: [UInt8]) throws {
        if let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) { try makeDirectory(String(name[..<slash])) }
        let file = try FileDescriptor.open(path + "/" + name, [.writeOnly, .create, .truncate])
        try file.writeAll(bytes.span)
    }

    /// Writes a file of text in it.
    public func write(_ name: String, _ text: String) throws {
        try write(name, Array(text.utf8))
    }

    /// Makes a symbolic link in it.
    public func link(_ name: String, to target: String) throws {
        if let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) { try makeDirectory(String(name[..<slash])) }
        guard unsafe symlink(target, path + "/" + name) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Removes a file in it.
    public func remove(_ name: String) throws {
        guard unsafe unlink(path + "/" + name) == 0 else { throw Errno(rawValue: errno) }
    }
}
