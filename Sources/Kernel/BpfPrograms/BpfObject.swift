internal import CBpf
internal import Linux

/// A program that was loaded into the kernel, with its maps; both are gone when the value ends, and so is what it was attached to.
@safe
struct BpfObject: ~Copyable {
    private let library: SharedLibrary
    private let object: UnsafeMutableRawPointer

    /// Loads an object file.
    ///
    /// - Parameters:
    ///   - words: the file, padded to whole words.
    ///   - length: its length in bytes.
    ///   - perProcessor: the map that has an entry for each processor, where there is one.
    ///   - constants: what its `.rodata` holds, whose layout is that of the program's own; nil where it has none.
    /// - Throws: ``BpfError``.
    static func load<Constants: BitwiseCopyable>(
        _ words: [UInt64], length: Int, perProcessor: String? = nil, constants: Constants?
    ) throws(BpfError) -> BpfObject {
        guard let library = BpfLibrary.shared else { throw .noLibrary }
        var object: UnsafeMutableRawPointer?
        let result = unsafe words.withUnsafeBytes { bytes in
            unsafe cb_open(library[CB_OPEN], bytes.baseAddress, min(length, bytes.count), &object)
        }
        guard result == 0, let opened = unsafe object else { throw BpfError(result) }
        let owned = unsafe BpfObject(library: library, object: opened)
        if let constants {
            guard let map = unsafe cb_find_map(library[CB_FIND_MAP], opened, ".rodata") else { throw BpfError(ENOENT) }
            let set = unsafe withUnsafeBytes(of: constants) { bytes in
                unsafe cb_set_initial(library[CB_SET_INITIAL], map, bytes.baseAddress, bytes.count)
            }
            guard set == 0 else { throw BpfError(set) }
        }
        if let perProcessor {
            guard let scratches = unsafe cb_find_map(library[CB_FIND_MAP], opened, perProcessor) else {
                throw BpfError(ENOENT)
            }
            let processors = unsafe cb_processors(library[CB_PROCESSORS])
            guard processors > 0 else { throw BpfError(processors) }
            let sized = unsafe cb_set_entries(library[CB_SET_ENTRIES], scratches, UInt32(processors))
            guard sized == 0 else { throw BpfError(sized) }
        }
        let loaded = unsafe cb_load(library[CB_LOAD], opened)
        guard loaded == 0 else { throw BpfError(loaded) }
        return owned
    }

    private init(library: SharedLibrary, object: UnsafeMutableRawPointer) {
        self.library = library
        unsafe self.object = object
    }

    deinit {
        unsafe cb_close(library[CB_CLOSE], object)
    }

    /// The descriptor of a map, open for as long as this value lives.
    func map(_ name: String) throws(BpfError) -> Int32 {
        guard let map = unsafe cb_find_map(library[CB_FIND_MAP], object, name) else { throw BpfError(ENOENT) }
        return unsafe cb_map_fd(library[CB_MAP_FD], map)
    }

    /// The descriptor of a program, open for as long as this value lives.
    func program(_ name: String) throws(BpfError) -> Int32 {
        guard let program = unsafe cb_find_program(library[CB_FIND_PROGRAM], object, name) else {
            throw BpfError(ENOENT)
        }
        return unsafe cb_program_fd(library[CB_PROGRAM_FD], program)
    }

    /// Has a program run at a tracepoint for as long as the descriptor is open.
    func attach(_ program: Int32, toTracepoint name: String) throws(BpfError) -> FileDescriptor {
        let result = unsafe cb_attach(library[CB_ATTACH], name, program)
        guard result >= 0 else { throw BpfError(result) }
        return FileDescriptor(owning: result)
    }

    /// Keeps a program that the kernel runs for each task, for as long as the descriptor is open.
    func link(iterator program: Int32) throws(BpfError) -> FileDescriptor {
        let result = unsafe cb_link_iterator(library[CB_LINK], program)
        guard result >= 0 else { throw BpfError(result) }
        return FileDescriptor(owning: result)
    }

    /// Begins a walk over all tasks, which goes on as the descriptor is read.
    func iterate(_ link: borrowing FileDescriptor) throws(BpfError) -> FileDescriptor {
        let result = unsafe cb_iterate(library[CB_ITERATE], link.rawValue)
        guard result >= 0 else { throw BpfError(result) }
        return FileDescriptor(owning: result)
    }

    /// Writes the one element of an array. Source: bpf(2), BPF_MAP_UPDATE_ELEM.
    func update<Value: BitwiseCopyable>(_ map: Int32, to value: Value) throws(BpfError) {
        let result = unsafe withUnsafeBytes(of: value) { unsafe cb_update(library[CB_UPDATE], map, $0.baseAddress) }
        guard result == 0 else { throw BpfError(result) }
    }
}
