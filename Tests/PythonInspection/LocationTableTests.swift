import TestProcesses
import Testing

@testable import PythonInspection

/// One entry of a table, and the bytes that CPython's compiler would write for it.
private enum Entry {
    /// Line unchanged, column in the form's number and the byte behind it.
    case short(form: UInt8, units: Int)
    /// Line 0 to 2 further down.
    case oneLine(step: UInt8, units: Int)
    case noColumn(step: Int32, units: Int)
    case long(step: Int32, units: Int)
    case none(units: Int)

    var units: Int {
        switch self {
        case .short(_, let units), .oneLine(_, let units), .noColumn(_, let units), .long(_, let units),
            .none(let units):
            units
        }
    }

    var step: Int32 {
        switch self {
        case .short, .none: 0
        case .oneLine(let step, _): Int32(step)
        case .noColumn(let step, _), .long(let step, _): step
        }
    }

    var bytes: [UInt8] {
        func head(_ form: UInt8) -> UInt8 { 0x80 | form << 3 | UInt8(units - 1) }
        switch self {
        case .short(let form, _): return [head(form), 0x35]
        case .oneLine(let step, _): return [head(10 + step), 4, 9]
        case .noColumn(let step, _): return [head(13)] + signed(step)
        case .long(let step, _): return [head(14)] + signed(step) + unsigned(3) + unsigned(70) + unsigned(200)
        case .none: return [head(15)]
        }
    }

    private func unsigned(_ value: UInt64) -> [UInt8] {
        value < 64 ? [UInt8(value)] : [UInt8(value & 63) | 64] + unsigned(value >> 6)
    }

    private func signed(_ value: Int32) -> [UInt8] {
        unsigned(value < 0 ? UInt64(value.magnitude) << 1 | 1 : UInt64(value) << 1)
    }

    static func random(_ random: inout Randomness) -> Entry {
        let units = Int.random(in: 1...8, using: &random)
        let step = Int32.random(in: -70_000...70_000, using: &random) >> Int32.random(in: 0...16, using: &random)
        switch Int.random(in: 0...4, using: &random) {
        case 0: return .short(form: UInt8.random(in: 0...9, using: &random), units: units)
        case 1: return .oneLine(step: UInt8.random(in: 0...2, using: &random), units: units)
        case 2: return .noColumn(step: step, units: units)
        case 3: return .long(step: step, units: units)
        default: return .none(units: units)
        }
    }
}

/// The line of each unit, by the rules of the format alone.
private func lines(_ entries: [Entry], from first: Int32) -> [Int?] {
    var line = first
    var lines: [Int?] = []
    for entry in entries {
        line &+= entry.step
        // Nothing is written in a line before the first.
        var known: Int? = line < 0 ? nil : Int(line)
        if case .none = entry { known = nil }
        lines += Array(repeating: known, count: entry.units)
    }
    return lines
}

private func decoded(_ bytes: [UInt8], from first: Int, units: Int, minor: Int = 11) -> [Int?] {
    let table = LocationTable(bytes[...], firstLine: first, of: PythonVersion(major: 3, minor: minor))
    return (0..<units).map { table.line(of: $0) }
}

@Suite struct LocationTableTests {
    @Test func everyKindOfEntryHasItsLine() {
        let entries: [Entry] = [
            .short(form: 0, units: 1), .short(form: 9, units: 8), .oneLine(step: 0, units: 3),
            .oneLine(step: 1, units: 1), .oneLine(step: 2, units: 2), .noColumn(step: -3, units: 4),
            .noColumn(step: 1_000, units: 1), .none(units: 5), .long(step: 0, units: 1), .long(step: -900, units: 2),
            .long(step: 100_000, units: 1), .none(units: 1),
        ]
        let bytes = entries.flatMap(\.bytes)
        let units = entries.reduce(0) { $0 + $1.units }
        #expect(decoded(bytes, from: 10, units: units) == lines(entries, from: 10))
        let table = LocationTable(bytes[...], firstLine: 10)
        #expect(table.line(of: 0) == 10 && table.line(of: 12) == 11 && table.line(of: units) == nil)
        // Units outside of the code are asked for when a frame moved meanwhile.
        #expect(table.line(of: .max) == nil && LocationTable([], firstLine: 1).line(of: 0) == nil)
    }

    @Test func anyEntriesHaveTheirLines() {
        var random = Randomness(seed: 5)
        for round in 0..<2_000 {
            let entries = (0..<Int.random(in: 0...30, using: &random)).map { _ in Entry.random(&random) }
            let first = Int32.random(in: 1...1_000_000, using: &random)
            let truth = lines(entries, from: first)
            let found = decoded(entries.flatMap(\.bytes), from: Int(first), units: truth.count)
            #expect(found == truth, "round \(round) of seed 5")
        }
    }

    @Test func aTableThatIsCutHasTheLinesOfItsWholeEntriesAndNoOthers() {
        var random = Randomness(seed: 6)
        for _ in 0..<50 {
            let entries = (0..<12).map { _ in Entry.random(&random) }
            let truth = lines(entries, from: 100)
            let bytes = entries.flatMap(\.bytes)
            for length in 0...bytes.count {
                var (whole, used) = (0, 0)
                for entry in entries {
                    used += entry.bytes.count
                    guard used <= length else { break }
                    whole += entry.units
                }
                let found = decoded(Array(bytes[..<length]), from: 100, units: truth.count)
                #expect(found == truth[..<whole] + Array(repeating: nil, count: truth.count - whole), "\(length) bytes")
            }
        }
    }

    @Test func hugeAndNegativeLinesDoNotEndTheProgram() {
        let far: [Entry] = [
            .noColumn(step: .max, units: 1), .long(step: .max, units: 1), .noColumn(step: -.max, units: 1),
            .long(step: -.max, units: 1), .noColumn(step: -.max, units: 1),
        ]
        let bytes = far.flatMap(\.bytes)
        for first in [0, 1, -5, .max, .min, Int(Int32.max), Int(Int32.min)] {
            let found = decoded(bytes, from: first, units: 5)
            #expect(found == lines(far, from: Int32(clamping: first)))
        }
    }

    @Test func anyBytesAreDecodedToSomething() {
        var random = Randomness(seed: 7)
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random) | (random.next() % 2 == 0 ? 0x80 : 0)
            }
            let found = decoded(bytes, from: 1, units: 400)
            // No byte stands for more than eight units.
            #expect(found.count - found.reversed().prefix { $0 == nil }.count <= bytes.count * 8)
        }
    }

    /// Prints of each code object of a module: its first line, its table, and the line of each unit.
    private static let printer = """
        import dis, sys
        def lines(code):
            if hasattr(code, "co_positions"): return [p[0] for p in code.co_positions()]
            if hasattr(code, "co_lines"): return [line for a, b, line in code.co_lines() for _ in range(a, b, 2)]
            starts = dict(dis.findlinestarts(code))
            found = [starts.get(0, code.co_firstlineno)]
            for place in range(2, len(code.co_code), 2): found.append(starts.get(place, found[-1]))
            return found
        def walk(code):
            text = ",".join("-" if line is None else str(line) for line in lines(code))
            table = code.co_linetable if sys.version_info >= (3, 10) else code.co_lnotab
            print(code.co_firstlineno, table.hex() or "-", text)
            for constant in code.co_consts:
                if isinstance(constant, type(code)): walk(constant)
        source = open(__import__(sys.argv[1]).__file__, encoding="utf-8").read()
        # Lines far apart, columns beyond a byte, a call that leads back up, and a module without any text.
        wide = "def wide(f):\\n    return (f(" + " " * 300 + "1" + "\\n" * 70000 + ", 2)\\n .a\\n.b(\\n f(3)))\\n"
        for text in (source, wide, "", "\\n" * 5 + "x = [i for i in y\\n if i]", "async def f():\\n async with a as b: await b"):
            walk(compile(text, "m.py", "exec"))
        """

    @Test(
        "Every unit of a module has the line that the interpreter says", arguments: Interpreter.all,
        [([], "argparse"), (["-X", "no_debug_ranges"], "configparser"), ([], "_pydecimal")] as [([String], String)])
    func compiled(interpreter: Interpreter, module: ([String], String)) throws {
        let child = try interpreter.run(module.0 + ["-c", Self.printer, module.1])
        let codes = child.linesToTheEnd()
        #expect(codes.count > 30)
        var units = 0
        for code in codes {
            let parts = code.split(separator: " ")
            try #require(parts.count == 3)
            let first = try #require(Int(parts[0]))
            let truth = parts[2].split(separator: ",").map { Int($0) }
            units += truth.count
            let table = parts[1] == "-" ? [] : bytes(hexadecimal: parts[1])
            let found = decoded(table, from: first, units: truth.count, minor: interpreter.minor)
            #expect(found == truth, "line \(first)")
        }
        #expect(units > 1_000)
    }

    @Test(.enabled(if: !Interpreter.missing.isEmpty, "every version is here"))
    func whichVersionsAreNotTested() throws {
        try Test.cancel("no interpreter of Python \(Interpreter.missing.joined(separator: ", ")) on this host")
    }
}
