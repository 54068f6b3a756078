import Glibc
import Model
import Testing

@Suite struct NumberTextTests {
    /// Every order of magnitude that a Double has, with mantissas at which rounding changes the number of digits.
    private static let magnitudes: [Double] = {
        var values: [Double] = [0, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        let edges = [
            1, 1.004999, 1.005, 4.95, 4.999999, 5, 9.4999, 9.5, 9.94999, 9.95, 9.99499, 9.995, 9.999999,
            9.9999999999999,
        ]
        for exponent in -30...40 {
            for edge in edges { values.append(edge * pow(10, Double(exponent))) }
        }
        for exponent in 0...130 {
            let power = scalbn(1.0, Int32(exponent))
            values += [
                power, power.nextDown, power.nextUp, power * 0.9755, power * 0.976, power * 999.5 / 1024, power * 1.5,
            ]
        }
        return values
    }()

    private func isPlain(_ text: String, units: String) -> Bool {
        if text == "·" { return true }
        var digits = Substring(text)
        if let last = digits.last, units.contains(last) { digits.removeLast() }
        return !digits.isEmpty && digits.allSatisfy { "0123456789.".contains($0) } && digits.last != "."
    }

    @Test func countsAreNeverWiderThanFiveCellsAndNeverScientific() {
        for value in Self.magnitudes {
            let text = NumberText.count(value)
            #expect(text.count <= 5 && isPlain(text, units: "kMGTPE"), "\(value): \(text)")
            #expect(NumberText.count(-value) == (value == 0 ? "0" : "-" + text), "\(-value)")
        }
    }

    @Test func bytesAreNeverWiderThanFiveCellsAndNeverScientific() {
        for value in Self.magnitudes {
            let text = NumberText.bytes(value)
            #expect(text.count <= 5 && isPlain(text, units: "KMGTPE"), "\(value): \(text)")
            #expect(NumberText.bytes(-value).count <= 6)
        }
        // What a counter of 64 bits can hold keeps its value to three digits.
        #expect(NumberText.bytes(Double(UInt64.max)) == "16.0E" && NumberText.count(Double(UInt64.max)) == "18.4E")
    }

    @Test func percentagesAreNeverWiderThanFiveCells() {
        for value in Self.magnitudes {
            let text = NumberText.percent(value)
            #expect(text.count <= 5 && isPlain(text, units: ""), "\(value): \(text)")
        }
        let known = [
            (0, "0.0"), (0.04, "0.0"), (0.05, "0.1"), (99.94, "99.9"), (99.95, "100"), (640, "640"), (-1, "0.0"),
        ]
        for (value, text) in known { #expect(NumberText.percent(value) == text) }
    }

    @Test func timesAreNeverWiderThanNineCells() {
        for value in Self.magnitudes {
            let text = NumberText.duration(seconds: value)
            #expect(text.count <= 9 && text.allSatisfy { "0123456789:.hd".contains($0) }, "\(value): \(text)")
        }
        let known: [(Double, String)] = [
            (0, "0:00.00"), (3.214, "0:03.21"), (754.56, "12:34.56"), (3_599.99, "59:59.99"), (3_600, "1h00:00"),
            (11_045, "3h04:05"), (86_399, "23h59:59"), (86_400, "1d00:00"), (1_047_840, "12d03:04"),
            (8_639_999, "99d23:59"), (8_640_000, "100d"), (34_646_400, "401d"), (-5, "0:00.00"),
        ]
        for (seconds, text) in known { #expect(NumberText.duration(seconds: seconds) == text) }
    }

    @Test(arguments: [
        (0, "00:00", "0 s"), (65.9, "01:05", "1 min 5 s"), (900, "15:00", "15 min"), (3_599, "59:59", "59 min 59 s"),
        (3_600, "1:00:00", "1 h"), (7_859, "2:10:59", "2 h 10 min"), (86_399, "23:59:59", "23 h 59 min"),
        (86_400, "1d00:00:00", "1 d"), (273_906, "3d04:05:06", "3 d 4 h"), (-5, "00:00", "0 s"),
        (.nan, "·", "·"), (1e300, "1157407d09:46:40", "1157407 d 9 h"),
    ])
    func howLongAgoIsReadAtAnyLength(_ seconds: Double, _ ago: String, _ span: String) {
        #expect(NumberText.ago(seconds: seconds) == ago && NumberText.span(seconds: seconds) == span)
    }

    @Test func whatIsNoNumberIsUnknown() {
        for value in [Double.nan, .infinity, -.infinity] {
            #expect(NumberText.count(value) == "·" && NumberText.bytes(value) == "·", "\(value)")
            #expect(NumberText.percent(value) == "·" && NumberText.fixed(value, 2) == "·", "\(value)")
            #expect(
                NumberText.duration(seconds: value) == "·" && NumberText.moment(value, seenFrom: 0) == "·", "\(value)")
        }
        for absent in [
            ColumnValue.absent, .count(nil as Double?), .count(nil as UInt64?), .bytes(nil as Double?),
            .bytes(nil as UInt64?), .percent(nil as Double?), .number(nil as Int32?), .text(nil as String?),
        ] {
            #expect(absent.text == "·" && absent.magnitude == nil)
        }
    }

    @Test(
        "Three digits are kept",
        arguments: [
            (0, "0"), (0.01, "0.0"), (0.3, "0.3"), (7.5, "7.5"), (9, "9"), (9.94, "9.9"), (9.96, "10"), (98.4, "98"),
            (640, "640"), (999.4, "999"), (999.5, "1.00k"), (1_240, "1.24k"), (9_994, "9.99k"), (9_995, "10.0k"),
            (99_949, "99.9k"), (99_950, "100k"), (999_499, "999k"), (999_500, "1.00M"), (31e6, "31.0M"),
            (-1_240, "-1.24k"),
        ])
    func counts(value: Double, text: String) {
        #expect(NumberText.count(value) == text)
    }

    @Test(
        "Bytes are counted in powers of 1,024",
        arguments: [
            (0, "0"), (812, "812"), (999, "999"), (1_000, "0.98K"), (1_024, "1.00K"), (12_288, "12.0K"),
            (432_013_312, "412M"), (1_181_116_006, "1.10G"), (1_048_575, "1.00M"), (-1_048_576, "-1.00M"),
        ])
    func bytes(value: Double, text: String) {
        #expect(NumberText.bytes(value) == text)
    }

    @Test func aScaledNumberIsNeverFurtherThanHalfADigitFromTheTruth() throws {
        let factors: [Character: Double] = ["k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18]
        for value in Self.magnitudes where value >= 1_000 && value < 9e20 {
            let text = NumberText.count(value)
            let unit = try #require(text.last)
            let factor = try #require(factors[unit])
            let shown = try #require(Double(text.dropLast())) * factor
            #expect(abs(shown - value) <= value * 0.0051, "\(value): \(text)")
        }
    }

    @Test func fixedDecimalsAreRoundedAndHaveNoNegativeZero() {
        #expect(
            NumberText.fixed(1.005, 1) == "1.0" && NumberText.fixed(2.5, 0) == "3" && NumberText.fixed(-2.5, 0) == "-3")
        #expect(NumberText.fixed(-0.001, 2) == "0.00" && NumberText.fixed(0.06, 2) == "0.06")
        #expect(NumberText.fixed(1e300, 2).allSatisfy { "0123456789.".contains($0) })
    }

    @Test func aMomentIsTheTimeOfDayAndLaterTheDate() {
        let noon = 1_614_859_200.0
        #expect(NumberText.moment(noon + 61.9, seenFrom: noon + 100) == "12:01:01")
        #expect(NumberText.moment(noon, seenFrom: noon + 86_399) == "12:00:00")
        #expect(NumberText.moment(noon, seenFrom: noon + 86_400) == "21-03-04")
        #expect(NumberText.moment(noon + 3_600, seenFrom: noon) == "21-03-04")
        for value in Self.magnitudes {
            #expect([1, 8].contains(NumberText.moment(value, seenFrom: 0).count), "\(value)")
            #expect([1, 8].contains(NumberText.moment(-value, seenFrom: 0).count), "\(-value)")
        }
    }

    @Test func everyDateIsTheOneOfTheCLibrary() {
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        // A step that is no whole number of days, over four centuries and their leap years.
        for seconds in stride(from: -2_000_000_000, to: 11_000_000_000, by: 2_345_678) {
            var time = time_t(seconds)
            var parts = unsafe tm()
            unsafe gmtime_r(&time, &parts)
            let date =
                unsafe two((parts.tm_year + 1_900) % 100) + "-" + two(parts.tm_mon + 1) + "-" + two(parts.tm_mday)
            #expect(NumberText.moment(Double(seconds), seenFrom: 1e12) == date, "\(seconds)")
            let day = unsafe two(parts.tm_hour) + ":" + two(parts.tm_min) + ":" + two(parts.tm_sec)
            #expect(NumberText.moment(Double(seconds), seenFrom: Double(seconds) + 5) == day, "\(seconds)")
        }
    }
}
