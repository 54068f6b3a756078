internal import ArgumentParser
internal import Cells
internal import Linux

/// `viv doctor`: what works here, for this user.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what works on this host for this user, and what to do about the rest.",
        discussion: """
            Lines marked -- name what is missing; an arrow gives the remedy. Nothing is changed.

            EXAMPLES
              viv doctor
              sudo viv doctor --json
            """)

    @Flag(help: "One JSON document.") var json = false

    func run() throws {
        let findings = Examination.all()
        if json {
            let list = findings.map {
                Json.object([
                    ("name", .string($0.name)), ("works", .bool($0.works)), ("detail", .string($0.detail)),
                    ("remedy", .optional($0.remedy)),
                ])
            }
            Output.line(
                Json.object([
                    ("version", .string(Viv.version)), ("kernel", .string(Machine.kernelRelease())),
                    ("user", .integer(Int64(Machine.effectiveUser()))), ("findings", .array(list)),
                ]).text)
            return
        }
        Output.line("viv \(Viv.version) on Linux \(visible(Machine.kernelRelease()))")
        for finding in findings {
            Output.line((finding.works ? "  ok  " : "  --  ") + finding.name + ": " + visible(finding.detail))
            if let remedy = finding.remedy { Output.line("      → " + visible(remedy)) }
        }
    }
}
