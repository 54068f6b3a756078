internal import Synchronization

/// Where the runtime lies in files that were looked at before: a service's workers all run the same one.
///
/// A file is known by its device, its inode and its build-id as the target's memory has it: what was replaced on the disk
/// is another one. What is found here is believed only when the target's memory agrees.
public final class RuntimeCache: Sendable {
    /// That of this process.
    public static let shared = RuntimeCache()

    struct Key: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
        var identity: [UInt8]
    }

    enum Entry: Sendable {
        /// The file has no interpreter.
        case nothing
        /// It has one, here at the addresses of the file.
        case runtime(PythonRuntime)
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private static let limit = 1024

    /// An empty one.
    public init() {}

    /// How many files it knows.
    var count: Int { entries.withLock { $0.count } }

    subscript(_ key: Key) -> Entry? {
        get {
            // Without an inode nothing tells one file from another.
            key.inode == 0 ? nil : entries.withLock { $0[key] }
        }
        set {
            guard key.inode != 0 else { return }
            entries.withLock {
                if $0.count >= RuntimeCache.limit { $0 = [:] }
                $0[key] = newValue
            }
        }
    }
}
