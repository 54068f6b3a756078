internal import CBpf
internal import Linux

/// Records that programs write in the kernel, read in the order in which they were written. Source: BPF_MAP_TYPE_RINGBUF.
@safe
struct RingBuffer: ~Copyable {
    private let library: SharedLibrary
    private let ring: UnsafeMutableRawPointer
    private let received: Received

    /// What the library hands over, one record behind the other.
    private final class Received {
        var bytes: [UInt8] = []
    }

    /// Maps a ring.
    ///
    /// - Throws: ``BpfError`` when it cannot be mapped.
    init(map: Int32) throws(BpfError) {
        guard let library = BpfLibrary.shared else { throw .noLibrary }
        let received = Received()
        let context = unsafe Unmanaged.passUnretained(received).toOpaque()
        let receive: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int) -> Int32 = {
            (context, data, length) in
            guard let context = unsafe context, let data = unsafe data else { return 0 }
            let received = unsafe Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
            unsafe received.bytes.append(contentsOf: UnsafeRawBufferPointer(start: data, count: length))
            return 0
        }
        var made: UnsafeMutableRawPointer?
        let result = unsafe cb_ring_new(library[CB_RING_NEW], map, receive, context, &made)
        guard result == 0, let made = unsafe made else { throw BpfError(result) }
        self.library = library
        self.received = received
        unsafe ring = made
    }

    deinit {
        unsafe cb_ring_free(library[CB_RING_FREE], ring)
    }

    /// Appends all records that there are to `bytes`, which is emptied first.
    mutating func drain(into bytes: inout [UInt8]) {
        swap(&bytes, &received.bytes)
        received.bytes.removeAll(keepingCapacity: true)
        _ = unsafe cb_ring_consume(library[CB_RING_CONSUME], ring)
        swap(&bytes, &received.bytes)
    }
}
