internal import CUnwind

/// libunwind, opened when it is first needed: a shared library that is not on every machine.
public struct UnwindLibrary: Sendable {
    /// The library; nil where it is not installed.
    public static let shared = UnwindLibrary()

    /// Its file, as the loader looks for it.
    public static var fileName: String { unsafe String(cString: cu_library()) }

    /// What to do where it is missing.
    public static var remedy: String {
        "install libunwind (Debian, Ubuntu: apt-get install libunwind8; Fedora: dnf install libunwind)"
    }

    /// Addresses of the functions, in the order of the shim's list.
    private let addresses: [UInt]

    private init?() {
        guard let library = unsafe cu_open(cu_library()) else { return nil }
        var addresses: [UInt] = []
        for function in 0..<Int32(CU_FUNCTIONS) {
            guard let address = unsafe cu_find(library, cu_name(function)) else { return nil }
            addresses.append(UInt(bitPattern: address))
        }
        self.addresses = addresses
    }

    subscript(_ function: Int) -> UnsafeMutableRawPointer? {
        unsafe UnsafeMutableRawPointer(bitPattern: addresses[function])
    }
}
