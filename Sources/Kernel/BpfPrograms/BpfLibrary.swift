internal import CBpf

/// libbpf, opened when it is first needed: a shared library that is not on every machine.
public struct BpfLibrary: Sendable {
    /// The library; nil where it is not installed.
    public static let shared = BpfLibrary()

    /// Its file, as the loader looks for it.
    public static var fileName: String { unsafe String(cString: cb_library()) }

    /// What to do where it is missing.
    public static var remedy: String {
        "install libbpf 1.0 or newer (Debian, Ubuntu: apt-get install libbpf1; Fedora: dnf install libbpf)"
    }

    /// Addresses of the functions, in the order of the shim's list.
    private let addresses: [UInt]

    private init?() {
        guard let library = unsafe cb_open_library() else { return nil }
        var addresses: [UInt] = []
        for function in 0..<Int32(CB_FUNCTIONS) {
            guard let address = unsafe cb_find(library, function) else { return nil }
            addresses.append(UInt(bitPattern: address))
        }
        self.addresses = addresses
        unsafe cb_silence(self[CB_SET_PRINT])
    }

    subscript(_ function: Int) -> UnsafeMutableRawPointer? {
        unsafe UnsafeMutableRawPointer(bitPattern: addresses[function])
    }
}
