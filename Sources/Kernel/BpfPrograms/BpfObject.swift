internal import CBpf
internal import Linux

/// Programs for the kernel, with their maps; they are gone when the value ends, and so is what it was attached to.
@safe
struct BpfObject: ~Copyable {
    private let library: SharedLibrary
    private let object: UnsafeMutableRawPointer

    /// Takes an object file; nothing of it is in the kernel before ``load()``.
    ///
    /// - Parameters:
    ///   - words: the file, padded to whole words.
    ///   - length: its length in bytes.
    /// - Throws: ``BpfError``.
    init(_ words: [UInt64], length: Int) throws(BpfError) {
        guard let library = BpfLibrary.shared else { throw .noLibrary }
        var object: UnsafeMutableRawPointer?
        let result = unsafe words.withUnsafeBytes { bytes in
            unsafe cb_open(library[CB_OPEN], bytes.baseAddress, min(length, bytes.count), &object)
        }
        guard result == 0, let opened = unsafe object else { throw BpfError(result) }
        unsafe self.init(library: library, object: opened)
    }

    /// Sets what its `.rodata` holds, whose layout is that of the program's own; before it is loaded.
    func setConstants<Constants: BitwiseCopyable>(_ constants: Constants) throws(BpfError) {
        let map = try unsafe find(".rodata")
        let result = unsafe withUnsafeBytes(of: constants) { bytes in
            unsafe cb_set_initial(library[CB_SET_INITIAL], map, bytes.baseAddress, bytes.count)
        }
        guard result == 0 else { throw BpfError(result) }
    }

    /// Gives a map an entry for each processor; before it is loaded.
    func setEntriesPerProcessor(_ name: String) throws(BpfError) {
        let map = try unsafe find(name)
        let processors = unsafe cb_processors(library[CB_PROCESSORS])
        guard processors > 0 else { throw BpfError(processors) }
        let result = unsafe cb_set_entries(library[CB_SET_ENTRIES], map, UInt32(processors))
        guard result == 0 else { throw BpfError(result) }
    }

    /// Loads it into the kernel.
    func load() throws(BpfError) {
        let result = unsafe cb_load(library[CB_LOAD], object)
        guard result == 0 else { throw BpfError(result) }
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
        unsafe cb_map_fd(library[CB_MAP_FD], try find(name))
    }

    private func find(_ map: String) throws(BpfError) -> UnsafeMutableRawPointer {
        guard let found = unsafe cb_find_map(library[CB_FIND_MAP], object, map) else { throw BpfError(ENOENT) }
        return unsafe found
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

    /// Has a program run at the tracepoint that it was written for, for as long as the descriptor is open.
    func attach(_ program: Int32) throws(BpfError) -> FileDescriptor {
        let result = unsafe cb_attach(library[CB_ATTACH], nil, program)
        guard result >= 0 else { throw BpfError(result) }
        return FileDescriptor(owning: result)
    }

    /// Writes the one element of an array. Source: bpf(2), BPF_MAP_UPDATE_ELEM.
    func update<Value: BitwiseCopyable>(_ map: Int32, to value: Value) throws(BpfError) {
        try update(map, UInt32(0), to: value)
    }

    /// Writes an element of a map, or adds it. Source: bpf(2), BPF_MAP_UPDATE_ELEM.
    func update<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ map: Int32, _ key: Key, to value: Value)
        throws(BpfError)
    {
        let result = unsafe withUnsafeBytes(of: key) { key in
            unsafe withUnsafeBytes(of: value) { value in
                unsafe cb_update(library[CB_UPDATE], map, key.baseAddress, value.baseAddress)
            }
        }
        guard result == 0 else { throw BpfError(result) }
    }

    /// Takes an element out of a map, where it is there. Source: bpf(2), BPF_MAP_DELETE_ELEM.
    func remove<Key: BitwiseCopyable>(_ map: Int32, _ key: Key) {
        _ = unsafe withUnsafeBytes(of: key) { unsafe cb_delete(library[CB_DELETE], map, $0.baseAddress) }
    }

    /// A copy of an element, in place of `value`; whether it is there. Source: bpf(2), BPF_MAP_LOOKUP_ELEM.
    func read<Key: BitwiseCopyable, Value: BitwiseCopyable>(_ map: Int32, _ key: Key, into value: inout Value) -> Bool {
        unsafe withUnsafeBytes(of: key) { key in
            unsafe withUnsafeMutableBytes(of: &value) { value in
                unsafe cb_lookup(library[CB_LOOKUP], map, key.baseAddress, value.baseAddress) == 0
            }
        }
    }

    /// The key behind another one; the first one for nil. Source: bpf(2), BPF_MAP_GET_NEXT_KEY.
    func key<Key: BitwiseCopyable>(_ map: Int32, after key: Key?, into next: inout Key) -> Bool {
        unsafe withUnsafeMutableBytes(of: &next) { next in
            guard let key else { return unsafe cb_next(library[CB_NEXT], map, nil, next.baseAddress) == 0 }
            return unsafe withUnsafeBytes(of: key) { key in
                unsafe cb_next(library[CB_NEXT], map, key.baseAddress, next.baseAddress) == 0
            }
        }
    }
}
