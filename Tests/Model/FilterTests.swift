import Model
import Testing

@Suite struct FilterTests {
    /// Pids that a filter keeps of a few processes.
    private func kept(_ text: String) throws -> [Int32] {
        try table().pids(OrderRequest(column: column("pid"), descending: false, filter: understood(text)))
    }

    private func understood(_ text: String) throws -> Filter {
        guard let filter = try Filter(parsing: text) else { throw NoFilter() }
        return filter
    }

    private struct NoFilter: Error {}

    private func table() throws -> ProcessTable {
        var rows = [
            makeRow(1, name: "init") { $0.userID = 0 },
            makeRow(20, parent: 1, name: "gunicorn") { row in
                row.userID = 1_000
                row.residentBytes = 500 << 20
                row.extras.pythonVersion = 3 << 8 | 12
                row.extras.openFiles = 1_024
                row.rates = idleRates()
                row.rates?.cpuPercent = 20
                row.rates?.majorFaults = 3
            },
            makeRow(21, parent: 20, name: "gunicorn") { row in
                row.userID = 1_000
                row.residentBytes = 400 << 20
                row.state = UInt8(ascii: "D")
                row.nice = -5
                row.rates = idleRates()
                row.rates?.cpuPercent = 20.5
                row.counters.majorFaults = 9
            },
            makeRow(300, parent: 1, name: "Redis (old)") { $0.userID = 77 },
        ]
        rows[3].residentBytes = 1_000
        var table = makeTable(rows)
        table.texts[rows[1].identity] = ProcessTexts()
        table.texts[rows[1].identity]?.arguments = "/usr/bin/gunicorn --workers=4 api:app"
        table.portOwners = [8_000: [20, 21]]
        return table
    }

    @Test(
        "Each operator compares",
        arguments: [
            ("pid=20", [20]), ("pid==20", [20]), ("pid!=20", [1, 21, 300]), ("pid<21", [1, 20]),
            ("pid<=21", [1, 20, 21]),
            ("pid>20", [21, 300]), ("pid>=20", [20, 21, 300]), ("comm~CORN", [20, 21]), ("comm!~corn", [1, 300]),
            ("comm=gunicorn", [20, 21]), ("comm=Gunicorn", []), ("comm!=gunicorn", [1, 300]), ("state=D", [21]),
            ("user=api", [20, 21]), ("user=77", [300]), ("nice<0", [21]), ("nice=-5", [21]), ("NICE=-5", [21]),
        ] as [(String, [Int32])])
    func operators(text: String, pids: [Int32]) throws {
        #expect(try kept(text) == pids)
    }

    @Test(
        "Numbers have units",
        arguments: [
            ("res>400M", [20]), ("res>=400m", [20, 21]), ("res=1000", [300]), ("res>0.4G", [20]), ("res<1k", [1, 300]),
            ("fd>1k", [20]), ("fd>1.02k", [20]), ("fd>1.03k", []), ("cpu>20", [21]), ("cpu>=20%", [20, 21]),
            ("majflt>0", [21]), ("majflt>0/s", [20]), ("majflt/s>0", [20]), ("res<1000", [1]),
        ] as [(String, [Int32])])
    func units(text: String, pids: [Int32]) throws {
        #expect(try kept(text) == pids)
    }

    @Test(
        "Words and connectives",
        arguments: [
            ("gunicorn", [20, 21]), ("GUNI", [20, 21]), ("workers", [20]), ("300", [300]), ("30", []),
            ("guni api:app", [20]),
            ("guni and api:app", [20]), ("init or redis", [1, 300]), ("init | redis", [1, 300]),
            ("not guni", [1, 300]),
            ("! guni", [1, 300]), ("not not guni", [20, 21]), ("init or guni pid=21", [1, 21]),
            ("(init or guni) pid=21", [21]), ("not (init or guni)", [300]), ("\"redis (old)\"", [300]),
            ("comm='Redis (old)'", [300]), ("\"python\"", []), ("\"and\"", []), ("'--workers=4'", [20]),
            ("PID=1 OR pid=20", [1, 20]),
            ("python", [20]), ("PYTHON", [20]), ("py", [20]), ("not python", [1, 21, 300]), ("port=8000", [20, 21]),
            ("port=8000 and python", [20]), ("port=8001", []), ("PORT=8000", [20, 21]),
            ("cpu>20 and user=api and comm~gunicorn", [21]),
        ] as [(String, [Int32])])
    func connectives(text: String, pids: [Int32]) throws {
        #expect(try kept(text) == pids)
    }

    @Test(
        "What is not known satisfies no comparison but a negative one",
        arguments: [
            ("fd<100000", [20]), ("fd=0", []), ("fd!=1024", [1, 21, 300]), ("cpu<1000", [20, 21]),
            ("cpu>=0", [20, 21]),
            ("exe~a", []), ("exe!~a", [1, 20, 21, 300]), ("cwd=/", []), ("cpu!=20", [1, 21, 300]),
        ] as [(String, [Int32])])
    func absent(text: String, pids: [Int32]) throws {
        #expect(try kept(text) == pids)
    }

    @Test("No text is no filter", arguments: ["", " ", "\t  "])
    func empty(text: String) throws {
        #expect(try Filter(parsing: text) == nil)
    }

    @Test(
        "An error says where",
        arguments: [
            ("nosuch=1", 0, "nosuch"), ("cpu>20 and nosuch=1", 11, "nosuch"), ("cpu>", 0, "value"),
            ("  cpu>x", 2, "`x`"),
            ("cpu>5/s", 0, "cpu/s"), ("port=x", 0, "65535"), ("port>80", 0, "port"), ("port=65536", 0, "65535"),
            ("port=-1", 0, "65535"), ("python)", 6, ")"), ("(python", 7, ")"), ("()", 1, "before"),
            ("and python", 0, "before"),
            ("python or", 9, "end"), ("python and", 10, "end"), ("not", 3, "end"), ("python or or x", 10, "before"),
            ("a (b", 4, ")"), ("res>5X", 0, "5X"), ("res>M", 0, "`M`"), ("cpu>inf", 0, "inf"), ("cpu>nan", 0, "nan"),
            ("é nosuch=1", 2, "nosuch"), ("\"a b\" nosuch=1", 6, "nosuch"), ("\"a b\" or", 8, "end"),
            ("cpu>0x10", 0, "0x10"),
        ])
    func errors(text: String, offset: Int, mention: String) throws {
        let error = #expect(throws: FilterError.self) { try Filter(parsing: text) }
        #expect(
            error?.offset == offset && error?.text.contains(mention) == true, "\(text): \(String(describing: error))")
    }

    @Test(
        "Any text can be written as a filter that looks for just that",
        arguments: [
            "gunicorn", "manage.py", "and", "Python", "a or b", "cpu>20", "(x)", "it's", "say \"no\"", "\"", "'\"'\"\"",
            "é",
        ])
    func wordOfAnyText(text: String) throws {
        guard case .word(let word) = try understood(Filter.word(keeping: text)) else {
            Issue.record("\(Filter.word(keeping: text)) is no word")
            return
        }
        #expect(word == text)
    }

    @Test func aDeepOrLongFilterIsRefusedAndDoesNotEndTheProgram() {
        for text in [
            String(repeating: "(", count: 100_000), String(repeating: "not ", count: 100_000) + "x",
            String(repeating: "x ", count: 100_000), String(repeating: "x or ", count: 100_000) + "x",
        ] {
            #expect(throws: FilterError.self) { try Filter(parsing: text) }
        }
    }

    @Test func filtersOfAReasonableSizeAreUnderstood() throws {
        let long = Array(repeating: "guni", count: 100).joined(separator: " or ")
        #expect(try kept(long) == [20, 21])
        let deep = String(repeating: "(", count: 50) + "guni" + String(repeating: ")", count: 50)
        #expect(try kept(deep) == [20, 21])
    }

    @Test func everyColumnCanBeAskedFor() throws {
        let table = try table()
        for column in Column.all {
            let filter = try understood(column.name + "!=zzz")
            #expect(
                table.pids(OrderRequest(column: column, descending: true, filter: filter)).count == 4, "\(column.name)")
            #expect(filter.sources == column.sources)
        }
    }

    @Test func aFilterSaysWhatMustBeReadForIt() throws {
        let filter = try understood("fd>3 and (python or not port=80) or port=443 exe~x")
        #expect(filter.sources == [.openFiles, .python, .ports, .executable] && filter.ports == [80, 443])
        #expect(try understood("word").sources == .arguments && understood("cpu>1").sources == [])
    }

    @Test func arbitraryTextIsUnderstoodOrRefused() {
        // A generator of its own, so that a failure can be repeated.
        var state: UInt64 = 42
        let pieces = [
            "cpu", ">", "=", "~", "!", "(", ")", " ", "and", "or", "not", "20", "M", "/s", "\"", "'", "port", "é", "\t",
            "|",
        ]
        let table = makeTable([makeRow(1)])
        for _ in 0..<5_000 {
            var text = ""
            for _ in 0..<8 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            do {
                let filter = try Filter(parsing: text)
                _ = filter?.matches(table.rows[0], table)
            } catch {
                #expect((0...text.count).contains(error.offset) && !error.text.isEmpty, "\(text)")
            }
        }
    }

    @Test func caseIsIgnoredForAsciiOnly() {
        #expect("Straße ÄPFEL".containsIgnoringCase("STRAßE") && !"Äpfel".containsIgnoringCase("ä"))
        #expect("abc".containsIgnoringCase("") && !"ab".containsIgnoringCase("abc") && "aab".containsIgnoringCase("AB"))
        #expect(!"[".containsIgnoringCase("{") && !"@".containsIgnoringCase("`"))
    }
}
