import Glibc
import Linux
import Testing

@Suite struct ErrnoTests {
    @Test("An error says its name in C", arguments: [(EACCES, "EACCES"), (ENOSYS, "ENOSYS"), (EHWPOISON, "EHWPOISON")])
    func name(number: Int32, name: String) {
        #expect(Errno(rawValue: number).name == name)
    }

    @Test(.enabled(if: LibraryCalls.has("strerrorname_np"), "this C library does not name errors"))
    func everyNameIsTheOneOfTheCLibrary() {
        for number in Int32(1)...133 {
            #expect(Errno(rawValue: number).name == LibraryCalls.errorName(number) ?? "errno \(number)")
        }
    }

    @Test func aPersonIsToldWhatTheNameMeans() {
        #expect(Errno.permissionDenied.description == "EACCES (permission denied)")
        #expect("\(Errno.notImplemented)" == "ENOSYS (not in this kernel)")
        #expect(Errno(rawValue: EXDEV).description == "EXDEV")
    }

    @Test func aNumberWithoutANameIsShownAsItIs() {
        #expect(Errno(rawValue: 41).name == "errno 41")
        #expect(Errno(rawValue: 4_000).name == "errno 4000")
        #expect(Errno(rawValue: -3).name == "errno -3")
        #expect(Errno(rawValue: 0).name == "errno 0")
    }

    @Test func theNamedErrorsHaveTheNumbersOfThisMachine() {
        #expect(Errno.noSuchProcess.rawValue == ESRCH)
        #expect(Errno.notSupported.rawValue == EOPNOTSUPP)
        #expect(Errno.tooManyOpenFiles.rawValue == EMFILE)
        #expect(Errno.nameTooLong.rawValue == ENAMETOOLONG)
        #expect(Errno.permissionDenied.isRefusal && Errno.operationNotPermitted.isRefusal)
        #expect(Errno.noEntry.isAbsence && Errno.noSuchProcess.isAbsence && !Errno.badAddress.isAbsence)
    }

    @Test func aNegativeResultIsThrownAndAnyOtherReturned() throws {
        #expect(try Errno.check(Int32(0)) == 0)
        #expect(try Errno.check(7) == 7)
        #expect(throws: Errno.badAddress) { try Errno.check(-14) }
    }
}
