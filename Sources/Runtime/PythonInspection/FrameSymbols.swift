internal import BpfPrograms

/// Frames with their names and lines, by number: each pair of code and instruction is looked up once.
struct FrameSymbols: Sendable {
    /// The number of a frame that is not shown: it only links an evaluation to its caller, or is still being made.
    static let hidden: Int32 = -1

    private let layout: PythonLayout
    var codes: CodeCache
    /// Where in `known` the code at an address is.
    private var places: [RemoteAddress: Int] = [:]
    private var known: [Known] = []
    private var numbers: [PythonFrame: Int32] = [:]
    /// Frames by number.
    private(set) var frames: [PythonFrame] = []

    /// Which round of looking at code again it is. Code dies, and its address is used again: what was looked up in another round is looked at
    /// again before it is believed.
    private(set) var round = 0
    /// How often code was found gone, or other code in its place: what was looked up before is looked up anew then.
    private(set) var replacements = 0
    private var roundEndNanoseconds: UInt64 = 0
    private var churnEndNanoseconds: UInt64 = 0
    private var nowNanoseconds: UInt64 = 0
    private var wanted: [RemoteAddress] = []

    private static let roundNanoseconds: UInt64 = 50_000_000
    /// How long every reading is a round of its own after code was found to have been replaced.
    private static let churnNanoseconds: UInt64 = 5_000_000_000
    /// Frames that are told apart at most: only a program that makes code without end has more.
    private static let limit = 1_000_000

    /// What is known of the code at an address.
    private struct Known: Sendable {
        var entry: CodeEntry {
            didSet { print = entry.print }
        }
        var round: Int
        var numbers: [UInt64: Int32] = [:]
        private(set) var print: UInt32

        init(entry: CodeEntry, round: Int) {
            (self.entry, self.round) = (entry, round)
            print = entry.print
        }
    }

    init(layout: PythonLayout) {
        self.layout = layout
        codes = CodeCache(layout: layout)
    }

    /// Begins a reading that believes nothing of those before it.
    mutating func begin() {
        round += 1
        guard codes.dropIfLarge() || known.count > CodeCache.limit else { return }
        (known, places) = ([], [:])
        replacements += 1
    }

    /// Begins one of many readings a second.
    mutating func begin(atNanoseconds now: UInt64) {
        // Whether code is replaced is not known at first.
        if nowNanoseconds == 0 { churnEndNanoseconds = now + 1_000_000_000 }
        nowNanoseconds = now
        guard now >= roundEndNanoseconds || now < churnEndNanoseconds else { return }
        begin()
        roundEndNanoseconds = now + FrameSymbols.roundNanoseconds
    }

    /// Looks the innermost frames of a chain up and appends their numbers, those of the outer ones first.
    ///
    /// - Returns: false when one is no whole frame; `symbols` is then of no use.
    mutating func append<Memory: RemoteMemory & ~Copyable>(
        _ chain: [RawFrame], innermost count: Int, to symbols: inout [Int32], in memory: inout Memory
    ) -> Bool {
        lookUp(chain, innermost: count, in: &memory)
        var last: (code: RemoteAddress, place: Int)?
        for frame in chain[..<count].reversed() {
            guard append(frame, &last, to: &symbols, in: &memory) else { return false }
        }
        return true
    }

    /// Appends the number of a frame whose code was looked up; false when it is no whole one.
    ///
    /// - Parameters:
    ///   - last: where the code of the frame before is; that of this one afterwards.
    ///   - print: what its code was; nil where it is what it was when it was looked up.
    private mutating func append<Memory: RemoteMemory & ~Copyable>(
        _ frame: RawFrame, _ last: inout (code: RemoteAddress, place: Int)?, print: UInt32? = nil,
        to symbols: inout [Int32], in memory: inout Memory
    ) -> Bool {
        // The C stack's own frames only link an evaluation to its caller.
        if layout.isShim(owner: frame.owner) {
            symbols.append(FrameSymbols.hidden)
            return true
        }
        guard frame.owner < 3 else { return false }
        if last?.code != frame.code { last = places[frame.code].map { (frame.code, $0) } }
        guard let place = last?.place, print == nil || print == known[place].print else { return false }
        if let number = known[place].numbers[frame.instruction] {
            symbols.append(number)
            return true
        }
        var number = number(frame, known[place].entry)
        if number == nil, layout.codeCopies != nil {
            // A thread without the GIL may have made a copy of the instructions since.
            wanted = [frame.code]
            replace(&memory)
            last = nil
            number = self.number(frame, known[place].entry)
        }
        guard let number else {
            known[place].round = 0
            return false
        }
        symbols.append(number)
        known[place].numbers[frame.instruction] = number
        return true
    }

    /// Looks at the code of the innermost frames of a chain where that was not done in this round.
    mutating func lookUp<Memory: RemoteMemory & ~Copyable>(
        _ chain: [RawFrame], innermost count: Int, in memory: inout Memory
    ) {
        wanted.removeAll(keepingCapacity: true)
        var last: RemoteAddress?
        var areKnown = true
        for index in 0..<count where chain[index].code != last {
            let frame = chain[index]
            last = frame.code
            guard frame.owner < 3, !layout.isShim(owner: frame.owner) else { continue }
            if let place = places[frame.code] {
                // Marked at once, so that each is looked at once.
                guard known[place].round != round else { continue }
                known[place].round = round
            } else {
                areKnown = false
            }
            wanted.append(frame.code)
        }
        guard !wanted.isEmpty else { return }
        areKnown =
            areKnown
            && codes.areUnchanged(wanted, in: &memory) { index in
                places[wanted[index]].map { known[$0].entry }
            }
        if !areKnown { replace(&memory) }
    }

    /// Looks the innermost frames of a stack that a thread took of itself up, as ``append(_:innermost:to:in:)``.
    ///
    /// Each says which code was there at that moment: what is there now need not be it.
    mutating func append<Memory: RemoteMemory & ~Copyable>(
        _ stack: [ClockRecord.Frame], innermost count: Int, to symbols: inout [Int32], in memory: inout Memory
    ) -> Bool {
        wanted.removeAll(keepingCapacity: true)
        var lastWanted: UInt64?
        for frame in stack[..<count] where frame.code != lastWanted {
            lastWanted = frame.code
            guard frame.owner < 3, !isKnown(RemoteAddress(frame.code), frame.print) else { continue }
            wanted.append(RemoteAddress(frame.code))
        }
        if !wanted.isEmpty { replace(&memory) }
        var last: (code: RemoteAddress, place: Int)?
        for frame in stack[..<count].reversed() {
            guard append(RawFrame(frame), &last, print: frame.print, to: &symbols, in: &memory) else { return false }
        }
        return true
    }

    private func isKnown(_ code: RemoteAddress, _ print: UInt32) -> Bool {
        places[code].map { known[$0].print == print } ?? false
    }

    /// Looks up all code that is wanted, each by itself.
    private mutating func replace<Memory: RemoteMemory & ~Copyable>(_ memory: inout Memory) {
        let entries = codes.entries(of: Set(wanted), in: &memory)
        for address in wanted {
            let place = places[address]
            guard let entry = entries[address] else {
                if place != nil { replacements += 1 }
                places[address] = nil
                continue
            }
            guard let place else {
                places[address] = known.count
                known.append(Known(entry: entry, round: round))
                continue
            }
            if known[place].entry.serial == entry.serial {
                known[place].entry = entry
                continue
            }
            replacements += 1
            churnEndNanoseconds = nowNanoseconds + FrameSymbols.churnNanoseconds
            known[place] = Known(entry: entry, round: round)
        }
    }

    /// The number of a frame that was not seen before; nil when it is no whole one.
    private mutating func number(_ raw: RawFrame, _ code: CodeEntry) -> Int32? {
        guard let unit = code.unit(of: raw.instruction) else { return nil }
        if code.isBeingMade(raw, at: unit) { return FrameSymbols.hidden }
        var frame = PythonFrame(code, unit)
        if frames.count >= FrameSymbols.limit {
            frame = PythonFrame(function: "(one of too many)", qualifiedName: nil, file: "", line: nil)
        }
        if let number = numbers[frame] { return number }
        let number = Int32(frames.count)
        frames.append(frame)
        numbers[frame] = number
        return number
    }
}

extension RawFrame {
    /// A frame that a thread took of itself, which says neither where it is nor who called it.
    fileprivate init(_ frame: ClockRecord.Frame) {
        self.init(
            address: RemoteAddress(0), code: RemoteAddress(frame.code), previous: RemoteAddress(0),
            instruction: frame.instruction, owner: frame.owner)
    }
}
