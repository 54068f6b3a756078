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

func module(
    _ name: String, in floor: String, _ dependencies: [Target.Dependency] = [],
    resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)",
        resources: resources, swiftSettings: strict)
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

        // Kernel: bytes to values.
        module("Linux", in: "Kernel", ["CLinux"]),
        module("ProcFS", in: "Kernel", ["Linux"]),
        module("PerfEvents", in: "Kernel", ["Linux", "CLinux"]),
        module("TaskAccounting", in: "Kernel", ["Linux", "CLinux"]),
        module("ProcessEvents", in: "Kernel", ["Linux", "CLinux"]),

        // Runtime: the target's memory to values.
        module(
            "PythonInspection", in: "Runtime",
            resources: [.embedInCode("../../../Resources/cpython-layouts.txt")]),

        // Model: values and previous values to snapshots.
        module("Model", in: "Model", ["ProcFS", "PythonInspection"]),

        // Engine: when to sample.
        module("Sampling", in: "Engine"),
        module(
            "Samplers", in: "Engine",
            [
                "Sampling", "Model", "Linux", "ProcFS", "PerfEvents", "TaskAccounting",
                "ProcessEvents", "PythonInspection",
            ]),

        // Interface: state to cells to terminal.
        module("Cells", in: "Interface"),
        module("Terminal", in: "Interface", ["Cells", "CNcurses"]),
        module("Panels", in: "Interface", ["Cells", "Model", "PythonInspection"]),

        .executableTarget(
            name: "viv",
            dependencies: [
                "Linux", "ProcFS", "PerfEvents", "TaskAccounting", "ProcessEvents",
                "PythonInspection", "Model", "Sampling", "Samplers", "Cells", "Terminal", "Panels",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            path: "Sources/viv",
            resources: [.embedInCode("../../Resources/default.toml")],
            swiftSettings: strict),

        // Processes, files and random numbers that tests of several modules need.
        .target(name: "TestProcesses", dependencies: ["Linux"], path: "Tests/Support", swiftSettings: strict),

        tests("Linux", ["Linux", "TestProcesses"]),
        tests("ProcFS", ["ProcFS", "Linux", "CLinux", "TestProcesses"]),
        tests("Model", ["Model", "ProcFS"]),
        tests("PythonInspection", ["PythonInspection", "Samplers", "TestProcesses"]),
        tests("PerfEvents", ["PerfEvents", "TestProcesses"]),
        tests("TaskAccounting", ["TaskAccounting", "CLinux", "TestProcesses"]),
        tests("ProcessEvents", ["ProcessEvents"]),
        tests("Cells", ["Cells", "TestProcesses"]),
        tests("Terminal", ["Terminal", "Cells", "TestProcesses"]),
        tests("Sampling", ["Sampling"]),
        tests("Samplers", ["Linux", "Samplers", "Model", "PythonInspection", "TestProcesses"]),
        tests("Panels", ["Panels", "Cells", "Model", "PythonInspection"], exclude: ["Snapshots"]),
    ],
    cxxLanguageStandard: .cxx17
)
