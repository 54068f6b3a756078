internal import Linux
internal import ProcFS

/// Which processes have a local TCP port open.
public enum PortOwners {
    /// Pids that hold a socket on a local port. Source: `/proc/net/tcp`, `/proc/net/tcp6` and the links in `/proc/<pid>/fd`.
    ///
    /// Absent: processes whose descriptors may not be read.
    static func pids(of port: UInt16, listeningOnly: Bool, _ reader: inout ProcReader) -> Set<Int32> {
        let inodes = reader.socketInodes(localPort: port, listeningOnly: listeningOnly)
        guard !inodes.isEmpty else { return [] }
        var pids: [Int32] = []
        guard (try? reader.processes(into: &pids)) != nil else { return [] }
        return Set(pids.filter { reader.holdsSocket(in: inodes, pid: $0) })
    }

    /// Pids that listen on a local port of the running host.
    public static func listeners(on port: UInt16) -> Set<Int32> {
        guard var reader = try? ProcReader() else { return [] }
        return pids(of: port, listeningOnly: true, &reader)
    }
}
