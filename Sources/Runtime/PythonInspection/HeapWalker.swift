/// Follows the lists of the collector, every link of them hostile.
///
/// An object moves from younger lists to older ones, so the older are walked first: one that moves meanwhile is met at the
/// older list's end, at the latest.
struct HeapWalker {
    private let layout: CollectorLayout
    private let limits: HeapLimits
    private var pages: ObjectPages
    private var walk = HeapWalk()
    private var heads: Set<UInt64> = []
    /// Whether the links backwards of this list are in use for counting: the collector runs.
    private var isCounting = false
    private var batch = CollectableBatch(interpreter: 0, generation: 0, objects: [])
    private static let batchSize = 4096
    /// How often a list is taken up again behind a place where it was torn.
    private static let resumptions = 50

    init(_ layout: CollectorLayout, _ limits: HeapLimits) {
        self.layout = layout
        self.limits = limits
        pages = ObjectPages(bytes: limits.cacheBytes)
        batch.objects.reserveCapacity(HeapWalker.batchSize)
    }

    /// Walks the lists of all collectors.
    mutating func walk<Memory: RemoteMemory & ~Copyable>(
        _ places: [CollectorReader.Place], _ memory: inout Memory, _ body: (CollectableBatch) -> Bool
    ) throws(RemoteMemoryError) -> HeapWalk {
        for place in places {
            for generation in 0...CollectorLayout.generationCount {
                if let list = layout.list(generation) { heads.insert((place.address + list).rawValue) }
            }
        }
        let before = try states(of: places, &memory)
        for place in places {
            for generation in (0...CollectorLayout.generationCount).reversed() {
                guard let list = layout.list(generation), walk.cut == nil else { continue }
                batch.interpreter = place.interpreter
                batch.generation = generation
                // The younger a list, the sooner what was read of it is old.
                pages.forget()
                isCounting = try counts(place, &memory)
                try follow((place.address + list).rawValue, place, &memory, body)
                // Objects were moved from list to list meanwhile.
                if isCounting { walk.tears += 1 }
                flush(body)
            }
        }
        // A collection between two lists tears none of them.
        if try states(of: places, &memory) != before { walk.tears += 1 }
        walk.bytesRead = pages.bytesRead
        return walk
    }

    /// The collectors' states, which change with every object that is tracked or collected.
    private func states<Memory: RemoteMemory & ~Copyable>(of places: [CollectorReader.Place], _ memory: inout Memory)
        throws(RemoteMemoryError) -> [[UInt8]]
    {
        var states: [[UInt8]] = []
        for place in places { states.append(try memory.bytes(place.address, layout.size)) }
        return states
    }

    /// Whether the collector runs now and uses the links backwards for its counting.
    private func counts<Memory: RemoteMemory & ~Copyable>(_ place: CollectorReader.Place, _ memory: inout Memory)
        throws(RemoteMemoryError) -> Bool
    {
        guard layout.countsInLinks, let collecting = layout.collecting else { return false }
        return try memory.bytes(place.address + collecting, 4).int(0) != 0
    }

    // MARK: One list

    /// Follows a list from its head until it comes back.
    private mutating func follow<Memory: RemoteMemory & ~Copyable>(
        _ head: UInt64, _ place: CollectorReader.Place, _ memory: inout Memory, _ body: (CollectableBatch) -> Bool
    ) throws(RemoteMemoryError) {
        guard let first = try pages.refresh(head, layout, in: &memory) else {
            walk.tears += 1
            return
        }
        var previous = head
        var address = HeapWalker.link(first.next)
        // An address that comes again after twice as many steps is on a circle without the head.
        var (mark, steps, stride) = (head, 0, 1)
        var resumptions = 0
        while address != head {
            var words = isObject(address) ? try pages.words(address, layout, in: &memory) : nil
            if words.map({ matches($0, previous) }) != true {
                words = try freshLink(previous, &address, place, &memory)
                if address == head { break }
            }
            guard let words else {
                walk.tears += 1
                resumptions += 1
                // A list that goes on in another one was joined to it meanwhile.
                guard resumptions <= HeapWalker.resumptions, !heads.contains(address),
                    let found = try lastWhole(&memory)
                else { return }
                (previous, address) = found
                continue
            }
            take(address, words)
            if batch.objects.count == HeapWalker.batchSize { flush(body) }
            if let cut = cut() {
                walk.cut = walk.cut ?? cut
                return
            }
            previous = address
            address = HeapWalker.link(words.next)
            if address == mark {
                walk.tears += 1
                return
            }
            steps += 1
            if steps == stride { (mark, steps, stride) = (previous, 0, stride * 2) }
        }
    }

    private func isObject(_ address: UInt64) -> Bool {
        address > 0xffff && address & 7 == 0 && address < 1 << 56 && !heads.contains(address)
    }

    /// The address in a link: its lowest bits say what the collector is about to do.
    private static func link(_ word: UInt64) -> UInt64 { word & ~3 }

    /// Whether an object's link backwards leads where it was reached from.
    private func matches(_ words: ObjectPages.Words, _ previous: UInt64) -> Bool {
        words.type > 0xffff && words.type & 7 == 0 && (isCounting || HeapWalker.link(words.previous) == previous)
    }

    /// Looks again at a link that did not match, as the target has it now: what was read with its neighbours may be old.
    private mutating func freshLink<Memory: RemoteMemory & ~Copyable>(
        _ previous: UInt64, _ address: inout UInt64, _ place: CollectorReader.Place, _ memory: inout Memory
    ) throws(RemoteMemoryError) -> ObjectPages.Words? {
        for _ in 0..<3 {
            guard let before = try pages.refresh(previous, layout, in: &memory) else { return nil }
            address = HeapWalker.link(before.next)
            if heads.contains(address) { return nil }
            guard isObject(address), let words = try pages.refresh(address, layout, in: &memory) else { continue }
            if matches(words, previous) { return words }
            if try counts(place, &memory) { isCounting = true }
        }
        return nil
    }

    /// The last object of this batch that is still linked on both sides, and what follows it: the list goes on there.
    private mutating func lastWhole<Memory: RemoteMemory & ~Copyable>(_ memory: inout Memory)
        throws(RemoteMemoryError) -> (UInt64, UInt64)?
    {
        var back = 2
        while back <= batch.objects.count {
            let object = batch.objects[batch.objects.count - back]
            let address = (object.address + -layout.headSize).rawValue
            if let words = try pages.refresh(address, layout, in: &memory), isObject(HeapWalker.link(words.next)),
                let after = try pages.refresh(HeapWalker.link(words.next), layout, in: &memory),
                matches(after, address)
            {
                // What lies behind it is met once more.
                walk.byGeneration[batch.generation] -= back - 1
                walk.objects -= back - 1
                batch.objects.removeLast(back - 1)
                pages.forget()
                return (address, HeapWalker.link(words.next))
            }
            back *= 2
        }
        return nil
    }

    // MARK: What was found

    private mutating func take(_ address: UInt64, _ words: ObjectPages.Words) {
        batch.objects.append(
            CollectableObject(
                address: RemoteAddress(address) + layout.headSize, type: RemoteAddress(words.type),
                itemCount: Int64(bitPattern: words.items)))
        walk.objects += 1
        walk.byGeneration[batch.generation] += 1
    }

    private mutating func flush(_ body: (CollectableBatch) -> Bool) {
        if !batch.objects.isEmpty, !body(batch) { walk.cut = walk.cut ?? .asked }
        batch.objects.removeAll(keepingCapacity: true)
    }

    private func cut() -> HeapWalk.Cut? {
        if let cut = walk.cut { return cut }
        if walk.objects >= limits.objects { return .objects }
        return pages.bytesRead >= limits.bytes ? .bytes : nil
    }
}
