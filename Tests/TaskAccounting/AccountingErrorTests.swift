import Testing

@testable import TaskAccounting

@Suite struct AccountingErrorTests {
    /// What `viv doctor` prints is for people: no Swift, no numbers of errno.
    @Test(arguments: [1, 13, 22, 105, 2] as [Int32])
    func anErrorReadsAsASentence(errno: Int32) {
        let text = "\(AccountingError(errno: errno))"
        #expect(text.hasPrefix("the kernel ") && !text.contains("errno") && !text.contains("("))
    }
}
