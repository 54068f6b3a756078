internal import CUnwind
public import Linux

/// libunwind.
public enum UnwindLibrary {
    /// The library; nil where it is not installed. Its functions are in the order of the shim's list.
    public static let shared = SharedLibrary(
        fileName, functions: (0..<Int32(CU_FUNCTIONS)).map { unsafe String(cString: cu_name($0)) })

    /// Its file, as the loader looks for it.
    public static var fileName: String { unsafe String(cString: cu_library()) }

    /// What to do where it is missing.
    public static var remedy: String {
        "install libunwind (Debian, Ubuntu: apt-get install libunwind8; Fedora: dnf install libunwind)"
    }
}
