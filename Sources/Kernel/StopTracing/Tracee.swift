internal import Linux

/// A thread that is traced, and what is known of it.
struct Tracee {
    let thread: TracedThread
    /// The process it belongs to.
    var pid: Int32
    /// Whether threads and children that it makes are left alone.
    var isAlone: Bool
    /// It was seized and has not stopped since.
    var isFresh: Bool
    /// Whether a call of its has begun since it is looked at; one that was just born has nothing behind it.
    var hasBegun: Bool
    /// Whether nothing is told of its calls before it becomes another program.
    var isHeld = false
    /// Whether it is in a call.
    var isInside = false
    /// Whether it was asked to stop and has not: it may be in a call by then, which has to be mended.
    var isInterrupted = false
    /// Whether it stops at calls no longer.
    var isReleased = false
    /// A signal that may stop the process, on its way to it.
    var stopSignal: Int32 = 0
    /// A call that had begun before it was looked at, and begins again because it was disturbed: its number, and that it is told by then.
    var repeated: Int32?
    /// Its end was told.
    var isEnding = false
}
