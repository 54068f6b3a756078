/// Where the fields of CPython's structures are, for one version.
package struct PythonLayout: Sendable {
    /// Offsets in bytes by `group.field`.
    private var offsets: [String: Int]

    package let version: PythonVersion
    /// Whether frames are objects on the heap that are linked to their callers: up to 3.10.
    package let hasFrameObjects: Bool
    /// Absent: in 3.6, which has no runtime structure.
    let runtimeInterpretersHead: Int?
    let interpreterNext: Int
    package let interpreterThreadsHead: Int
    let interpreterModules: Int
    /// Absent: in 3.6.
    let interpreterId: Int?
    package let threadNext: Int
    package let threadId: Int
    /// Absent: up to 3.10.
    package let threadNativeId: Int?
    /// Newest chunk of the thread's stack of frames; up to 3.10 frames are objects on the heap.
    package let threadChunk: Int?
    /// End of the newest frame in that chunk.
    ///
    /// - Absent: up to 3.10.
    package let threadTop: Int?
    let threadInterpreter: Int
    /// Whether it may touch objects.
    ///
    /// - Absent: with the GIL.
    let threadAttachment: Int?
    let threadSize: Int
    package let chunkSize: Int
    package let chunkPrevious: Int
    let chunkTop: Int
    let chunkData: Int
    /// 3.11 and 3.12 keep the frame in a C frame that the thread points to.
    package let threadCFrame: Int?
    package let cframeCurrent: Int
    package let cframePrevious: Int
    package let threadFrame: Int
    package let frameCode: Int
    package let framePrevious: Int
    package let frameInstruction: Int
    /// Absent: up to 3.10.
    package let frameOwner: Int?
    /// Generator that a frame object belongs to.
    ///
    /// - Absent: since 3.11.
    package let frameGenerator: Int?
    /// Byte of a frame object that says whether it runs, and what it is then: those that ended keep all the rest.
    ///
    /// - Absent: since 3.11.
    package let frameRunning: (offset: Int, value: UInt8)?
    /// Bytes of a frame that are read.
    package let frameSize: Int
    let codeFilename: Int
    package let codeName: Int
    /// Absent: up to 3.10.
    let codeQualifiedName: Int?
    let codeFirstLine: Int
    let codeLineTable: Int
    let codeInstructions: Int
    /// Absent: up to 3.10.
    let codeFirstTraceable: Int?
    /// Copies of the instructions, one a thread.
    ///
    /// - Absent: with the GIL, and in 3.13.
    let codeCopies: Int?
    package let codeSize: Int
    let bytesData: Int
    let typePointer: Int
    let typeName: Int
    let itemCount: Int
    /// Where a text starts that is ASCII, and one that is not, behind the start of the object.
    let textHead: Int
    let textWideHead: Int
    let textLength: Int
    let textState: Int
    package let textHash: Int
    let gil: GILPlace
    package let gilHolder: Int
    package let gilLocked: Int
    package let gilSize: Int
    /// Says whether there is a lock at all.
    ///
    /// - Absent: with the GIL.
    package let gilEnabled: Int?

    /// Where the lock is: in the runtime up to 3.11, behind a pointer of each interpreter since. In 3.6 it is no structure.
    enum GILPlace: Sendable {
        case none
        case runtime(offset: Int)
        case interpreter(pointer: Int)
    }

    #if arch(arm64)
    static let architecture = "aarch64"
    #else
    static let architecture = "x86_64"
    #endif

    /// Where an instance keeps its attributes until somebody asks for its `__dict__`.
    enum ValuesPlace {
        /// In an array that the word before the managed one points to: 3.11.
        case wordBefore
        /// In an array that the managed word points to, with its lowest bit set: 3.12.
        case tagged
        /// Behind the object itself: 3.13.
        case inline
    }

    /// Where instances keep their attributes in this version.
    var valuesPlace: ValuesPlace { version.minor < 12 ? .wordBefore : version.minor < 13 ? .tagged : .inline }

    /// What a reference to code is cut to: since 3.14 its lowest bits say how it is counted.
    package var referenceMask: UInt64 { version.minor < 14 ? .max : ~3 }

    /// Words of a code object that tell it from the next at its address.
    package var codePrint: [Int] {
        [
            typePointer, itemCount, codeFilename, codeName, codeLineTable, codeFirstLine,
            codeQualifiedName ?? codeInstructions, codeFirstTraceable ?? codeInstructions,
        ]
    }

    /// Whether a frame only links an evaluation to its caller. Source: `_frameowner`.
    func isShim(owner: UInt8) -> Bool { owner == 3 || owner == 4 && version.minor == 14 }

    /// First byte of a thread state that says where the thread is.
    var threadPositionStart: Int { min(threadCFrame ?? threadFrame, threadChunk ?? .max) }

    /// The part of a thread state that says where the thread is.
    func threadPosition(of thread: RemoteAddress) -> RemotePiece {
        let end = max(threadCFrame ?? threadFrame, threadTop ?? 0) + 8
        return RemotePiece(thread + threadPositionStart, end - threadPositionStart)
    }

    /// The offset of a field that the table has for this version; 0 for one that it lacks.
    subscript(_ name: String) -> Int { offsets[name] ?? 0 }

    /// The table's layout of a version, with what the target says of itself over it; nil when the table has none.
    init?(version: PythonVersion, architecture: String, _ debug: DebugOffsets? = nil) {
        guard var table = PythonLayout.table(version, architecture) else { return nil }
        if let debug { table.merge(debug.offsets) { $1 } }
        self.init(version, offsets: table)
    }

    /// A layout whose fields are all there; nil when a field that the walk needs is missing.
    init?(_ version: PythonVersion, offsets: [String: Int]) {
        self.version = version
        self.offsets = offsets
        var isComplete = true
        func need(_ name: String) -> Int {
            guard let offset = offsets[name], (0..<(1 << 24)).contains(offset) else {
                isComplete = false
                return 0
            }
            return offset
        }
        runtimeInterpretersHead = version.minor < 7 ? nil : need("runtime.interpreters_head")
        interpreterNext = need("interp.next")
        interpreterId = version.minor < 7 ? nil : need("interp.id")
        interpreterThreadsHead = need(
            offsets["interp.threads_head"] != nil ? "interp.threads_head" : "interp.tstate_head")
        interpreterModules = need(
            offsets["interp.imports_modules"] != nil ? "interp.imports_modules" : "interp.modules")
        threadNext = need("tstate.next")
        threadInterpreter = need("tstate.interp")
        threadId = need("tstate.thread_id")
        threadAttachment = version.isFreeThreaded ? need("tstate.state") : nil
        hasFrameObjects = version.minor < 11
        threadNativeId = hasFrameObjects ? nil : need("tstate.native_thread_id")
        threadChunk = hasFrameObjects ? nil : need("tstate.datastack_chunk")
        threadTop = threadChunk.map { $0 + 8 }
        chunkSize = hasFrameObjects ? 0 : need("stack_chunk.size")
        chunkPrevious = hasFrameObjects ? 0 : need("stack_chunk.previous")
        chunkTop = hasFrameObjects ? 0 : need("stack_chunk.top")
        chunkData = hasFrameObjects ? 0 : need("stack_chunk.data")
        threadSize = hasFrameObjects ? need("tstate.thread_id") + 8 : need("tstate.size")
        // 3.10 has a C frame as well, but it does not lead to the frame.
        threadCFrame = hasFrameObjects ? nil : offsets["tstate.cframe"]
        cframeCurrent = threadCFrame != nil ? need("cframe.current_frame") : 0
        cframePrevious = threadCFrame != nil ? need("cframe.previous") : 0
        let current = hasFrameObjects ? "tstate.frame" : "tstate.current_frame"
        threadFrame = threadCFrame != nil ? 0 : need(current)
        if hasFrameObjects {
            frameCode = need("frameobject.f_code")
            framePrevious = need("frameobject.f_back")
            frameInstruction = need("frameobject.f_lasti")
            frameOwner = nil
            frameGenerator = need("frameobject.f_gen")
            let isOldest = offsets["frameobject.f_executing"] != nil
            let running = need(isOldest ? "frameobject.f_executing" : "frameobject.f_state")
            frameRunning = (running, isOldest ? 1 : 0)
            frameSize = max(frameCode, framePrevious, frameInstruction, need("frameobject.f_gen"), running) + 8
        } else {
            frameCode = need(offsets["iframe.f_executable"] != nil ? "iframe.f_executable" : "iframe.f_code")
            framePrevious = need("iframe.previous")
            frameInstruction = need(offsets["iframe.instr_ptr"] != nil ? "iframe.instr_ptr" : "iframe.prev_instr")
            frameOwner = need("iframe.owner")
            frameGenerator = nil
            frameRunning = nil
            frameSize = need("iframe.size")
        }
        codeFilename = need("code.co_filename")
        codeName = need("code.co_name")
        codeQualifiedName = hasFrameObjects ? nil : need("code.co_qualname")
        codeFirstLine = need("code.co_firstlineno")
        codeLineTable = need(offsets["code.co_linetable"] != nil ? "code.co_linetable" : "code.co_lnotab")
        codeInstructions = need(hasFrameObjects ? "code.co_code" : "code.co_code_adaptive")
        codeFirstTraceable = hasFrameObjects ? nil : need("code._co_firsttraceable")
        codeCopies = version.isFreeThreaded && version.minor >= 14 ? need("code.co_tlbc") : nil
        codeSize = need("code.size")
        bytesData = need("bytes.ob_sval")
        typePointer = need("object.ob_type")
        typeName = need("type.tp_name")
        itemCount = need("varobject.ob_size")
        textHead = need("unicode_ascii.size")
        textWideHead = need("unicode_compact.size")
        textLength = need("unicode_ascii.length")
        textState = need("unicode_ascii.state")
        textHash = need("unicode_ascii.hash")
        let hasLock = version.minor > 6
        gilHolder = hasLock ? need("gil.last_holder") : 0
        gilLocked = hasLock ? need("gil.locked") : 0
        gilSize = hasLock ? need("gil.size") : 0
        gilEnabled = version.isFreeThreaded ? need("gil.enabled") : nil
        if !hasLock {
            gil = .none
        } else if version.minor > 11 {
            gil = .interpreter(pointer: need("interp.ceval_gil_ptr_or_struct"))
        } else {
            gil = .runtime(offset: need("runtime.ceval_gil_last_holder") - gilHolder)
        }
        guard isComplete, threadSize <= 4096, codeSize <= 1024, frameSize <= 512 else { return nil }
    }

    /// The lines of the embedded table that are about one version, those of the architecture over those of x86_64.
    static func table(_ version: PythonVersion, _ architecture: String) -> [String: Int]? {
        let name = "\(version.major).\(version.minor)" + (version.isFreeThreaded ? "t" : "")
        guard let block = blocks[name] else { return nil }
        var found: [String: Int] = [:]
        for line in block.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            guard parts.count == 4, parts[1] == "x86_64" || parts[1] == architecture else { continue }
            found[parts[2]] = Int(parts[3])
        }
        guard let head = found["object.size"] else { return nil }
        return found.merging(objectFields(of: version, behind: head)) { own, _ in own }
    }

    /// The lines of the embedded table by version: those of a version stand together, and one is asked for.
    private static let blocks: [String: ArraySlice<UInt8>] = {
        let text = PackageResources.cpython_layouts_txt
        var blocks: [String: ArraySlice<UInt8>] = [:]
        var (name, first, start) = (ArraySlice<UInt8>(), 0, 0)
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            let own = text[start..<end].prefix { $0 != UInt8(ascii: " ") }
            if own != name {
                blocks[String(decoding: name, as: UTF8.self)] = text[first..<start]
                (name, first) = (own, start)
            }
            start = end + 1
        }
        blocks[String(decoding: name, as: UTF8.self)] = text[first...]
        return blocks
    }()
}
