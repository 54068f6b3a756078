/// What the last whole reading of a thread copied, so that the next need not take apart again what is still the same.
///
/// A thread that is deep in its calls works at their end: the chunks further out are, byte by byte, those of the reading before.
struct KeptReading: Sendable {
    /// Pieces of the plan as they were read, where the bytes of each begin, and the bytes.
    private var pieces: [RemotePiece] = []
    private var starts: [Int] = []
    private var bytes: [UInt8] = []
    /// Number of the piece that each frame lies in, innermost first.
    private var homes: [Int] = []
    /// What was found out of each piece for the reading that is judged.
    private var verdicts: [Bool?] = []

    /// With fewer frames there is nothing to save.
    private static let leastFrames = 64

    /// Keeps a whole reading; what it gives up in exchange is room for the next.
    mutating func keep(
        _ bytes: inout [UInt8], _ pieces: [RemotePiece], _ offsets: [Int], _ order: StackReader.Arrangement,
        homes: inout [Int]
    ) {
        swap(&self.bytes, &bytes)
        swap(&self.homes, &homes)
        self.pieces.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        guard self.homes.count >= KeptReading.leastFrames else { return }
        self.pieces.append(contentsOf: pieces[order.behind...])
        starts.append(contentsOf: offsets[order.behind...])
    }

    /// Forgets it.
    mutating func clear() { homes.removeAll(keepingCapacity: true) }

    /// From which of its frames on all lie in pieces that were read as they were then, by each of their copies; nil where the outermost does not.
    ///
    /// - Parameter windows: stretches that were copied more often; the pieces they are of do not count.
    mutating func unchanged(
        _ bytes: [UInt8], _ pieces: [RemotePiece], _ offsets: [Int], _ order: StackReader.Arrangement,
        windows: [RemotePiece]
    ) -> Int? {
        guard homes.count >= KeptReading.leastFrames else { return nil }
        verdicts.removeAll(keepingCapacity: true)
        verdicts.append(contentsOf: repeatElement(nil, count: self.pieces.count))
        var first = homes.count
        while first > 0 {
            let home = homes[first - 1]
            let isSame = verdicts[home] ?? isSame(home, bytes, pieces, offsets, order, windows)
            verdicts[home] = isSame
            guard isSame else { break }
            first -= 1
        }
        return first < homes.count ? first : nil
    }

    /// Adds the numbers that the pieces of its frames have in a new reading.
    func appendHomes(from first: Int, _ order: StackReader.Arrangement, to homes: inout [Int]) {
        let shift = order.planned - pieces.count
        for home in self.homes[first...] { homes.append(home + shift) }
    }

    private func isSame(
        _ home: Int, _ bytes: [UInt8], _ pieces: [RemotePiece], _ offsets: [Int], _ order: StackReader.Arrangement,
        _ windows: [RemotePiece]
    ) -> Bool {
        // The newest chunk is the first piece: where there is another in front of it, all have moved on.
        let now = home + order.planned - self.pieces.count
        guard now >= 0, pieces[order.behind + now] == self.pieces[home] else { return false }
        let piece = self.pieces[home]
        guard !windows.contains(where: { piece.contains($0.address, 1) }),
            bytes.isSame(offsets[order.behind + now], piece.length, as: self.bytes, starts[home])
        else { return false }
        return !order.isTwice
            || bytes.isSame(offsets[order.planned - 1 - now], piece.length, as: self.bytes, starts[home])
    }
}
