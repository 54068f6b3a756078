import PackagePlugin

/// Compiles the BPF programs of Resources/bpf with the toolchain's own compiler and makes each an array of bytes in the module that asks for it.
@main
struct EmbedPrograms: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let root = context.package.directoryURL
        let shims = root.appending(path: "Sources/Shims/CBpf")
        return try ["clock-stacks", "system-calls", "task-table"].map { name in
            let source = root.appending(path: "Resources/bpf/\(name).bpf.c")
            let output = context.pluginWorkDirectoryURL.appending(path: "\(name).swift")
            let header = shims.appending(path: String(name.map { $0 == "-" ? "_" : $0 }) + ".h")
            let script = root.appending(path: "Sources/Build/embed-program")
            return .buildCommand(
                displayName: "Compiling \(name).bpf.c", executable: script,
                arguments: [try context.tool(named: "clang").url.path, shims.path, source.path, output.path],
                inputFiles: [script, source, header], outputFiles: [output])
        }
    }
}
