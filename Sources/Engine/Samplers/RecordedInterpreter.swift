internal import Model
internal import Profiles
internal import PythonInspection

/// The interpreter of a recorded process: its memory, what is known of it, and its frames in the profile.
final class RecordedInterpreter {
    let pid: Int32
    var target: LiveTarget
    var inspector: PythonInspector
    private var frames: [FrameId] = []

    /// Finds the interpreter.
    init(pid: Int32) throws(PythonInspectionError) {
        self.pid = pid
        target = try LiveTarget(pid: pid)
        inspector = try PythonInspector(&target)
    }

    /// Frames of the profile by the inspector's numbers, those too that were seen since the last call.
    func frames(in profile: inout Profile) -> [FrameId] {
        while frames.count < inspector.frameCount {
            frames.append(profile.frame(ProfileFrame(inspector.frame(Int32(frames.count)))))
        }
        return frames
    }

    /// The thread of the profile that a sample is of.
    ///
    /// - Parameter tid: its number here.
    func thread(of sample: ThreadSample?, tid: Int32, in profile: inout Profile) -> ThreadId {
        let name = sample.flatMap { inspector.name(of: $0, in: &target) }
        return profile.thread(pid: Int(pid), tid: Int(tid), name: name)
    }
}
