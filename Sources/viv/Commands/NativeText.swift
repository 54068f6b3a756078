internal import Cells
internal import NativeStacks
internal import Samplers

/// Stacks of machine code with Python frames among them, as text and as JSON.
enum NativeText {
    /// A thread's frames, those of machine code set back.
    static func lines(_ stack: MixedStack) -> [String] {
        var lines = stack.frames.flatMap { frame in
            switch frame {
            case .python(let python): DumpText.lines(python)
            case .native(let function, let address): [dim("    " + text(function, address))]
            }
        }
        if let trouble = stack.trouble {
            lines.append(dim("    (no machine code: \(text(trouble)))"))
        } else if !stack.isComplete {
            lines.append(dim("    (nothing says who called this)"))
        }
        return lines
    }

    /// The threads that run no Python.
    static func workers(_ native: NativeDump) -> [String] {
        native.workers.flatMap { worker in
            let state = worker.isRunning ? "running" : "idle"
            let heading = "Thread \(worker.tid) [\(visible(worker.name))] \(state), not known to Python"
            return ["", heading] + (native.stacks[UInt64(worker.tid)].map(lines) ?? [])
        }
    }

    private static func text(_ function: NativeFunction, _ address: UInt64) -> String {
        let place = function.library.map { " [\(visible($0))]" } ?? " [no file]"
        guard let name = function.name else {
            return hexadecimal(function.file == nil ? address : function.fileAddress) + place
        }
        return visible(name) + place
    }

    private static func text(_ trouble: StackTrouble) -> String {
        switch trouble {
        case .gone: "the thread ended"
        case .refused(let remedy): remedy
        case .unreachable(let reason): reason
        }
    }

    private static func dim(_ line: String) -> String {
        Output.usesColor ? "\u{1b}[2m\(line)\u{1b}[22m" : line
    }

    private static func hexadecimal(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }

    // MARK: JSON

    /// A thread's frames; `address` is that in the process, `fileAddress` and `offset` are the file's and the function's.
    static func frames(_ stack: MixedStack) -> [Json] {
        stack.frames.map { frame in
            switch frame {
            case .python(let python): DumpJson.frame(python)
            case .native(let function, let address):
                .object([
                    ("kind", .string("native")), ("function", .optional(function.name)),
                    ("qualifiedName", .null), ("file", .optional(function.file)), ("line", .null), ("column", .null),
                    ("routine", .null), ("locals", .null), ("library", .optional(function.library)),
                    ("address", .string(hexadecimal(address))),
                    ("fileAddress", .string(hexadecimal(function.fileAddress))),
                    ("offset", .integer(Int64(clamping: function.offset))),
                ])
            }
        }
    }

    /// What is said of a thread besides.
    static func facts(_ stack: MixedStack) -> [(String, Json)] {
        [
            ("nativeComplete", .bool(stack.isComplete)),
            ("nativeTrouble", .optional(stack.trouble.map(text))),
            ("stoppedMicroseconds", .number(Double(stack.stoppedNanoseconds) / 1000)),
        ]
    }

    /// The threads that run no Python.
    static func workers(_ native: NativeDump) -> [Json] {
        native.workers.map { worker in
            let stack = native.stacks[UInt64(worker.tid)]
            return .object(
                [
                    ("tid", .integer(Int64(worker.tid))), ("pythonThreadId", .null), ("name", .null),
                    ("kernelName", .string(worker.name)), ("interpreter", .null), ("main", .bool(worker.isMain)),
                    ("daemon", .null), ("attachment", .null), ("state", .string(worker.isRunning ? "running" : "idle")),
                    ("holdsGIL", .bool(false)),
                    ("torn", .bool(false)), ("frames", .array(stack.map(frames) ?? [])),
                ] + (stack.map(facts) ?? []))
        }
    }
}
