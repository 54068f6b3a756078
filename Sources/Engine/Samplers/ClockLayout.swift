internal import BpfPrograms
internal import PythonInspection

extension ClockLayout {
    /// Where things are in a process of one version, and what of it a recording wants.
    init(_ layout: PythonLayout, _ options: RecordingOptions) {
        self.init()
        referenceMask = layout.referenceMask
        (thread.next, thread.id) = (layout.threadNext, layout.threadId)
        (thread.frame, thread.chunk, thread.top) = (layout.threadFrame, layout.threadChunk, layout.threadTop)
        thread.carrier = layout.threadCFrame.map { ($0, layout.cframeCurrent, layout.cframePrevious) }
        let fields = [
            thread.next, thread.id, layout.threadCFrame ?? thread.frame, thread.top ?? 0,
        ]
        thread.size = (fields.max() ?? 0) + 8
        chunk = (layout.chunkSize, layout.chunkPrevious)
        (frame.size, frame.code, frame.previous) = (layout.frameSize, layout.frameCode, layout.framePrevious)
        (frame.instruction, frame.owner) = (layout.frameInstruction, layout.frameOwner)
        frame.generator = layout.frameGenerator
        frame.running = layout.frameRunning.map { ($0.offset, $0.value) }
        code = (layout.codePrint, layout.codeName)
        textHash = layout.textHash
        interpreterThreads = layout.interpreterThreadsHead
        lock = (layout.gilHolder, layout.gilLocked, layout.gilEnabled)
        wanted = ClockLayout.wanted(options)
        wantsLate = options.mode != .gil
        asksHolder = options.mode == .gil
        asksCallers = layout.version.minor > 11
        // As many frames as take three tenths of a period, 15 ns each, and 1.5 ms at most: interrupts wait meanwhile.
        maximumCost = Int(min(100_000, max(400, 0.3e9 / options.hertz / 15)))
    }

    /// Kinds of moments at which a thread leaves its processor whose stacks a recording wants.
    private static func wanted(_ options: RecordingOptions) -> ClockFlags {
        switch options.mode {
        case .gil: .holdsLock
        case .cpu: .ready
        case .wall:
            options.includesIdle
                ? [.ready, .awaitsLock, .awaitsDevice, .sleeps] : [.ready, .awaitsLock, .awaitsDevice]
        }
    }
}
