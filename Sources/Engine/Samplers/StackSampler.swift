public import Model
internal import PythonInspection
internal import ProcFS
public import Sampling

/// Reads the Python stacks of the selected process.
public struct StackSampler: Sampler, ~Copyable, SendableMetatype {
    private var reader: ProcReader
    private var identity: ProcessIdentity?
    private var target: LiveTarget?
    private var inspector: PythonInspector?
    private var refusal: PythonInspectionError?
    /// Samples until a process that could not be read is tried again: it may have started its interpreter meanwhile.
    private var pause = 0
    private static let retryInterval = 20

    /// A sampler of the running host.
    public init() throws {
        reader = try ProcReader()
    }

    /// Reads the process once; nothing when none is asked for.
    public mutating func sample(_ demand: ProcessIdentity?) throws -> StackReading {
        guard let wanted = demand else {
            forget()
            return .none
        }
        if identity != wanted { forget() }
        identity = wanted
        guard case .value(let stat) = reader.stat(wanted.pid), stat.startTicks == wanted.startTicks,
            stat.state != UInt8(ascii: "Z")
        else { return .ended(wanted) }
        if let refusal, pause > 0 {
            pause -= 1
            return .unavailable(wanted, refusal)
        }
        do throws(PythonInspectionError) {
            return try read(wanted)
        } catch {
            // An exec replaces the interpreter under the same identity: everything is looked up anew.
            forget()
            identity = wanted
            refusal = error
            pause = StackSampler.retryInterval
            return .unavailable(wanted, error)
        }
    }

    private mutating func read(_ wanted: ProcessIdentity) throws(PythonInspectionError) -> StackReading {
        guard var open = target.take() ?? (try? LiveTarget(pid: wanted.pid)) else { throw .memory(.gone) }
        var walker: PythonInspector
        if let inspector { walker = inspector } else { walker = try PythonInspector(&open) }
        inspector = nil
        let snapshot = try walker.snapshot(of: &open)
        refusal = nil
        let version = walker.version
        inspector = walker
        target = consume open
        return .snapshot(wanted, version, snapshot)
    }

    private mutating func forget() {
        identity = nil
        target = nil
        inspector = nil
        refusal = nil
        pause = 0
    }
}
