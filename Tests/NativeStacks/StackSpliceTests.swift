import NativeStacks
import Testing

@Suite struct StackSpliceTests {
    /// Frames whose memory takes 0x100 bytes each; `E` is the evaluation loop.
    private func merged(_ letters: String, complete: Bool = true, _ calls: [EvaluatorCall]) -> String {
        let letters = Array(letters)
        let frames = letters.indices.map {
            NativeFrame(address: UInt64($0), stackPointer: 0x1000 + UInt64($0) * 0x100, isExact: $0 == 0)
        }
        let order = StackSplice.merge(
            NativeStack(frames: frames, isComplete: complete), isEvaluator: letters.map { $0 == "E" }, calls)
        return order.map { element in
            switch element {
            case .native(let index): String(letters[index])
            case .interpreted(let index): String(index)
            }
        }.joined()
    }

    private func call(_ count: Int, at address: UInt64? = nil) -> EvaluatorCall {
        EvaluatorCall(frameCount: count, stackAddress: address)
    }

    @Test func aLoopStandsForAllFramesItRuns() {
        #expect(merged("sEvqEm", [call(2), call(3)]) == "s01vq234m")
        #expect(merged("sEEm", [call(1)]) == "s0m")
    }

    @Test func aLoopThatWasJustEnteredIsNoFrameYet() {
        #expect(merged("EvEm", [call(2)]) == "Ev01m")
        #expect(merged("EvEm", complete: false, [call(2), call(1)]) == "01v2m")
    }

    @Test func aStackThatWasCutIsMatchedFromItsInnermostFrame() {
        #expect(merged("sEvE", complete: false, [call(1), call(1), call(1)]) == "s0v12")
    }

    @Test func anAddressSaysWhichFrameIsTheLoopWithoutItsName() {
        #expect(merged("sxvym", [call(2, at: 0x1180), call(1, at: 0x1308)]) == "s01v2m")
        // Calls without a frame of their own are only links.
        #expect(merged("sxvym", [call(0, at: 0x1180), call(1, at: 0x1308), call(0)]) == "sv0m")
    }

    @Test func nothingOfTheInterpretedStackIsEverLost() {
        for letters in ["", "s", "sEm", "EEEE", "sxyz"] {
            for addresses in [[nil, nil], [0, .max], [0x1080, 0x1080], [0x1180, nil], [0x1300, 0x1000]] as [[UInt64?]] {
                let text = merged(letters, addresses.map { call(2, at: $0) })
                #expect(text.filter(\.isNumber) == "0123", "\(letters) \(addresses)")
            }
        }
    }
}
