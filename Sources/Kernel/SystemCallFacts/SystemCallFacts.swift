/// The files of Resources/ that say what system calls are, as text: a module of its own, because compiling them takes long.
public enum SystemCallFacts {
    /// Names, numbers and types of the arguments, of the architecture this was built for.
    public static var calls: [UInt8] {
        #if arch(arm64)
        arm64Calls
        #else
        x86_64Calls
        #endif
    }

    /// The same of x86-64.
    public static var x86_64Calls: [UInt8] { PackageResources.system_calls_txt }

    /// The same of ARM64.
    public static var arm64Calls: [UInt8] { PackageResources.system_calls_arm64_txt }

    /// What the arguments mean.
    public static var kinds: [UInt8] { PackageResources.system_call_kinds_txt }

    /// Named numbers.
    public static var constants: [UInt8] { PackageResources.system_call_constants_txt }

    /// Structures.
    public static var structures: [UInt8] { PackageResources.system_call_structures_txt }
}
