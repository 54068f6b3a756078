internal import CBpf
internal import Linux
public import ProcFS

/// All processes and threads of the machine, read from the kernel in one go. Source: a BPF task iterator (Linux 5.8), which writes a record for
/// each `task_struct`; ids are those of viv's own pid namespace.
public struct TaskTable: ~Copyable {
    private let object: BpfObject
    private let link: FileDescriptor
    private var bytes: [UInt8] = []
    private var count = 0
    /// Where records of processes are, and those of other threads, by process.
    private var (mains, others): ([Place], [Place]) = ([], [])

    private struct Place {
        var process: Int32
        var offset: Int
        /// Of a process: which of the others are its threads.
        var threads: Range<Int> = 0..<0
    }

    /// Most bytes of all records: a million threads.
    private static let limit = 200 << 20

    /// Loads the program.
    ///
    /// - Throws: ``BpfError``.
    public init() throws(BpfError) {
        let object = try BpfObject(taskTableObject, length: taskTableLength)
        try object.load()
        link = try object.link(iterator: try object.program("tasks"))
        self.object = object
    }

    /// Reads all of them; what was read before is gone.
    ///
    /// - Throws: what keeps the kernel from it, as ``BpfError``; nothing is known then.
    public mutating func read() throws(BpfError) {
        mains.removeAll(keepingCapacity: true)
        others.removeAll(keepingCapacity: true)
        count = 0
        let walk = try object.iterate(link)
        if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: 256 << 10) }
        while true {
            if count + TaskTable.chunk > bytes.count {
                guard bytes.count < TaskTable.limit else { break }
                bytes.append(contentsOf: repeatElement(0, count: bytes.count))
            }
            let received: Int
            do throws(Errno) {
                received = try walk.read(into: &bytes, from: count)
            } catch {
                throw .unsupported(error)
            }
            if received == 0 { break }
            count += received
        }
        index()
    }

    /// The kernel hands over at most so much at a time.
    private static let chunk = 32 << 10

    private mutating func index() {
        var offset = 0
        var areSorted = true
        while let task: tt_task = value(offset) {
            let place = Place(process: Int32(bitPattern: task.process), offset: offset)
            offset += MemoryLayout<tt_task>.size
            if task.is_main != 0 {
                areSorted = areSorted && (mains.last?.process ?? 0) < place.process
                mains.append(place)
                offset += MemoryLayout<tt_process>.size
            } else {
                areSorted = areSorted && (others.last?.process ?? 0) <= place.process
                others.append(place)
            }
        }
        if !areSorted {
            mains.sort { $0.process < $1.process }
            others.sort { ($0.process, $0.offset) < ($1.process, $1.offset) }
        }
        var begin = 0
        for number in mains.indices {
            while begin < others.count, others[begin].process < mains[number].process { begin += 1 }
            var end = begin
            while end < others.count, others[end].process == mains[number].process { end += 1 }
            mains[number].threads = begin..<end
            begin = end
        }
    }

    private func value<Value: BitwiseCopyable>(_ offset: Int) -> Value? {
        guard offset + MemoryLayout<Value>.size <= count else { return nil }
        return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }

    /// Pids of all processes, in their order.
    public var pids: [Int32] { mains.map(\.process) }

    /// The number of a process, by which it is asked for; nil where there is none of that pid.
    public func number(of pid: Int32) -> Int? {
        var (low, high) = (0, mains.count)
        while low < high {
            let middle = (low + high) / 2
            if mains[middle].process < pid { low = middle + 1 } else { high = middle }
        }
        return low < mains.count && mains[low].process == pid ? low : nil
    }

    /// What the threads of a process did in its life, those too that have ended.
    public func totals(_ number: Int) -> TaskTotals {
        guard let (task, process) = main(number) else { return TaskTotals() }
        var totals = TaskTotals(task)
        totals.add(TaskTotals(process))
        for other in others[mains[number].threads] {
            if let thread: tt_task = value(other.offset) { totals.add(TaskTotals(thread)) }
        }
        return totals
    }

    /// A process as `/proc/<pid>/stat` tells it.
    public func stat(_ number: Int) -> ProcessStat {
        guard let (task, process) = main(number) else { return ProcessStat() }
        return ProcessStat(task, of: process, totals(number), told: (process.told_user, process.told_system))
    }

    /// Effective user of a process: the owner of `/proc/<pid>`.
    public func userID(_ number: Int) -> UInt32 { main(number)?.process.user_id ?? 0 }

    /// Threads of a process besides the main one, as `/proc/<pid>/task/<tid>/stat` tells them, and what each did.
    public func threads(_ number: Int) -> [(stat: ProcessStat, totals: TaskTotals)] {
        guard let (_, process) = main(number) else { return [] }
        return others[mains[number].threads].compactMap { place in
            guard let task: tt_task = value(place.offset) else { return nil }
            let totals = TaskTotals(task)
            return (ProcessStat(task, of: process, totals, told: (task.told_user, task.told_system)), totals)
        }
    }

    private func main(_ number: Int) -> (task: tt_task, process: tt_process)? {
        let offset = mains[number].offset
        guard let task: tt_task = value(offset), let process: tt_process = value(offset + MemoryLayout<tt_task>.size)
        else { return nil }
        return (task, process)
    }
}
