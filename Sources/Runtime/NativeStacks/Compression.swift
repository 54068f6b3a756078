internal import CUnwind
internal import Linux

/// Tables that are stored compressed.
enum Compression {
    /// nil where it is not installed.
    private static let library = SharedLibrary("liblzma.so.5", functions: ["lzma_stream_buffer_decode"])

    /// What a whole .xz file holds; nil when it is none, or holds more than `limit` bytes.
    static func unpack(_ input: [UInt8], limit: Int) -> [UInt8]? {
        guard let library else { return nil }
        var size = 1 << 20
        while size <= limit {
            var output = [UInt8](repeating: 0, count: size)
            let count = unsafe input.withUnsafeBytes { packed in
                unsafe output.withUnsafeMutableBytes { room in
                    unsafe cu_unpack(
                        library[0], packed.assumingMemoryBound(to: UInt8.self).baseAddress, packed.count,
                        room.assumingMemoryBound(to: UInt8.self).baseAddress, room.count)
                }
            }
            if count >= 0 {
                output.removeLast(size - Int(count))
                return output
            }
            // LZMA_BUF_ERROR: there was no room.
            guard count == -10 else { return nil }
            size *= 4
        }
        return nil
    }
}
