internal import Linux

/// A C program made for a test by the compiler that comes with Swift, or the system's.
public struct CompiledProgram: ~Copyable {
    private let directory: TemporaryDirectory
    /// Where the program is.
    public var path: String { directory.path + "/program" }

    /// Compiles a program.
    ///
    /// - Parameter options: what the compiler is told besides.
    public init(_ source: String, options: String = "-O1 -pthread", language: String = "c") throws {
        let directory = try TemporaryDirectory()
        try directory.write("source", source)
        let compilers = language == "c" ? "cc clang" : "c++ clang++"
        let status = try Child(
            """
            for compiler in \(compilers); do
                command -v $compiler >/dev/null && exec $compiler -x \(language) -o \(directory.path)/program \(directory.path)/source \(options)
            done
            exit 1
            """
        ).reap()
        guard status == 0 else { throw Errno.noEntry }
        self.directory = directory
    }
}
