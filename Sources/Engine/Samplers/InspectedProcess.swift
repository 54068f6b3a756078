internal import Linux
internal import Model
internal import ProcFS
internal import PythonInspection

/// The process that somebody looks at: its interpreter is found once, anew after an exec, and left alone for a while where it
/// cannot be read.
struct InspectedProcess: ~Copyable {
    private var reader: ProcReader
    private var identity: ProcessIdentity?
    private var target: LiveTarget?
    private var inspector: PythonInspector?
    private var refusal: PythonInspectionError?
    private var nextTryNanoseconds: UInt64 = 0
    private static let retryNanoseconds: UInt64 = 2_000_000_000

    init() throws {
        reader = try ProcReader()
    }

    /// Reads something of a process; nothing when none is asked for.
    mutating func read<Value>(
        _ wanted: ProcessIdentity?,
        _ body: (inout LiveTarget, inout PythonInspector) throws(PythonInspectionError) -> Value
    ) -> RuntimeReading<Value> {
        if identity != wanted { forget() }
        identity = wanted
        guard let wanted else { return .none }
        if reader.hasEnded(wanted) { return .ended(wanted) }
        if let refusal, KernelClock.monotonicNanoseconds() < nextTryNanoseconds { return .unavailable(wanted, refusal) }
        do throws(PythonInspectionError) {
            var open: LiveTarget
            if let kept = target.take() { open = kept } else { open = try LiveTarget(pid: wanted.pid) }
            var walker: PythonInspector
            if let inspector { walker = inspector } else { walker = try PythonInspector(&open) }
            inspector = nil
            let value = try body(&open, &walker)
            refusal = nil
            inspector = walker
            target = consume open
            return .value(wanted, value)
        } catch {
            forget()
            identity = wanted
            refusal = error
            nextTryNanoseconds = KernelClock.monotonicNanoseconds() + InspectedProcess.retryNanoseconds
            return .unavailable(wanted, error)
        }
    }

    private mutating func forget() {
        identity = nil
        target = nil
        inspector = nil
        refusal = nil
        nextTryNanoseconds = 0
    }
}
