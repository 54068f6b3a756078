/// Where the fields of CPython's structures are, for one version.
struct PythonLayout: Sendable {
    /// Offsets in bytes by `group.field`.
    private var offsets: [String: Int]

    let version: PythonVersion
    let runtimeInterpretersHead: Int
    let interpreterNext: Int
    let interpreterThreadsHead: Int
    let interpreterModules: Int
    let threadNext: Int
    let threadId: Int
    let threadNativeId: Int
    let threadChunk: Int
    let threadSize: Int
    let chunkSize: Int
    let chunkPrevious: Int
    let chunkData: Int
    /// 3.11 and 3.12 keep the frame in a C frame that the thread points to.
    let threadCFrame: Int?
    let cframeCurrent: Int
    let threadFrame: Int
    let frameCode: Int
    let framePrevious: Int
    let frameInstruction: Int
    let frameOwner: Int
    let frameSize: Int
    let codeFilename: Int
    let codeName: Int
    let codeQualifiedName: Int
    let codeFirstLine: Int
    let codeLineTable: Int
    let codeInstructions: Int
    let codeFirstTraceable: Int
    let codeSize: Int
    let bytesData: Int
    let typePointer: Int
    let typeName: Int
    let itemCount: Int
    let gil: GILPlace
    let gilHolder: Int
    let gilLocked: Int
    let gilSize: Int

    /// Where the lock is: in the runtime up to 3.11, behind a pointer of each interpreter since.
    enum GILPlace: Sendable {
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
        runtimeInterpretersHead = need("runtime.interpreters_head")
        interpreterNext = need("interp.next")
        interpreterThreadsHead = need("interp.threads_head")
        interpreterModules = need(
            offsets["interp.imports_modules"] != nil ? "interp.imports_modules" : "interp.modules")
        threadNext = need("tstate.next")
        threadId = need("tstate.thread_id")
        threadNativeId = need("tstate.native_thread_id")
        threadChunk = need("tstate.datastack_chunk")
        chunkSize = need("stack_chunk.size")
        chunkPrevious = need("stack_chunk.previous")
        chunkData = need("stack_chunk.data")
        threadSize = need("tstate.size")
        threadCFrame = offsets["tstate.cframe"]
        cframeCurrent = offsets["tstate.cframe"] != nil ? need("cframe.current_frame") : 0
        threadFrame = offsets["tstate.cframe"] != nil ? 0 : need("tstate.current_frame")
        frameCode = need(offsets["iframe.f_executable"] != nil ? "iframe.f_executable" : "iframe.f_code")
        framePrevious = need("iframe.previous")
        frameInstruction = need(offsets["iframe.instr_ptr"] != nil ? "iframe.instr_ptr" : "iframe.prev_instr")
        frameOwner = need("iframe.owner")
        frameSize = need("iframe.size")
        codeFilename = need("code.co_filename")
        codeName = need("code.co_name")
        codeQualifiedName = need("code.co_qualname")
        codeFirstLine = need("code.co_firstlineno")
        codeLineTable = need("code.co_linetable")
        codeInstructions = need("code.co_code_adaptive")
        codeFirstTraceable = need("code._co_firsttraceable")
        codeSize = need("code.size")
        bytesData = need("bytes.ob_sval")
        typePointer = need("object.ob_type")
        typeName = need("type.tp_name")
        itemCount = need("varobject.ob_size")
        gilHolder = need("gil.last_holder")
        gilLocked = need("gil.locked")
        gilSize = need("gil.size")
        if offsets["interp.ceval_gil_ptr_or_struct"] != nil, offsets["runtime.ceval_gil_last_holder"] == nil {
            gil = .interpreter(pointer: need("interp.ceval_gil_ptr_or_struct"))
        } else {
            gil = .runtime(offset: need("runtime.ceval_gil_last_holder") - gilHolder)
        }
        guard isComplete, threadSize <= 4096, codeSize <= 1024, frameSize <= 512 else { return nil }
    }

    /// The lines of the embedded table that are about one version, those of the architecture over those of x86_64.
    static func table(_ version: PythonVersion, _ architecture: String) -> [String: Int]? {
        let name = "\(version.major).\(version.minor)" + (version.isFreeThreaded ? "t" : "")
        let start = Array((name + " ").utf8)
        var found: [String: Int] = [:]
        for line in PackageResources.cpython_layouts_txt.split(separator: UInt8(ascii: "\n")) {
            guard line.starts(with: start) else { continue }
            let parts = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            guard parts.count == 4, parts[1] == "x86_64" || parts[1] == architecture else { continue }
            found[parts[2]] = Int(parts[3])
        }
        return found.isEmpty ? nil : found
    }
}
