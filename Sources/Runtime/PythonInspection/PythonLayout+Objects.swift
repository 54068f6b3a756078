extension PythonLayout {
    /// Offsets of the fields that lie at one place behind the head of an object, in the names of the layout tables.
    static func objectFields(of version: PythonVersion, behind head: Int) -> [String: Int] {
        var found: [String: Int] = [:]
        for line in PackageResources.cpython_objects_txt.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: " "))
            guard parts.count == 4, let first = minor(parts[0]), let last = minor(parts[1]),
                (first...last).contains(version.minor),
                let offset = Int(String(decoding: parts[3], as: UTF8.self))
            else { continue }
            found[String(decoding: parts[2], as: UTF8.self)] = head + offset
        }
        return found
    }

    /// The 12 of `3.12`.
    private static func minor(_ word: ArraySlice<UInt8>) -> Int? {
        word.starts(with: Array("3.".utf8)) ? Int(String(decoding: word.dropFirst(2), as: UTF8.self)) : nil
    }
}
