/// Why a command ends without success: text with the remedy, and the exit code of the contract.
struct Failure: Error {
    /// Exit codes.
    enum Code: Int32 {
        case failed = 1
        case usage = 2
        case refused = 3
        case gone = 4
    }

    var code: Code
    var text: String

    init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }
}
