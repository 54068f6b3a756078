internal import CBpf
internal import Linux

/// libbpf.
enum BpfLibrary {
    /// The library; nil where it is not installed. Its functions are in the order of the shim's list.
    static let shared: SharedLibrary? = {
        let names = (0..<Int32(CB_FUNCTIONS)).map { unsafe String(cString: cb_name($0)) }
        guard let library = SharedLibrary(fileName, functions: names) else { return nil }
        unsafe cb_silence(library[CB_SET_PRINT])
        return library
    }()

    /// Its file, as the loader looks for it; the number of its interface has not changed since libbpf 1.0.
    static var fileName: String { "libbpf.so.1" }

    /// What to do where it is missing.
    static var remedy: String {
        "install libbpf 1.0 or newer (Debian, Ubuntu: apt-get install libbpf1; Fedora: dnf install libbpf)"
    }
}
