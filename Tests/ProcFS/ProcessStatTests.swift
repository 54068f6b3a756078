import ProcFS
import Testing

@Suite struct ProcessStatTests {
    @Test func everyFieldIsWhereTheManualSays() throws {
        let stat = try #require(parse(Fixture.stat.bytes, ProcessStat.init(parsing:)))
        #expect(stat.pid == 4_242 && stat.command.text == "python3.12" && stat.state == UInt8(ascii: "S"))
        #expect(stat.parent == 1 && stat.processGroup == 4_242 && stat.session == 4_200)
        #expect(stat.terminal == 34_816 && stat.foregroundGroup == -1 && stat.flags == 4_194_560)
        #expect(stat.minorFaults == 1_001 && stat.childMinorFaults == 2_002)
        #expect(stat.majorFaults == 3_003 && stat.childMajorFaults == 4_004)
        #expect(stat.userTicks == 5_005 && stat.systemTicks == 6_006 && stat.cpuTicks == 11_011)
        #expect(stat.childUserTicks == 7_007 && stat.childSystemTicks == 8_008)
        #expect(stat.priority == 25 && stat.nice == 5 && stat.threads == 9 && stat.startTicks == 827_737)
        #expect(stat.virtualBytes == 3_133_440 && stat.residentPages == 383 && stat.residentLimit == .max)
        #expect(stat.exitSignal == 17 && stat.processor == 3 && stat.realtimePriority == 40 && stat.policy == 2)
        #expect(stat.blockedIOTicks == 55 && stat.guestTicks == 66 && stat.exitCode == -9)
        #expect(!stat.isKernelThread)
    }

    @Test func aFileThatIsCutAnywhereIsNoReading() {
        for prefix in prefixes(Fixture.stat) {
            #expect(parse(prefix, ProcessStat.init(parsing:)) == nil, "\(prefix.count) bytes")
        }
    }

    @Test func aChangedByteNeverCrashesAndNeverMovesAField() throws {
        let whole = try #require(parse(Fixture.stat.bytes, ProcessStat.init(parsing:)))
        var readings = 0
        for bytes in mutations(Fixture.stat) {
            // A new blank makes a new field, which only a file of a later kernel has.
            guard let stat = parse(bytes, ProcessStat.init(parsing:)), bytes.split(separator: 32).count <= 52 else {
                continue
            }
            readings += 1
            // One byte changes one field: if the start time differs, nothing else does.
            if stat.startTicks != whole.startTicks {
                #expect(stat.exitCode == whole.exitCode && stat.userTicks == whole.userTicks)
            }
        }
        #expect(readings > 100)
    }

    @Test(
        "A name may hold anything",
        arguments: [
            "", ")", "(", "a) R 1 2 (b", "x\ny", ") Z 0 0 0\n", "\u{1B}[31m", "tab\there", "  ", "名前",
            "kworker/u16:3-events_unbound_with_a_name_of_63_bytes_in_all_____",
        ])
    func hostileNames(name: String) throws {
        let text = Fixture.stat.replacing("python3.12", with: name)
        let stat = try #require(parse(text.bytes, ProcessStat.init(parsing:)))
        #expect(stat.command.text == name && stat.command.count == name.utf8.count)
        #expect(stat.state == UInt8(ascii: "S") && stat.parent == 1 && stat.exitCode == -9)
        for prefix in prefixes(text) { #expect(parse(prefix, ProcessStat.init(parsing:)) == nil) }
    }

    @Test func aNameThatIsNoTextIsKeptByteForByte() throws {
        let bytes = Fixture.stat.bytes
        let split = try #require(bytes.firstIndex(of: UInt8(ascii: "p")))
        let hostile: [UInt8] = [0xFF, 0xC3, 0x28, 0x80, 0x1B]
        let changed = bytes[..<split] + hostile + bytes[(split + 10)...]
        let stat = try #require(parse(Array(changed), ProcessStat.init(parsing:)))
        #expect((0..<stat.command.count).map { stat.command[$0] } == hostile)
        #expect(stat.command.text == String(decoding: hostile, as: UTF8.self))
    }

    @Test func aNameBeyondTheKernelsLengthIsCut() throws {
        let text = Fixture.stat.replacing("python3.12", with: String(repeating: "n", count: 300))
        #expect(try #require(parse(text.bytes, ProcessStat.init(parsing:))).command.count == 64)
    }

    @Test func aNumberThatDoesNotFitIsNoReading() {
        let text = Fixture.stat.replacing(" 827737 ", with: " 99999999999999999999 ")
        #expect(parse(text.bytes, ProcessStat.init(parsing:)) == nil)
    }

    @Test func fieldsOfALaterKernelAreLetThrough() throws {
        let text = Fixture.stat.replacing(" -9\n", with: " -9 12 13\n")
        #expect(try #require(parse(text.bytes, ProcessStat.init(parsing:))).exitCode == -9)
    }

    @Test func namesAreEqualByTheirBytes() {
        #expect(CommandName("worker") == CommandName("worker"))
        #expect(CommandName("worker") != CommandName("workers"))
        #expect(Set([CommandName("a"), CommandName("a"), CommandName("b")]).count == 2)
    }
}
