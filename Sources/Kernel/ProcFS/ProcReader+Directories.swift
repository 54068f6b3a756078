public import Linux

extension ProcReader {
    /// Lists the processes; `pids` is emptied first and keeps its storage.
    ///
    /// The order is the kernel's: ascending.
    /// - Throws: what the kernel says of reading the root; never for a process that ends meanwhile.
    public mutating func processes(into pids: inout [Int32]) throws(Errno) {
        pids.removeAll(keepingCapacity: true)
        try root.seek(to: 0)
        filesRead += 1
        while true {
            let count = try root.readDirectory(into: &buffer)
            if count == 0 { return }
            bytesRead += UInt64(count)
            buffer.span.extracting(0..<count).appendNumericEntries(to: &pids)
        }
    }

    /// Lists the threads of a process; answers false, and no threads, when it is gone or hidden.
    @discardableResult
    public mutating func threads(of pid: Int32, into tids: inout [Int32]) -> Bool {
        list(Self.path(pid, "task"), into: &tids)
    }

    /// Processes that a process began and that did not end: none where the kernel does not tell.
    ///
    /// Source: `/proc/<pid>/task/<tid>/children` of every thread, present with CONFIG_PROC_CHILDREN.
    public mutating func children(of pid: Int32) -> [Int32] {
        var tids: [Int32] = []
        guard threads(of: pid, into: &tids) else { return [] }
        var found: [Int32] = []
        for tid in tids {
            let line: Reading<[Int32]> = read(Self.path(pid, thread: tid, "children"), .pages(limit: 1 << 20)) {
                bytes in
                var index = 0
                var pids: [Int32] = []
                while let number = bytes.decimal(&index) {
                    if let pid = Int32(exactly: number) { pids.append(pid) }
                    guard bytes.skip(" ", &index) else { break }
                }
                return pids
            }
            found += line.value ?? []
        }
        return found
    }

    /// Lists the descriptors of a process; answers false, and none, when it is gone or they are hidden.
    public mutating func listDescriptors(of pid: Int32, into descriptors: inout [Int32]) -> Bool {
        list(Self.path(pid, "fd"), into: &descriptors)
    }

    private mutating func list(_ path: KernelPath, into tids: inout [Int32]) -> Bool {
        tids.removeAll(keepingCapacity: true)
        do throws(Errno) {
            let directory = try root.open(path, .directory)
            filesRead += 1
            while true {
                let count = try directory.readDirectory(into: &buffer)
                if count == 0 { break }
                bytesRead += UInt64(count)
                buffer.span.extracting(0..<count).appendNumericEntries(to: &tids)
            }
        } catch {
            tids.removeAll(keepingCapacity: true)
        }
        return !tids.isEmpty
    }

    /// How many descriptors a process has open.
    ///
    /// - Source: the size of `/proc/<pid>/fd`, which kernels since 6.2 set and every user may ask for; the number of its entries before.
    public mutating func openFileCount(_ pid: Int32) -> Reading<Int> {
        do throws(Errno) {
            let path = Self.path(pid, "fd")
            if isKernelTree {
                let size = try FileStatus(of: path, in: root).size
                filesRead += 1
                if size > 0 { return .value(Int(size)) }
            }
            let directory = try root.open(path, .directory)
            filesRead += 1
            var total = 0
            while true {
                let count = try directory.readDirectory(into: &buffer)
                if count == 0 { return .value(total) }
                bytesRead += UInt64(count)
                total += buffer.span.extracting(0..<count).numericEntryCount
            }
        } catch {
            return Reading(error)
        }
    }

    /// The user a process runs as.
    ///
    /// - Source: owner of `/proc/<pid>`, which is the effective user even of a process that may not be dumped.
    public mutating func uid(of pid: Int32) -> Reading<UInt32> {
        do throws(Errno) {
            let uid = try FileStatus(of: Self.path(pid, ""), in: root).uid
            filesRead += 1
            return .value(uid)
        } catch {
            return Reading(error)
        }
    }
}

extension Span where Element == UInt8 {
    /// Walks entries as getdents64(2) lays them out: inode 8, offset 8, length 2, type 1, then the name and a NUL.
    private func forEachNumericEntry(_ body: (Int32) -> Void) {
        var start = 0
        while start + 19 < count {
            let length = Int(self[start + 16]) | Int(self[start + 17]) << 8
            guard length >= 20, start + length <= count else { return }
            var index = start + 19
            if let number = decimal(&index), index < start + length, self[index] == 0, number <= UInt64(Int32.max) {
                body(Int32(number))
            }
            start += length
        }
    }

    /// Adds the entries whose name is a number.
    func appendNumericEntries(to numbers: inout [Int32]) {
        forEachNumericEntry { numbers.append($0) }
    }

    /// How many entries have a number for a name.
    var numericEntryCount: Int {
        var total = 0
        forEachNumericEntry { _ in total += 1 }
        return total
    }
}
