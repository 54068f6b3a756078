import Linux
import Profiles

/// Writes made-up profiles in every format, for the programs that read such files:  ProfileFiles FOLDER
@main
struct ProfileFiles {
    static func main() throws {
        guard CommandLine.arguments.count == 2 else { fatalError("usage: ProfileFiles FOLDER") }
        let folder = CommandLine.arguments[1]
        for (name, profile) in [("plain", plain()), ("hostile", hostile()), ("empty", empty()), ("deep", deep())] {
            for format in ProfileFormat.allCases {
                let file = try FileDescriptor.open(
                    "\(folder)/\(name).\(format.fileExtension)", [.writeOnly, .create, .truncate])
                try format.write(profile, view: CallTreeView(grain: .line)) { try file.writeAll($0.span) }
            }
        }
    }

    /// Ten seconds at 100 Hz. MainThread: 60 % in `leaf_a` under `hot_a`, 40 % in `leaf_b` under `hot_b`, half of it in native
    /// code; but in the fourth second it was not seen at all. Worker: only in the last two seconds, in `late`.
    static func plain() -> Profile {
        var profile = Profile(mode: .cpu, askedHz: 100)
        describe(&profile, rounds: 1_000)
        let main = profile.thread(pid: 4321, tid: 4321, name: "MainThread")
        let worker = profile.thread(pid: 4321, tid: 4322, name: "Worker")
        func python(_ name: String, _ line: Int) -> ProfileFrame {
            ProfileFrame(function: name, qualifiedName: "Service.\(name)", file: "/srv/app/service.py", line: line)
        }
        let outer = profile.frame(ProfileFrame(function: "<module>", file: "/srv/app/main.py", line: 3))
        let memcpy = profile.frame(
            ProfileFrame(kind: .native, function: "memcpy", module: "/usr/lib/x86_64-linux-gnu/libc.so.6"))
        let a = profile.node([outer, profile.frame(python("hot_a", 10)), profile.frame(python("leaf_a", 20))])
        let b = [outer, profile.frame(python("hot_b", 30)), profile.frame(python("leaf_b", 40))]
        let late = profile.node([outer, profile.frame(python("late", 50))])
        for round in 0..<1_000 {
            let time = UInt64(round) * 10_000_000
            if !(300..<400).contains(round) {
                let node = round % 10 < 6 ? a : profile.node(round % 10 < 8 ? b : b + [memcpy])
                profile.add(node, thread: main, atNanoseconds: time)
            }
            if round >= 800 { profile.add(late, thread: worker, atNanoseconds: time) }
        }
        return profile
    }

    private static func describe(_ profile: inout Profile, rounds: UInt64) {
        profile.subject.recorder = "viv 1.0"
        profile.subject.pid = 4321
        profile.subject.command = "python3 /srv/app/main.py --port 8000"
        profile.subject.pythonVersion = "3.13.1"
        profile.subject.startedAtUnixNanoseconds = 1_700_000_000_000_000_000
        profile.statistics.rounds = rounds
        profile.statistics.elapsedNanoseconds = rounds * 10_000_000
        profile.statistics.missedRounds = 7
        profile.statistics.retries = 13
        profile.statistics.torn = 2
        profile.statistics.stops = 3
        profile.statistics.stoppedNanoseconds = 123_000
        profile.statistics.longestStopNanoseconds = 60_000
        profile.statistics.errors = 5
    }

    /// Names that would end a string, a tag, a line, a comment or a section, steer a terminal, or are no text at all.
    static let hostileNames = [
        "semi;colon", "new\nline 12", "</script><script>alert(1)</script>", "]]><x/>", "<b>&\"'</b>",
        "\u{1b}[31mred\u{7}", "-->",
        "tab\tand\rreturn", "\u{0}", "back\\slash\"quote", "\u{202e}abc", "\u{feff}bom", "名前;数", "e\u{301}", "\u{ffff}",
        "\u{2028}ls",
        "ends in digits 42", " ", "", "#comment: 1", "${x} `y` $(z)", "\u{1f600}", "__proto__", "constructor",
        String(decoding: [0x66, 0xff, 0xed, 0xa0, 0x80, 0x67] as [UInt8], as: UTF8.self),
    ]

    static func hostile() -> Profile {
        var profile = Profile(askedHz: 100)
        describe(&profile, rounds: UInt64(hostileNames.count * 2))
        profile.subject.command = hostileNames.joined(separator: " ")
        profile.subject.pythonVersion = hostileNames[2]
        for (place, name) in hostileNames.enumerated() {
            let thread = profile.thread(pid: 4321, tid: 5_000 + place, name: name)
            let stack = [
                profile.frame(ProfileFrame(function: name, file: name, line: place)),
                profile.frame(ProfileFrame(kind: .native, function: name, module: name)),
                profile.frame(ProfileFrame(function: "inner", qualifiedName: name, file: "/srv/" + name, line: -1)),
            ]
            for round in 0..<2 {
                profile.add(profile.node(stack), thread: thread, atNanoseconds: UInt64(place * 2 + round) * 10_000_000)
            }
        }
        return profile
    }

    static func empty() -> Profile { Profile(mode: .gil, askedHz: 1_000) }

    /// A recursion of ten thousand that comes and goes.
    static func deep() -> Profile {
        var profile = Profile(askedHz: 100)
        describe(&profile, rounds: 20)
        let thread = profile.thread(pid: 4321, tid: 4321, name: "MainThread")
        let again = profile.frame(ProfileFrame(function: "again", file: "/srv/app/deep.py", line: 2))
        let leaf = profile.frame(ProfileFrame(function: "leaf", file: "/srv/app/deep.py", line: 9))
        for round in 0..<20 {
            let stack = [FrameId](repeating: again, count: round % 2 == 0 ? 10_000 : 5_000) + [leaf]
            profile.add(profile.node(stack), thread: thread, atNanoseconds: UInt64(round) * 10_000_000)
        }
        return profile
    }
}
