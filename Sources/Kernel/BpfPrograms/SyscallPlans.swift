internal import CBpf
internal import SystemCalls

extension SyscallProgram {
    /// What the program reads of each call, as it takes it.
    static func plans(_ table: SystemCallTable) -> sc_plans {
        var plans = sc_plans()
        unsafe withUnsafeMutableBytes(of: &plans) { room in
            let room = unsafe room.bindMemory(to: sc_plan.self)
            for case let call? in table.calls where call.number < room.count {
                unsafe room[call.number] = sc_plan(table.plan(call))
            }
        }
        return plans
    }
}

extension sc_plan {
    fileprivate init(_ plan: CapturePlan) {
        self.init()
        is_final = plan.isFinal ? 1 : 0
        unsafe withUnsafeMutableBytes(of: &steps) { room in
            let room = unsafe room.bindMemory(to: sc_step.self)
            for (index, step) in plan.steps.prefix(room.count).enumerated() {
                unsafe room[index] = sc_step(step)
            }
        }
    }
}

extension sc_step {
    fileprivate init(_ step: CapturePlan.Step) {
        let when =
            (step.atEntry ? SC_AT_ENTRY : 0) | (step.atExit ? SC_AT_EXIT : 0) | (step.whenFailed ? SC_FAILED_TOO : 0)
        let count: Int =
            switch step.count {
            case .one: Int(SC_ONE)
            case .argument(let place): place
            case .pointedBy(let place): Int(SC_COUNT_AT) + place
            case .result: Int(SC_COUNT_RESULT)
            }
        self.init(
            argument: UInt8(step.argument), kind: step.shape.rawValue, when: UInt8(when), count: UInt8(count),
            size: UInt16(step.size), is_data: step.isData ? 1 : 0)
    }
}
