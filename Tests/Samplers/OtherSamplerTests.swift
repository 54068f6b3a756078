import Glibc
import Model
import PythonInspection
import Samplers
import TestProcesses
import Testing

@Suite struct HostSamplerTests {
    /// Totals of `/proc/stat`: all time, busy time, switches, forks.
    private func totals() -> (ticks: UInt64, switches: UInt64, forks: UInt64) {
        let line = Files.text("/proc/stat").split(separator: "\n").first ?? ""
        let ticks = line.split(separator: " ").dropFirst().prefix(8).reduce(UInt64(0)) { $0 + (UInt64($1) ?? 0) }
        return (ticks, number("ctxt", in: "/proc/stat"), number("processes", in: "/proc/stat"))
    }

    @Test func countersLieBetweenThoseBeforeAndAfter() throws {
        var sampler = try HostSampler()
        var last: HostSnapshot?
        for _ in 0..<3 {
            let before = totals()
            let host = try sampler.sample(true)
            let after = totals()
            #expect((before.switches...after.switches).contains(host.counters.switches))
            #expect((before.forks...after.forks).contains(host.counters.forks))
            if let last {
                let rates = try #require(host.rates)
                let seconds = Double(host.nanoseconds - last.nanoseconds) / 1e9
                #expect(abs(rates.switches * seconds - Double(host.counters.switches - last.counters.switches)) < 0.5)
                #expect(rates.forks * seconds > 0.5)
                let shares = try #require(host.total)
                let parts = [
                    shares.user, shares.system, shares.nice, shares.idle, shares.ioWait, shares.interrupts,
                    shares.steal,
                ]
                #expect(abs(parts.reduce(0, +) - 100) < 1e-6 && parts.allSatisfy { $0 >= 0 })
            } else {
                #expect(host.rates == nil && host.total == nil)
            }
            last = host
            for _ in 0..<20 { try Child("exit 0").reap() }
        }
    }

    @Test func theHostIsDescribedAsByItsFiles() throws {
        var sampler = try HostSampler()
        let host = try sampler.sample(true)
        let memory = try #require(host.memory)
        #expect(memory.totalBytes == number("MemTotal:", in: "/proc/meminfo") * 1_024)
        #expect(memory.availableBytes <= memory.totalBytes && memory.swapFreeBytes <= memory.swapTotalBytes)
        let lines = Files.text("/proc/stat").split(separator: "\n")
        #expect(host.processors.count == lines.filter { $0.hasPrefix("cpu") && !$0.hasPrefix("cpu ") }.count)
        #expect(host.kernelRelease == Files.text("/proc/sys/kernel/osrelease"))
        #expect(host.name == Files.text("/proc/sys/kernel/hostname") && host.uptimeSeconds > 0)
        #expect(host.cost.filesRead > 5)
    }
}

@Suite struct DetailsSamplerTests {
    @Test func theDetailsAreThoseOfTheProcess() throws {
        var sampler = try DetailsSampler()
        #expect(try sampler.sample(DetailsDemand())?.identity == nil)
        let worker = try Worker()
        worker.tell("thread alpha")
        worker.tell("open 5")
        let demand = DetailsDemand(identity: worker.identity, readsShares: true)
        let details = try #require(try sampler.sample(demand))
        #expect(!details.hasEnded && details.identity == worker.identity)
        #expect(details.arguments.prefix(3) == ["python3", "-u", "-c"] && details.arguments.count == 4)
        #expect(details.executable == Files.target(of: "/proc/\(worker.child.pid)/exe") && !details.executableDeleted)
        #expect(details.workingDirectory == Files.target(of: "/proc/self/cwd") && details.rootDirectory == "/")
        let environment = try #require(details.environment)
        #expect(environment.contains { $0.hasPrefix("PATH=") })
        #expect(Set(details.threads.map(\.tid)) == Set(worker.child.threads()))
        #expect(details.threads.contains { $0.name == "alpha" && $0.tid != worker.child.pid })
        #expect(details.tracer == 0 || details.tracer == nil)
        #expect(details.namespaces.isEmpty && details.namespacePids.last == worker.child.pid)
        let shares = try #require(details.shares)
        #expect(shares.uniqueBytes <= shares.proportionalBytes)
        let files = try #require(details.limits.first { $0.name == "open files" })
        #expect(files.used == UInt64(Files.names(in: "/proc/\(worker.child.pid)/fd").count - 2) && !files.isBytes)
        let signals = try #require(details.limits.first { $0.name == "pending signals" })
        #expect(try #require(signals.used) <= signals.soft ?? .max)
        let peak = try #require(details.memory?.peakBytes)
        #expect(peak == worker.child.vmHighWater)
    }

    @Test func ratesOfAThreadAreThoseOfWhatItDid() throws {
        var sampler = try DetailsSampler()
        let worker = try Worker()
        worker.tell("thread idle")
        let demand = DetailsDemand(identity: worker.identity)
        let first = try #require(try sampler.sample(demand))
        #expect(first.threads.allSatisfy { $0.cpuPercent == nil })
        worker.tell("burn 0.2")
        let second = try #require(try sampler.sample(demand))
        let busy = try #require(second.threads.first { $0.tid == worker.child.pid }?.cpuPercent)
        let idle = try #require(second.threads.first { $0.name == "idle" }?.cpuPercent)
        #expect(busy > 0 && idle < busy)
        // Counters are there, or the reason why not.
        if let counters = second.counters {
            #expect(second.countersNote == nil && (counters.taskClockPercent ?? 1) > 0)
        } else {
            #expect(second.countersNote?.isEmpty == false)
        }
    }

    @Test func anotherProcessOfThePidOrNoneHasEnded() throws {
        var sampler = try DetailsSampler()
        let worker = try Worker()
        var other = worker.identity
        other.startTicks += 1
        #expect(try sampler.sample(DetailsDemand(identity: other))?.hasEnded == true)
        #expect(try sampler.sample(DetailsDemand(identity: worker.identity))?.hasEnded == false)
        worker.child.end()
        for _ in 0..<2 { #expect(try sampler.sample(DetailsDemand(identity: worker.identity))?.hasEnded == true) }
    }
}

@Suite struct StackSamplerTests {
    @Test func whatIsNoPythonHasAReasonAndNoStacks() throws {
        var sampler = try StackSampler()
        #expect(try sampler.sample(StackDemand()).identity == nil)
        let child = try Child(program: "/bin/cat", arguments: ["cat"], onPipes: true)
        child.write("ready")
        _ = child.line()
        let identity = ProcessIdentity(pid: child.pid, startTicks: child.startTicks)
        // Looked for anew now and then; the answer stays.
        for _ in 0..<50 {
            guard case .unavailable(identity, let error) = try sampler.sample(StackDemand(identity: identity)) else {
                Issue.record("stacks of cat")
                return
            }
            #expect(error == .notPython && error.description.contains("not a Python process"))
        }
        child.end()
        guard case .ended(identity) = try sampler.sample(StackDemand(identity: identity)) else {
            Issue.record("cat lives")
            return
        }
    }

    @Test func anInterpreterIsReadAndForgottenWithExec() throws {
        var sampler = try StackSampler()
        let worker = try Worker()
        worker.tell("thread alpha")
        guard
            case .snapshot(worker.identity, let version, let snapshot) = try sampler.sample(
                StackDemand(identity: worker.identity))
        else {
            Issue.record("no stacks")
            return
        }
        #expect(PythonVersion(major: 3, minor: 11) <= version && snapshot.threads.count == 2)
        #expect(snapshot.threads.contains { $0.isMain && $0.frames.last?.function == "<module>" })
        #expect(snapshot.threads.contains { $0.frames.contains { $0.function == "wait" } })
        let identity = worker.identity
        worker.child.write("exec")
        _ = worker.child.line()
        for _ in 0..<2_000 where worker.child.comm(of: worker.child.pid) != "sleep" { pause(milliseconds: 1) }
        // Its identity is the same; the interpreter is gone.
        for _ in 0..<30 {
            guard case .unavailable(identity, _) = try sampler.sample(StackDemand(identity: identity)) else {
                Issue.record("stacks of sleep")
                return
            }
        }
        // Asked about another process, it looks there at once.
        let other = try Worker()
        guard case .snapshot(other.identity, _, _) = try sampler.sample(StackDemand(identity: other.identity)) else {
            Issue.record("no stacks of the other")
            return
        }
    }

    @Test func aKernelThreadAndThisProgramHaveAReason() throws {
        var sampler = try StackSampler()
        for pid in [getpid(), 2] {
            guard let ticks = ProcessStart.ticks(of: pid) else { continue }
            let reading = try sampler.sample(StackDemand(identity: ProcessIdentity(pid: pid, startTicks: ticks)))
            guard case .unavailable(_, let error) = reading else {
                Issue.record("\(pid): \(reading)")
                continue
            }
            #expect(!error.description.isEmpty)
        }
    }
}

extension Child {
    /// The most memory it had. Unit: bytes. Source: status `VmHWM`.
    fileprivate var vmHighWater: UInt64 {
        for line in Files.text("/proc/\(pid)/status").split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return (line.split(separator: " ").dropLast().last.flatMap { UInt64($0) } ?? 0) * 1_024
        }
        return 0
    }
}
