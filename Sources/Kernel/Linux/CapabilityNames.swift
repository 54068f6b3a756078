/// Names of capabilities by bit, capabilities(7).
private let names = [
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
    "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
    "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
    "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
    "checkpoint_restore",
]

/// Names of the capabilities in a mask as `/proc/<pid>/status` gives it, such as `CAP_SYS_PTRACE`; `CAP_41` for one without a name.
public func capabilityNames(mask: UInt64) -> [String] {
    (0..<64).filter { mask >> $0 & 1 == 1 }.map { bit in
        names.indices.contains(bit) ? "CAP_" + names[bit].uppercased() : "CAP_\(bit)"
    }
}

/// Capabilities that this program asks about.
public enum Capability: Int, Sendable {
    case kill = 5
    case sysPtrace = 19
    case sysAdmin = 21
    case sysNice = 23
    case netAdmin = 12
    case perfmon = 38
    case bpf = 39

    /// Whether a mask holds it.
    public func isIn(_ mask: UInt64) -> Bool { mask >> rawValue & 1 == 1 }
}
