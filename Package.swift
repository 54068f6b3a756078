// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is compiled with the same strictness: safety is opted out of word by word.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// What reads memory is optimised when it is tested as well: unoptimised, a thread that runs is faster than its reader.
let optimized = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

func module(
    _ name: String, in floor: String, _ dependencies: [Target.Dependency] = [],
    resources: [Resource] = [], settings: [SwiftSetting] = strict
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)",
        resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)",
        exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "vivarium",
    products: [.executable(name: "viv", targets: ["viv"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // Shims: one C function per call, no logic.
        .systemLibrary(name: "CLinux", path: "Sources/Shims/CLinux"),
        .target(
            name: "CNcurses", path: "Sources/Shims/CNcurses",
            linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
        .systemLibrary(name: "CUnwind", path: "Sources/Shims/CUnwind"),
        .systemLibrary(name: "CBpf", path: "Sources/Shims/CBpf"),

        // Kernel: bytes to values.
        module("Linux", in: "Kernel", ["CLinux"], settings: optimized),
        module("ProcFS", in: "Kernel", ["Linux", "SystemCalls"]),
        module("Elf", in: "Kernel"),
        module("CoreFiles", in: "Kernel", ["Linux", "Elf"]),
        module("PerfEvents", in: "Kernel", ["Linux", "CLinux"]),
        module("TaskAccounting", in: "Kernel", ["Linux", "CLinux"]),
        module("ProcessEvents", in: "Kernel", ["Linux", "CLinux"]),
        module(
            "SystemCallFacts", in: "Kernel",
            resources: [
                "system-calls", "system-calls-arm64", "system-call-kinds", "system-call-constants",
                "system-call-structures",
            ].map { .embedInCode("../../../Resources/\($0).txt") }),
        module("SystemCalls", in: "Kernel", ["Linux", "SystemCallFacts"], settings: optimized),

        module("StopTracing", in: "Kernel", ["Linux", "SystemCalls"], settings: optimized),

        .target(
            name: "BpfPrograms", dependencies: ["Linux", "ProcFS", "SystemCalls", "CBpf"],
            path: "Sources/Kernel/BpfPrograms",
            swiftSettings: optimized, plugins: ["EmbedPrograms"]),
        .plugin(name: "EmbedPrograms", capability: .buildTool(), path: "Sources/Build/EmbedPrograms"),

        // Runtime: the target's memory to values.
        module(
            "PythonInspection", in: "Runtime", ["Elf", "BpfPrograms"],
            resources: [
                .embedInCode("../../../Resources/cpython-layouts.txt"),
                .embedInCode("../../../Resources/cpython-debug-offsets.txt"),
                .embedInCode("../../../Resources/cpython-objects.txt"),
            ], settings: optimized),
        module("NativeStacks", in: "Runtime", ["Linux", "ProcFS", "Elf", "CUnwind"]),

        // Model: values and previous values to snapshots.
        module("Model", in: "Model", ["ProcFS", "PythonInspection", "Profiles"]),
        module(
            "Profiles", in: "Model",
            resources: ["flamegraph.css", "flamegraph.js", "profile.css", "profile.html", "profile.js"].map {
                .embedInCode("../../../Resources/\($0)")
            }),

        // Engine: when to sample.
        module("Sampling", in: "Engine"),
        module(
            "Samplers", in: "Engine",
            [
                "Sampling", "Model", "Linux", "ProcFS", "PerfEvents", "TaskAccounting",
                "ProcessEvents", "PythonInspection", "NativeStacks", "Profiles", "CoreFiles", "BpfPrograms",
                "SystemCalls", "StopTracing",
            ], settings: optimized),

        // Interface: state to cells to terminal.
        module("Cells", in: "Interface"),
        module("Terminal", in: "Interface", ["Cells", "CNcurses"]),
        module("Panels", in: "Interface", ["Cells", "Model", "PythonInspection", "Profiles"]),

        .executableTarget(
            name: "viv",
            dependencies: [
                "Linux", "ProcFS", "PerfEvents", "TaskAccounting", "ProcessEvents",
                "PythonInspection", "Model", "Profiles", "Sampling", "Samplers", "Cells", "Terminal", "Panels",
                "CoreFiles", "NativeStacks", "SystemCalls",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            path: "Sources/viv",
            resources: [
                .embedInCode("../../Resources/default.toml"), .embedInCode("../../Resources/completion.bash"),
                .embedInCode("../../Resources/completion.fish"), .embedInCode("../../Resources/completion.zsh"),
            ],
            swiftSettings: strict),

        // Processes, files and random numbers that tests of several modules need.
        .target(name: "TestProcesses", dependencies: ["Linux"], path: "Tests/Support", swiftSettings: strict),

        tests("Linux", ["Linux", "TestProcesses"]),
        tests("ProcFS", ["ProcFS", "Linux", "CLinux", "TestProcesses"]),
        tests("Model", ["Model", "ProcFS", "PythonInspection"]),
        tests(
            "PythonInspection",
            ["PythonInspection", "NativeStacks", "Linux", "Samplers", "TestProcesses", "CoreFiles"],
            exclude: ["Recordings"]),
        tests("PerfEvents", ["PerfEvents", "TestProcesses"]),
        tests("BpfPrograms", ["BpfPrograms", "Linux", "ProcFS", "TestProcesses"]),
        tests("SystemCalls", ["SystemCalls", "TestProcesses"]),
        tests("StopTracing", ["StopTracing", "SystemCalls", "Linux", "TestProcesses"]),
        tests("TaskAccounting", ["TaskAccounting", "CLinux", "TestProcesses"]),
        tests("ProcessEvents", ["ProcessEvents", "Linux"]),
        tests("Cells", ["Cells", "TestProcesses"]),
        tests("Terminal", ["Terminal", "Cells", "TestProcesses"]),
        tests("Sampling", ["Sampling"]),
        tests(
            "Samplers",
            ["Linux", "Samplers", "Model", "PythonInspection", "Profiles", "TestProcesses", "BpfPrograms"]),
        tests("Panels", ["Panels", "Cells", "Model", "PythonInspection", "Profiles"], exclude: ["Snapshots"]),
        tests("Profiles", ["Profiles"]),
        // Profiles in every format, for the programs that read them.
        .executableTarget(
            name: "ProfileFiles", dependencies: ["Profiles", "Linux"], path: "Tests/ProfileFiles",
            swiftSettings: strict,
            linkerSettings: [.linkedLibrary("m")]),
        tests("CoreFiles", ["CoreFiles", "Elf", "Linux", "Samplers", "PythonInspection", "TestProcesses"]),
        tests("NativeStacks", ["NativeStacks", "Elf", "Linux", "TestProcesses"]),
    ],
    cxxLanguageStandard: .cxx17
)
