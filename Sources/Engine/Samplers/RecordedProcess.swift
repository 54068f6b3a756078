internal import Linux
internal import Model
internal import Profiles
internal import PythonInspection

/// One process of a recording, which may have no interpreter yet, or another one after an exec.
final class RecordedProcess {
    let identity: ProcessIdentity
    private(set) var hasEnded = false
    /// Why it was never read; nil when it was.
    private(set) var failure: PythonInspectionError?
    private var wasRead = false
    private var open: OpenProcess?
    private var nextTryNanoseconds: UInt64 = 0

    /// After how long a process that is no Python, or not yet, is looked at again.
    private static let retryNanoseconds: UInt64 = 200_000_000

    private let options: RecordingOptions

    init(_ identity: ProcessIdentity, _ options: RecordingOptions) {
        self.identity = identity
        self.options = options
    }

    /// Why its threads may not be stopped for machine code; nil while they may.
    var refusal: String? { open?.native?.refusal }

    /// Whether it is to be read in every round: it is a Python whose threads do not take their stacks themselves.
    var isPolled: Bool { open.map { !$0.isClocked } ?? false }

    /// Why they do not; nil where that was not asked for.
    var pollingReason: String? { open?.pollingReason }

    /// Periods of its threads' clocks that went by, and those of them that were noted.
    var periods: (due: UInt64, noted: UInt64) { open?.periods ?? (0, 0) }

    /// When there is something to read of it again, unless it is read in every round.
    var nextNanoseconds: UInt64 { open?.nextNanoseconds ?? nextTryNanoseconds }

    /// Absent: before the interpreter was found.
    var version: PythonVersion? { open?.version }

    /// Finds the interpreter.
    func find() throws(PythonInspectionError) {
        do throws(PythonInspectionError) {
            open = try OpenProcess(identity, options)
            (wasRead, failure) = (true, nil)
        } catch {
            if !wasRead { failure = error }
            throw error
        }
    }

    /// Samples the process once; what it cost and what failed goes into the profile's statistics.
    func sample(
        into profile: inout Profile, atNanoseconds now: UInt64, since start: UInt64, isLast: Bool = false
    ) {
        do throws(PythonInspectionError) {
            if open == nil {
                guard now >= nextTryNanoseconds, !isLast else { return }
                try find()
            }
            guard
                let costs = try open?.sample(
                    options, into: &profile, atNanoseconds: now, since: start, isLast: isLast)
            else { return }
            profile.statistics.retries += UInt64(costs.retries)
            profile.statistics.torn += UInt64(costs.torn)
            profile.statistics.stops += UInt64(costs.stops)
            profile.statistics.stoppedNanoseconds += costs.stopNanoseconds
            profile.statistics.longestStopNanoseconds = max(
                profile.statistics.longestStopNanoseconds, costs.longestStopNanoseconds)
        } catch {
            hasEnded = LiveTarget.hasEnded(identity)
            guard !hasEnded else { return }
            // An exec replaces the interpreter under the same identity: everything is looked up anew.
            if open != nil { profile.statistics.errors += 1 }
            open = nil
            nextTryNanoseconds = now + RecordedProcess.retryNanoseconds
        }
    }
}

extension ProfileFrame {
    /// A frame of a Python stack.
    init(_ frame: PythonFrame) {
        self.init(function: frame.function, qualifiedName: frame.qualifiedName, file: frame.file, line: frame.line)
    }
}
