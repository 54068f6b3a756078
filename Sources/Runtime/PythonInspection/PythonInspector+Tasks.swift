extension PythonInspector {
    /// Reads all asyncio tasks of all loops, threads and interpreters.
    ///
    /// - Throws: ``PythonInspectionError``.
    public mutating func tasks<Target: RemoteProcess & ~Copyable>(
        of target: inout Target, _ options: PythonTaskOptions = PythonTaskOptions()
    ) throws(PythonInspectionError) -> PythonTasks {
        if taskReader == nil { taskReader = TaskReader(runtime.layout, in: &target) }
        guard var reader = taskReader else { throw .unsupported("asyncio of CPython \(version)") }
        defer { taskReader = reader }
        var failure = RemoteMemoryError.unmapped
        // Threads begin and end while their list is read.
        for _ in 0..<10 {
            do throws(RemoteMemoryError) {
                return try reader.read(runtime, &symbols.codes, options, in: &target)
            } catch {
                guard error == .unmapped else { throw .memory(error) }
                failure = error
            }
        }
        throw .memory(failure)
    }
}
