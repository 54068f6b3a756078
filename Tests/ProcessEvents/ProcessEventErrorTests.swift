import Glibc
import Linux
import Testing

@testable import ProcessEvents

struct ProcessEventErrorTests {
    private func remedy(_ errno: Int32, _ left: [HostNamespace]?) -> String {
        switch ProcessEventError(errno: errno, left: left) {
        case .refused(_, let remedy), .unsupported(_, let remedy): remedy
        }
    }

    @Test func aRefusedConnectionIsAnotherNetwork() {
        #expect(remedy(ECONNREFUSED, []).contains("host's network namespace"))
        #expect(remedy(ECONNREFUSED, [.pid]).contains("host's network and pid namespaces"))
        #expect(remedy(ECONNREFUSED, [.pid, .user]).hasSuffix("--net=host --pid=host --userns=host"))
    }

    @Test func silenceIsAnotherNamespaceOrAKernelWithoutEvents() {
        #expect(remedy(ETIMEDOUT, [.user]).contains("host's user namespace"))
        #expect(remedy(ETIMEDOUT, []) == "the kernel needs CONFIG_PROC_EVENTS")
        #expect(remedy(ETIMEDOUT, nil).contains("namespaces") && remedy(ETIMEDOUT, nil).contains("CONFIG_PROC_EVENTS"))
    }

    @Test func rootOfAnotherUserNamespaceIsNotToldToBecomeRoot() {
        #expect(remedy(EPERM, []).contains("CAP_NET_ADMIN"))
        #expect(!remedy(EPERM, [.user]).contains("CAP_NET_ADMIN"))
    }

    @Test func aMissingProtocolIsTheKernels() {
        #expect(remedy(EPROTONOSUPPORT, []).contains("CONFIG_CONNECTOR"))
    }
}
