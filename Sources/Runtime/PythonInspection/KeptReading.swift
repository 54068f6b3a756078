/// What the last whole reading of a thread copied, so that the next need not take apart again what is still the same.
///
/// A thread that is deep in its calls works at their end: the chunks further out are, byte by byte, those of the reading before.
struct KeptReading: Sendable {
    private var copies = StackCopies()
    /// Which of the pieces that were copied each frame lies in, innermost first.
    private var homes: [Int] = []
    /// What was found out of each piece for the reading that is judged.
    private var verdicts: [Bool?] = []

    /// With fewer frames there is nothing to save.
    private static let leastFrames = 64

    /// Keeps a whole reading; what it gives up in exchange is room for the next.
    mutating func keep(_ copies: inout StackCopies, homes: inout [Int]) {
        swap(&self.copies, &copies)
        swap(&self.homes, &homes)
    }

    /// Forgets it.
    mutating func clear() { homes.removeAll(keepingCapacity: true) }

    /// From which of its frames on all lie in pieces that are in a new reading as they were; nil where the outermost does not.
    mutating func unchanged(_ new: StackCopies) -> Int? {
        guard homes.count >= KeptReading.leastFrames else { return nil }
        verdicts.removeAll(keepingCapacity: true)
        verdicts.append(contentsOf: repeatElement(nil, count: copies.planned))
        var first = homes.count
        while first > 0 {
            let home = homes[first - 1]
            let isSame = verdicts[home] ?? (home + shift(new) >= 0 && new.isSame(home + shift(new), as: copies, home))
            verdicts[home] = isSame
            guard isSame else { break }
            first -= 1
        }
        return first < homes.count ? first : nil
    }

    /// Adds which pieces of a new reading its frames lie in.
    func appendHomes(from first: Int, _ new: StackCopies, to homes: inout [Int]) {
        for home in self.homes[first...] { homes.append(home + shift(new)) }
    }

    /// The newest chunk is the first piece: where there is another in front of it, all have moved on.
    private func shift(_ new: StackCopies) -> Int { new.planned - copies.planned }
}
