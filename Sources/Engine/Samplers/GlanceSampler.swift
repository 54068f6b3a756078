internal import Linux
public import Model
internal import ProcFS
internal import PythonInspection
public import Sampling

/// Glances at many Python processes: where each one is once a second, and ten times a second whether somebody holds its GIL.
///
/// Only those that are asked for are looked at, and nothing stops.
public struct GlanceSampler: Sampler, ~Copyable, SendableMetatype {
    private var reader: ProcReader
    private var processes: [ProcessIdentity: GlancedProcess] = [:]
    private var nextTelling: UInt64 = 0

    /// Times a second that it should be asked.
    public static let hertz = 10
    private static let tellingNanoseconds: UInt64 = 1_000_000_000
    /// Finding an interpreter takes milliseconds: so many are looked for in one round.
    private static let findings = 3
    /// Most processes that are glanced at: no screen has more rows.
    private static let limit = 256

    /// A sampler of the running host.
    public init() throws {
        reader = try ProcReader()
    }

    /// Looks once; once a second it tells what it saw.
    ///
    /// - Returns: nil while there is nothing to tell.
    public mutating func sample(_ wanted: Set<ProcessIdentity>) throws -> [ProcessIdentity: PythonGlance]? {
        let now = KernelClock.monotonicNanoseconds()
        var isNew = false
        for identity in processes.keys where !wanted.contains(identity) { processes[identity] = nil }
        for identity in wanted where processes[identity] == nil && processes.count < GlanceSampler.limit {
            processes[identity] = GlancedProcess(identity)
            isNew = true
        }
        var findings = GlanceSampler.findings
        for process in processes.values {
            if process.isDue(at: now), findings > 0 {
                findings -= 1
                process.find(at: now, with: &reader)
                isNew = true
            }
            process.sample()
        }
        guard now >= nextTelling || isNew else { return nil }
        if now >= nextTelling {
            nextTelling = now - now % GlanceSampler.tellingNanoseconds + GlanceSampler.tellingNanoseconds
            for process in processes.values { process.look(at: now) }
        }
        return processes.compactMapValues(\.glance)
    }
}

/// One process that is glanced at.
private final class GlancedProcess {
    private let identity: ProcessIdentity
    private var target: LiveTarget?
    private var inspector: PythonInspector?
    /// Whether the GIL was held, a bit for each round, the newest lowest.
    private var rounds: UInt64 = 0
    private var count = 0
    private var nextTry: UInt64 = 0
    /// Absent: it is no Python, or was not looked at yet.
    private(set) var glance: PythonGlance?

    /// Rounds that the share is of.
    private static let kept = 50
    private static let retryNanoseconds: UInt64 = 15_000_000_000

    init(_ identity: ProcessIdentity) {
        self.identity = identity
    }

    func isDue(at now: UInt64) -> Bool { inspector == nil && now >= nextTry }

    /// Finds the interpreter, where file names say that there is one.
    func find(at now: UInt64, with reader: inout ProcReader) {
        nextTry = now + GlancedProcess.retryNanoseconds
        glance = nil
        guard case .value(let stat) = reader.stat(identity.pid), stat.startTicks == identity.startTicks,
            stat.state != UInt8(ascii: "Z"), case .value(_?) = reader.interpreterHint(identity.pid),
            var open = try? LiveTarget(pid: identity.pid)
        else { return }
        do throws(PythonInspectionError) {
            var found = try PythonInspector(&open)
            try found.lookAround(in: &open)
            inspector = found
            target = consume open
            (rounds, count) = (0, 0)
            look(at: now)
        } catch {
            refuse(error)
        }
    }

    /// Looks whether the GIL is held.
    func sample() {
        guard let inspector, var open = target.take() else { return }
        let answer = inspector.isLocked(in: &open)
        target = consume open
        guard let isLocked = answer else { return }
        rounds = rounds << 1 | (isLocked ? 1 : 0)
        count = min(GlancedProcess.kept, count + 1)
    }

    /// Looks where it is.
    func look(at now: UInt64) {
        guard var inspector, var open = target.take() else { return }
        self.inspector = nil
        guard open.isStill(identity) else {
            (glance, nextTry) = (nil, .max)
            return
        }
        do throws(PythonInspectionError) {
            try inspector.lookAround(in: &open)
            var seen = PythonGlance()
            if let frame = inspector.currentFrame(in: &open) {
                let name = frame.file.split(separator: "/").last.map(String.init) ?? frame.file
                seen.place = name + ":" + (frame.line.map { String($0) } ?? "·")
            }
            if count >= 10 {
                let bits = rounds & (1 << UInt64(count) - 1)
                seen.lockedPercent = Double(bits.nonzeroBitCount) / Double(count) * 100
            }
            glance = seen
            self.inspector = inspector
            target = consume open
        } catch {
            // An exec replaces the interpreter under the same identity: it is looked for anew.
            nextTry = now
            refuse(error)
        }
    }

    private func refuse(_ error: PythonInspectionError) {
        let reason: String? =
            switch error {
            case .notPython, .noResources, .memory(.gone): nil
            case .memory(.refused): "(no permission)"
            case .unsupported(let name): "(\(name))"
            case .runtimeNotFound, .memory(.unmapped), .noObjectLists: "(not readable)"
            }
        glance = reason.map { PythonGlance(place: $0) }
    }
}
