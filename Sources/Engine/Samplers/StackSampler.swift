internal import Linux
public import Model
internal import PythonInspection
public import Sampling

/// What is asked of stacks.
public struct StackDemand: Sendable, Equatable {
    /// Process to read. Absent: none.
    public var identity: ProcessIdentity?
    /// Frame whose variables are read too. Absent: none.
    public var frame: FramePlace?

    /// Asks for nothing unless a process is named.
    public init(identity: ProcessIdentity? = nil, frame: FramePlace? = nil) {
        (self.identity, self.frame) = (identity, frame)
    }
}

/// Reads the Python stacks of the selected process.
public struct StackSampler: Sampler, ~Copyable, SendableMetatype {
    private var process: InspectedProcess
    private var variables: Variables?

    /// Variables of a frame, kept for a moment: nobody reads what changes ten times a second.
    private struct Variables {
        var identity: ProcessIdentity
        var place: FramePlace
        var frame: PythonFrame
        var locals: [PythonLocal]
        var nextNanoseconds: UInt64
    }

    private static let variablesNanoseconds: UInt64 = 450_000_000
    /// As much as a screen has room for.
    private static let limits = ValueLimits(
        characters: 400, innerCharacters: 80, items: 30, depth: 4, objectDepth: 1, digits: 200, valueBytes: 64 << 10,
        frameBytes: 1 << 20, totalBytes: 2 << 20)

    /// A sampler of the running host.
    public init() throws {
        process = try InspectedProcess()
    }

    /// Reads the process once; nothing when none is asked for.
    public mutating func sample(_ demand: StackDemand) throws -> StackReading {
        var kept = variables.take()
        let reading = process.read(demand.identity) { target, inspector throws(PythonInspectionError) in
            var snapshot = try inspector.snapshot(of: &target)
            if let identity = demand.identity, let frame = demand.frame {
                if kept?.identity != identity || kept?.place != frame { kept = nil }
                StackSampler.addVariables(of: frame, in: identity, to: &snapshot, kept: &kept, inspector, &target)
            } else {
                kept = nil
            }
            return (inspector.version, snapshot)
        }
        switch reading {
        case .none: return .none
        case .ended(let identity): return .ended(identity)
        case .unavailable(let identity, let error): return .unavailable(identity, error)
        case .value(let identity, let (version, snapshot)):
            variables = kept
            return .snapshot(identity, version, snapshot)
        }
    }

    private static func addVariables(
        of place: FramePlace, in identity: ProcessIdentity, to snapshot: inout PythonSnapshot, kept: inout Variables?,
        _ inspector: PythonInspector, _ target: inout LiveTarget
    ) {
        let now = KernelClock.monotonicNanoseconds()
        func selected(_ snapshot: PythonSnapshot) -> (thread: Int, frame: Int)? {
            let thread = snapshot.threads.firstIndex { $0.tid == place.tid && $0.interpreter == place.interpreter }
            guard let thread, let frame = place.index(among: snapshot.threads[thread].frames.count) else { return nil }
            return (thread, frame)
        }
        guard let known = selected(snapshot) else { return }
        if let kept, kept.frame == snapshot.threads[known.thread].frames[known.frame],
            now < kept.nextNanoseconds
        {
            snapshot.threads[known.thread].frames[known.frame].locals = kept.locals
            return
        }
        // Where the thread went on meanwhile, what was read is of another frame.
        for _ in 0..<3 {
            guard let before = selected(snapshot) else { return }
            let demand = LocalsDemand(limits: limits, tid: place.tid, frame: before.frame)
            inspector.addLocals(demand, to: &snapshot, of: &target)
            guard let after = selected(snapshot),
                var frame = Optional(snapshot.threads[after.thread].frames[after.frame]),
                let locals = frame.locals
            else { continue }
            frame.locals = nil
            kept = Variables(
                identity: identity, place: place, frame: frame, locals: locals,
                nextNanoseconds: now + variablesNanoseconds)
            return
        }
    }
}
