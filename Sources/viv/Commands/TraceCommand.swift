internal import ArgumentParser
internal import Glibc
internal import Linux
internal import Model
internal import Samplers
internal import SystemCalls

/// `viv trace`: the system calls of a process.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Show the system calls of a process.")

    @Argument(help: "Process: pid, :PORT or text.", completion: Completions.target) var target: String
    @Option(name: [.customShort("d"), .long], help: "Seconds; until ^C without.") var duration: Double?

    func run() throws {
        var reading = try TableReading()
        let table = try reading.table(for: target)
        let found = try Target.resolve(target, in: table)
        StopFlag.watchInterrupt(orHangup: true)
        var tracer = try SyscallTracer(SyscallTracer.Options())
        try tracer.watch(processes: [found.identity.pid])
        let end = duration.map { KernelClock.monotonicNanoseconds() + UInt64($0 * 1e9) } ?? .max
        var text = CallText()
        while !StopFlag.isSet, KernelClock.monotonicNanoseconds() < end {
            tracer.drain { event in
                text.bytes.append(contentsOf: "[pid \(event.tid)] ".utf8)
                text.write(event)
                text.bytes.append(10)
            }
            Output.bytes(text.bytes)
            text.bytes.removeAll(keepingCapacity: true)
            usleep(20000)
            if kill(found.identity.pid, 0) != 0 { break }
        }
        tracer.drain { event in
            text.bytes.append(contentsOf: "[pid \(event.tid)] ".utf8)
            text.write(event)
            text.bytes.append(10)
        }
        Output.bytes(text.bytes)
    }
}
