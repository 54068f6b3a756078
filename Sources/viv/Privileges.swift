internal import Linux
internal import ProcFS

/// What viv itself may do.
enum Privileges {
    /// Whether viv has a capability in its own user namespace.
    static func holds(_ capability: Capability) -> Bool {
        effective.map { capability.isIn($0) } ?? (Machine.effectiveUser() == 0)
    }

    /// Whether its capabilities count for a part of the host only.
    static let isInOtherUserNamespace = HostNamespace.left()?.contains(.user) == true

    /// What to say where the kernel refuses somebody who has every right that it asks for.
    static let moduleRemedy =
        "more rights do not help: a security module (SELinux, AppArmor, Landlock, BPF) protects what is refused"

    /// What to do where /proc is mounted with hidepid.
    static var hidepidRemedy: String {
        (Machine.effectiveUser() == 0 ? "grant CAP_SYS_PTRACE" : "run as root")
            + ", or be in the group that the mount option gid= of /proc names"
    }

    private static let effective: UInt64? = {
        guard var reader = try? ProcReader(), case .value(let status) = reader.status(Machine.ownPid()) else {
            return nil
        }
        return status.capabilities.effective
    }()
}
