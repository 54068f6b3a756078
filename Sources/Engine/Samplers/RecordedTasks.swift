internal import Profiles
internal import PythonInspection

/// The asyncio tasks of one process in a recording: each is a thread of the profile, and its stack stands under its name.
///
/// A task that ended leaves its thread to the next of the same name: a service that makes a task for each request has as many as
/// there were at once.
struct RecordedTasks {
    private let pid: Int32
    /// Whether threads are told apart in the output, so that a name of a task above its stack would only repeat what stands there.
    private let areApart: Bool
    private var tracks: [UInt64: Track] = [:]
    /// Threads of the profile whose tasks have ended, by name.
    private var free: [String: [ThreadId]] = [:]
    private var made = 0
    private var round = 0

    /// A task that lives.
    private struct Track {
        var name: String
        var thread: ThreadId
        var frames: [PythonFrame] = []
        var node = NodeId.empty
        var round = 0
    }

    /// Numbers of threads that are none: the kernel gives no higher ones than 2^22.
    private static let firstNumber = 10_000_000

    init(pid: Int32, areApart: Bool) {
        self.pid = pid
        self.areApart = areApart
    }

    /// Adds the stack of each task at one moment, the outermost coroutine first.
    ///
    /// - Returns: threads, by `threading.get_ident()`, whose stack is that of the task that they run.
    mutating func add(
        _ tasks: [PythonTask], to profile: inout Profile, atNanoseconds nanoseconds: UInt64
    ) -> Set<UInt64> {
        round += 1
        var running: Set<UInt64> = []
        for task in tasks where task.state != .finished && task.state != .cancelled {
            guard !task.isTorn else {
                profile.statistics.torn += 1
                tracks[task.id]?.round = round
                continue
            }
            if task.state == .running, let thread = task.pythonThreadId { running.insert(thread) }
            let name = RecordedTasks.name(of: task)
            var track = tracks[task.id].flatMap { $0.name == name ? $0 : nil } ?? newTrack(name, &profile)
            if track.node == .empty || track.frames != task.frames {
                track.frames = task.frames
                track.node = node(task.frames, under: name, &profile)
            }
            track.round = round
            // Another task may have been at that address.
            if let before = tracks.updateValue(track, forKey: task.id), before.thread != track.thread {
                free[before.name, default: []].append(before.thread)
            }
            profile.add(track.node, thread: track.thread, atNanoseconds: nanoseconds)
        }
        for (id, track) in tracks where track.round != round {
            tracks[id] = nil
            free[track.name, default: []].append(track.thread)
        }
        if free.count > RecordedTasks.nameLimit { free = [:] }
        return running
    }

    /// Names whose threads wait for the next task of that name.
    private static let nameLimit = 10_000

    /// The name that a program has given, and `Task` for all others: `Task-4711` says nothing that its coroutine does not.
    private static func name(of task: PythonTask) -> String {
        guard let name = task.name, !name.isEmpty else { return "Task" }
        let number = name.utf8.dropFirst(5)
        let isGiven = !name.hasPrefix("Task-") || number.isEmpty || !number.allSatisfy { (48...57).contains($0) }
        return isGiven ? name : "Task"
    }

    private mutating func newTrack(_ name: String, _ profile: inout Profile) -> Track {
        if let thread = free[name]?.popLast() { return Track(name: name, thread: thread) }
        made += 1
        return Track(
            name: name,
            thread: profile.thread(pid: Int(pid), tid: RecordedTasks.firstNumber + made, name: name))
    }

    private func node(_ frames: [PythonFrame], under name: String, _ profile: inout Profile) -> NodeId {
        var stack: [FrameId] = areApart ? [] : [profile.frame(ProfileFrame(kind: .group, function: name))]
        for frame in frames.reversed() {
            stack.append(profile.frame(ProfileFrame(frame)))
        }
        return profile.node(stack)
    }
}
