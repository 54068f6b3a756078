internal import CLinux

/// A shared library that is opened when it is first needed: linked, it would make every start slower, and keep viv from starting
/// where it is not installed.
public struct SharedLibrary: Sendable {
    /// Addresses of its functions, in the order in which they were asked for.
    private let addresses: [UInt]

    /// Opens a library; nil where it is not installed, or lacks a function.
    ///
    /// - Parameters:
    ///   - fileName: its file, as the loader looks for it.
    ///   - functions: what is used of it.
    public init?(_ fileName: String, functions: [String]) {
        guard let library = unsafe cl_open_library(fileName) else { return nil }
        addresses = functions.compactMap { name in
            unsafe cl_find_function(library, name).map { UInt(bitPattern: $0) }
        }
        guard addresses.count == functions.count else { return nil }
    }

    /// The address of a function, by its place in the list.
    public subscript(_ function: Int) -> UnsafeMutableRawPointer? {
        unsafe UnsafeMutableRawPointer(bitPattern: addresses[function])
    }
}
