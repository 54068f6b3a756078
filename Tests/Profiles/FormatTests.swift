import Profiles
import Testing

@Suite("File formats")
struct FormatTests {
    /// Two threads at 1,000 Hz; the worker comes late.
    private var profile: Profile {
        var profile = Profile(mode: .gil, askedHz: 1_000)
        profile.subject.recorder = "viv 1.0"
        profile.subject.pid = 7
        profile.subject.command = "python app.py"
        profile.statistics.rounds = 10
        profile.statistics.elapsedNanoseconds = 10_000_000
        profile.statistics.missedRounds = 4
        profile.statistics.errors = 3
        let main = profile.thread(pid: 7, tid: 7, name: "MainThread")
        let worker = profile.thread(pid: 7, tid: 8, name: nil)
        let (one, two) = (profile.node(of: "main:1 work:7"), profile.node(of: "main:2 libc.so!memcpy"))
        for round in 0..<6 {
            profile.add(round < 4 ? one : two, thread: main, atNanoseconds: UInt64(round) * 1_000_000)
        }
        for round in 4..<6 { profile.add(two, thread: worker, atNanoseconds: UInt64(round) * 1_000_000) }
        return profile
    }

    private func text(_ format: ProfileFormat, _ view: CallTreeView = CallTreeView()) -> String {
        String(decoding: format.bytes(of: profile, view: view), as: UTF8.self)
    }

    @Test func `Collapsed stacks, by line and by thread`() {
        let heading = """
            # recorder: viv 1.0 #
            # process: 7 python app.py
            # mode: gil
            # sampled: by polling
            # asked rate: 1000 Hz
            # achieved rate: 1000.0 Hz
            # duration: 0.010 s
            # samples: 8 stacks in 10 rounds
            # missed: 4 rounds
            # retries: 0 reads
            # given up: 0 stacks
            # stops: 0 stops, 0.000 ms in all, longest 0.000 ms
            # errors: 3 reads

            """
        #expect(
            text(.collapsed, CallTreeView(grain: .line)) == heading + """
                main (/srv/app.py:1);work (/srv/app.py:7) 4
                main (/srv/app.py:2);memcpy (libc.so) 4

                """)
        #expect(
            text(.collapsed, CallTreeView(isByThread: true)) == heading + """
                MainThread (7);main (/srv/app.py);memcpy (libc.so) 2
                MainThread (7);main (/srv/app.py);work (/srv/app.py) 4
                thread 8;main (/srv/app.py);memcpy (libc.so) 2

                """)
    }

    @Test func `Speedscope's samples have the clock's time, gaps included`() {
        let text = text(.speedscope)
        #expect(
            text.contains(
                """
                "profiles":[
                {"type":"sampled","name":"MainThread (7)","unit":"nanoseconds","samples":[[0,1],[0,2]],\
                "weights":[4000000,2000000],"startValue":0,"endValue":6000000},
                {"type":"sampled","name":"thread 8","unit":"nanoseconds","samples":[[],[0,2]],\
                "weights":[4000000,2000000],"startValue":0,"endValue":6000000}]}
                """))
        #expect(text.contains("\"missedRounds\":4"))
    }

    @Test func `A trace begins and ends what differs, and says whose it is`() {
        let text = text(.chrome)
        let place = "\"pid\":7,\"tid\":8,\"ts\":"
        #expect(
            text.contains(
                "{\"ph\":\"M\",\"pid\":7,\"tid\":7,\"name\":\"thread_name\",\"args\":{\"name\":\"MainThread\"}}"))
        #expect(
            text.contains(
                """
                {"ph":"B",\(place)4000,"cat":"python","name":"main","args":{"file":"/srv/app.py"}},
                {"ph":"B",\(place)4000,"cat":"native","name":"memcpy","args":{"module":"/usr/lib/libc.so"}},
                {"ph":"E",\(place)6000},
                {"ph":"E",\(place)6000}
                ]}
                """))
        // By function, main goes on while its line changes.
        #expect(text.split(separator: "\n").count { $0.contains("\"name\":\"main\"") } == 2)
    }

    @Test func `A window is all that any format has`() {
        let window = CallTreeView(windowNanoseconds: 0..<4_000_000)
        for format in ProfileFormat.allCases where format != .pprof {
            #expect(text(format).contains("memcpy"))
            #expect(!text(format, window).contains("memcpy") || format == .html || format == .speedscope)
        }
        #expect(text(.speedscope, window).contains("\"samples\":[[0,1]],\"weights\":[4000000]"))
        #expect(text(.html, window).contains("\"series\":[\n[0,2,1,1,2,1,1,2,1,1,2,1],\n[]]"))
    }

    @Test func `Whatever the format, the statistics are in it`() {
        for format in ProfileFormat.allCases {
            let text = text(format)
            for part in ["achieved rate", "missed: 4 rounds", "errors: 3 reads", "stops: 0 stops"] {
                #expect(
                    text.contains(part) || format == .chrome && text.contains("\"missed\":\"4 rounds\""), "\(format)")
            }
        }
    }

    @Test func `Bytes come piece by piece, and an error of the sink ends it`() {
        struct Full: Error {}
        var many = Profile(askedHz: 1_000)
        let thread = many.thread(pid: 1, tid: 1, name: nil)
        for place in 0..<8_000 {
            many.add(many.node(of: "f:\(place) g:\(place)"), thread: thread, atNanoseconds: UInt64(place) * 1_000_000)
        }
        for format in ProfileFormat.allCases {
            var pieces: [Int] = []
            #expect(throws: Full.self) {
                try format.write(many, view: CallTreeView(grain: .line)) { piece in
                    pieces.append(piece.count)
                    if pieces.count == 2 { throw Full() }
                }
            }
            #expect(pieces.count == 2 && (pieces.max() ?? 0) < 200_000, "\(format)")
        }
    }

    @Test func `Files have names that their readers know`() {
        #expect(
            ProfileFormat.allCases.map { $0.suggestedFileName(pid: 7) } == [
                "profile-7.collapsed.txt", "profile-7.speedscope.json", "profile-7.pb.gz", "profile-7.svg",
                "profile-7.html", "profile-7.trace.json",
            ])
        #expect(ProfileFormat.html.suggestedFileName(pid: nil) == "profile.html")
    }

    @Test func `A path is shown from its package on`() {
        func place(_ file: String) -> String { ProfileFrame(function: "f", file: file, line: 3).place }
        #expect(place("/usr/lib/python3.11/asyncio/events.py") == "asyncio/events.py:3")
        #expect(place("/venv/lib/python3.12/site-packages/django/http.py") == "django/http.py:3")
        #expect(place("/srv/app/site-packages.py") == "/srv/app/site-packages.py:3")
        #expect(place("<string>") == "<string>:3")
        #expect(place("/site-packages/") == "/site-packages/:3" || place("/site-packages/") == ":3")
        #expect(ProfileFrame(kind: .native, function: "f", module: "/usr/lib/libc.so.6").text == "f (libc.so.6)")
        #expect(ProfileFrame(function: "f\n\u{202e}").text == "f\\n\\u202e")
    }
}
