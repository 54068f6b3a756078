/// Files that a profile can be written as.
public enum ProfileFormat: String, CaseIterable, Sendable {
    /// One line a stack, frames from the outermost one, a count at the end: flamegraph.pl, inferno, speedscope.
    case collapsed
    /// JSON for speedscope.app.
    case speedscope
    /// gzip and protocol buffers, for `go tool pprof` and what reads the same.
    case pprof
    /// A flame graph that a browser opens: zoom, search, keyboard.
    case flamegraph
    /// A page with everything: icicle, functions, threads, and a heat map to pick a stretch of time.
    case html
    /// JSON for chrome://tracing and ui.perfetto.dev: each thread's calls in time.
    case chrome

    /// What a file of the format is called after the last dot.
    public var fileExtension: String {
        switch self {
        case .collapsed: "collapsed.txt"
        case .speedscope: "speedscope.json"
        case .pprof: "pb.gz"
        case .flamegraph: "svg"
        case .html: "html"
        case .chrome: "trace.json"
        }
    }

    /// A name for the file where none is given: `profile-1234.svg`.
    public func suggestedFileName(pid: Int?) -> String {
        (pid.map { "profile-\($0)." } ?? "profile.") + fileExtension
    }

    /// Writes a profile piece by piece, so that no file is in memory whole.
    ///
    /// - Parameters:
    ///   - profile: What was recorded.
    ///   - view: Functions or lines, threads, window; order and inversion are the format's own.
    ///   - sink: Takes the pieces in order, each of some 64 kB.
    /// - Throws: What the sink throws, at once; nothing more is given to it then.
    public func write(_ profile: Profile, view: CallTreeView = CallTreeView(), to sink: ([UInt8]) throws -> Void) throws
    {
        try withoutActuallyEscaping(sink) { sink in
            var output = ProfileOutput(sink)
            switch self {
            case .collapsed: CollapsedFormat(profile, view).write(to: &output)
            case .speedscope: SpeedscopeFormat(profile, view).write(to: &output)
            case .chrome: ChromeFormat(profile, view).write(to: &output)
            case .pprof:
                var format = PprofFormat(profile, view)
                format.write(to: &output)
            case .flamegraph: FlamegraphFormat(profile, view).write(to: &output)
            case .html: HtmlFormat(profile, view).write(to: &output)
            }
            try output.finish()
        }
    }

    /// The whole file.
    public func bytes(of profile: Profile, view: CallTreeView = CallTreeView()) -> [UInt8] {
        var result: [UInt8] = []
        // The sink does not throw, and nothing else does.
        try? write(profile, view: view) { result += $0 }
        return result
    }
}
