/// A gzip envelope around bytes as they are: blocks that DEFLATE calls stored. Source: RFC 1951, RFC 1952.
///
/// Why not compressed: names are in the file once already, so a profile of minutes is some hundred kilobytes, and pprof
/// compresses what it saves itself. A library would be one more file for the static build and the end of a module that
/// imports nothing; a compressor of our own would be something viv is not there for.
struct StoredGzip {
    private var pending: [UInt8] = []
    private var checksum: UInt32 = 0xffff_ffff
    private var length: UInt32 = 0

    private static let blockBytes = 0xffff

    /// The heading: DEFLATE, no name, no time, made on Unix.
    func begin(_ output: inout ProfileOutput) {
        output.write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] as [UInt8])
    }

    mutating func write(_ bytes: [UInt8], _ output: inout ProfileOutput) {
        for byte in bytes {
            checksum = checksum >> 8 ^ StoredGzip.table[Int(UInt8(truncatingIfNeeded: checksum) ^ byte)]
        }
        length &+= UInt32(truncatingIfNeeded: bytes.count)
        pending += bytes
        while pending.count > StoredGzip.blockBytes {
            writeBlock(pending.prefix(StoredGzip.blockBytes), isLast: false, &output)
            pending.removeFirst(StoredGzip.blockBytes)
        }
    }

    mutating func end(_ output: inout ProfileOutput) {
        writeBlock(pending[...], isLast: true, &output)
        pending = []
        for number in [~checksum, length] {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                output.write(UInt8(truncatingIfNeeded: number >> shift))
            }
        }
    }

    private func writeBlock(_ bytes: ArraySlice<UInt8>, isLast: Bool, _ output: inout ProfileOutput) {
        let count = UInt16(bytes.count)
        output.write(isLast ? 1 : 0)
        for number in [count, ~count] {
            output.write(UInt8(truncatingIfNeeded: number))
            output.write(UInt8(truncatingIfNeeded: number >> 8))
        }
        output.write(bytes)
    }

    /// CRC-32 of each byte, polynomial 0xEDB88320.
    private static let table: [UInt32] = (0..<256).map { byte in
        var value = UInt32(byte)
        for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
        return value
    }
}
