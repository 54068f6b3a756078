import Profiles

/// Profiles written down as text, so that a test shows what it is about.
extension Profile {
    /// A profile of one thread a list; each entry a stack and how many rounds it stood, at 1,000 Hz.
    static func of(_ threads: [String: [(String, Int)]], hertz: Double = 1_000) -> Profile {
        var profile = Profile(askedHz: hertz)
        for (place, name) in threads.keys.sorted().enumerated() {
            let thread = profile.thread(pid: 1, tid: 100 + place, name: name)
            var round: UInt64 = 0
            for (stack, count) in threads[name] ?? [] {
                let node = profile.node(of: stack)
                for _ in 0..<count {
                    profile.add(node, thread: thread, atNanoseconds: round * UInt64(1e9 / hertz))
                    round += 1
                }
            }
        }
        return profile
    }

    /// `main:1 work:7 native!memcpy`: names with lines, outermost first.
    mutating func node(of stack: String) -> NodeId {
        node(stack.split(separator: " ").map { frame(ProfileFrame(String($0))) })
    }
}

extension ProfileFrame {
    /// `work:7` in app.py, `libc.so!memcpy` in native code.
    init(_ text: String) {
        if let bang = text.firstIndex(of: "!") {
            self.init(
                kind: .native, function: String(text[text.index(after: bang)...]),
                module: "/usr/lib/" + String(text[..<bang]))
            return
        }
        let parts = text.split(separator: ":")
        self.init(
            function: String(parts[0]), file: "/srv/app.py", line: parts.count > 1 ? Int(String(parts[1])) : nil)
    }
}

extension CallTree {
    /// Depth by indentation, `name[:line] own/total`.
    var drawing: [String] {
        nodes.indices.map { place in
            let frame = self.frame(place)
            let name = frame.map { $0.name + ($0.line.map { ":\($0)" } ?? "") } ?? "all"
            return String(repeating: " ", count: Int(nodes[place].depth))
                + "\(name) \(nodes[place].own)/\(nodes[place].total)"
        }
    }
}

/// Numbers that are the same in every run.
struct Dice: RandomNumberGenerator {
    var state: UInt64 = 42
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 33)
    }
}
