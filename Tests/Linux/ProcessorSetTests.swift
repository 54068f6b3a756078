import Linux
import Testing

@Suite struct ProcessorSetTests {
    @Test func theCallingThreadRunsWhereItIsTold() throws {
        let before = try ProcessorSet()
        let one = try #require(
            (0..<64).lazy.compactMap { ProcessorSet($0) }.first { (try? $0.useForCallingThread()) != nil })
        #expect(try ProcessorSet() == one)
        try before.useForCallingThread()
        #expect(try ProcessorSet() == before)
    }

    @Test func aProcessorThatThereIsNotIsRefused() throws {
        let before = try ProcessorSet()
        #expect(throws: Errno.invalidArgument) { try ProcessorSet(8191)?.useForCallingThread() }
        #expect(try ProcessorSet() == before)
        #expect(ProcessorSet(-1) == nil && ProcessorSet(8192) == nil)
    }
}
