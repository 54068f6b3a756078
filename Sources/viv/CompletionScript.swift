internal import ArgumentParser

/// The scripts that teach a shell to complete viv's words: those of ArgumentParser, and what they lack.
///
/// ArgumentParser's know of no default command: `viv gun` and `viv --ke` would be offered nothing of the dashboard's.
/// What is added stands in Resources/completion.*.
enum CompletionScript {
    private static let option = "--generate-completion-script"

    /// The script that a command line asks for.
    ///
    /// - Returns: `nil` where it asks for none, or for that of an unknown shell: ArgumentParser says so then.
    static func requested(by words: [String]) -> String? {
        guard words.count > 1, words[1] == option || words[1].hasPrefix(option + "=") else { return nil }
        let name = words[1] == option ? words.dropFirst(2).first : String(words[1].dropFirst(option.count + 1))
        guard let shell = name.map({ CompletionShell(rawValue: $0) }) ?? CompletionShell.autodetected() else {
            return nil
        }
        let script = Viv.completionScript(for: shell)
        switch shell {
        case .bash: return script + "\n" + addition(PackageResources.completion_bash)
        case .zsh: return zsh(script, addition(PackageResources.completion_zsh))
        case .fish: return script + "\n" + addition(PackageResources.completion_fish)
        default: return script
        }
    }

    /// A text of Resources/, with the words that are commands when they come first.
    private static func addition(_ resource: [UInt8]) -> String {
        String(decoding: resource, as: UTF8.self).split(separator: "COMMANDS", omittingEmptySubsequences: false)
            .joined(separator: Viv.commandNames.joined(separator: " "))
    }

    /// In zsh the last lines of the script call what the others define: the addition has to stand before them.
    private static func zsh(_ script: String, _ addition: String) -> String {
        let lines = script.split(separator: "\n", omittingEmptySubsequences: false).map(withEqualsSign)
        let call = lines.lastIndex { $0.hasPrefix("if [[ \"${funcstack[1]}\"") } ?? lines.endIndex
        return (lines[..<call] + [addition] + lines[call...]).joined(separator: "\n")
    }

    /// An option of `_arguments` that takes a value, so that `--option=value` is completed like `--option value`.
    private static func withEqualsSign(_ line: Substring) -> String {
        let text = line.drop { $0 == " " }
        guard text.hasPrefix("'--"), text.firstRange(of: "]:") != nil, let bracket = line.firstIndex(of: "[") else {
            return String(line)
        }
        return line[..<bracket] + "=" + line[bracket...]
    }
}
