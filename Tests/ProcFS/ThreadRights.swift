import Glibc
import TestProcesses

/// What root takes from one thread for a moment, so that refusals can be met by whoever runs the tests.
///
/// Another user has these rights missing anyway: nothing is changed then.
enum ThreadRights {
    private typealias SetID = @convention(c) (UInt32) -> Int32
    private typealias Capabilities =
        @convention(c) (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>) -> Int32

    /// Runs `body` as nobody without capabilities, as far as files and other processes are concerned.
    static func withoutPrivileges<Result>(_ body: () throws -> Result) throws -> Result {
        guard geteuid() == 0 else { return try body() }
        guard let setUser = call("setfsuid", SetID.self), let setGroup = call("setfsgid", SetID.self),
            let get = unsafe call("capget", Capabilities.self), let set = unsafe call("capset", Capabilities.self)
        else { throw SpawnFailure(error: ENOSYS) }
        // Version 3 of the interface, this thread; then effective, permitted and inheritable, twice 32 bits.
        var header: [UInt32] = [0x2008_0522, 0]
        var held = [UInt32](repeating: 0, count: 6)
        guard unsafe get(&header, &held) == 0 else { throw SpawnFailure(error: errno) }
        var none = held
        (none[0], none[3]) = (0, 0)
        _ = setGroup(65_534)
        _ = setUser(65_534)
        let result = unsafe set(&header, &none)
        defer {
            _ = setUser(0)
            _ = setGroup(getegid())
            if unsafe set(&header, &held) != 0 { fatalError("the rights of this thread are lost") }
        }
        guard result == 0 else { throw SpawnFailure(error: errno) }
        return try body()
    }

    /// These functions have no header of the C library's own: they are looked up by name.
    private static func call<Function>(_ name: String, _: Function.Type) -> Function? {
        unsafe dlsym(nil, name).map { unsafe unsafeBitCast($0, to: Function.self) }
    }
}
