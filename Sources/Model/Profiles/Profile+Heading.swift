extension Profile {
    /// What every output says of the recording.
    public var heading: [(name: String, value: String)] {
        let how = statistics
        var lines = [(name: "recorder", value: visible(subject.recorder))]
        if let pid = subject.pid {
            lines.append(("process", "\(pid)" + (subject.command.isEmpty ? "" : " " + visible(subject.command))))
        }
        if let version = subject.pythonVersion { lines.append(("python", "CPython " + visible(version))) }
        let idle = how.mode == .wall ? (subject.includesIdle ? ", idle threads too" : ", without idle threads") : ""
        lines.append(("mode", how.mode.rawValue + idle))
        lines.append(("sampled", how.sampling.text))
        lines.append(("asked rate", fixed(how.askedHz, how.askedHz == how.askedHz.rounded() ? 0 : 2) + " Hz"))
        lines.append(("achieved rate", how.achievedHz.map { fixed($0, 1) + " Hz" } ?? "· Hz"))
        lines.append(("duration", fixed(Double(how.elapsedNanoseconds) / 1e9, 3) + " s"))
        lines.append(("samples", "\(how.samples) stacks in \(how.rounds) rounds"))
        lines.append(("missed", "\(how.missedRounds) rounds"))
        lines.append(("retries", "\(how.retries) reads"))
        lines.append(("given up", "\(how.torn) stacks"))
        lines.append(
            (
                "stops",
                "\(how.stops) stops, \(fixed(Double(how.stoppedNanoseconds) / 1e6, 3)) ms in all, longest "
                    + "\(fixed(Double(how.longestStopNanoseconds) / 1e6, 3)) ms"
            ))
        lines.append(("errors", "\(how.errors) reads"))
        if how.nativeStacks + how.nativeMissing > 0 {
            lines.append(
                (
                    "machine code",
                    "\(how.nativeStacks) stacks, \(how.nativeCut) of them without their beginning; "
                        + "\(how.nativeMissing) with Python frames alone"
                ))
        }
        if how.unreadProcesses > 0 { lines.append(("not read", "\(how.unreadProcesses) processes")) }
        if how.cutSamples > 0 { lines.append(("cut for lack of room", "\(how.cutSamples) stacks")) }
        if how.forgottenSamples > 0 { lines.append(("forgotten for lack of room", "\(how.forgottenSamples) stacks")) }
        if coarsestMicroseconds > 0 {
            lines.append(("order in time", "kept to \(fixed(Double(coarsestMicroseconds) / 1e3, 1)) ms"))
        }
        return lines
    }
}
