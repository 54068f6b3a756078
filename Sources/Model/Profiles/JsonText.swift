extension ProfileOutput {
    /// A JSON string, fit to stand in a page too: no `<` begins a tag in it, no separator ends a line of script.
    mutating func writeJson(_ text: String) { write(jsonBytes(text)) }

    /// A member of an object whose value is a string.
    mutating func writeJson(_ name: String, _ text: String) {
        writeJson(name)
        write(UInt8(ascii: ":"))
        writeJson(text)
    }
}

/// A JSON string with its quotes.
func jsonBytes(_ text: String) -> [UInt8] {
    var result = [UInt8(ascii: "\"")]
    result.reserveCapacity(text.utf8.count + 2)
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x22, 0x5c:
            result.append(UInt8(ascii: "\\"))
            result.append(UInt8(truncatingIfNeeded: scalar.value))
        case 0..<32, 0x3c, 0x7f..<0xa0, 0x2028, 0x2029:
            let digits = String(scalar.value, radix: 16)
            result += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
        default: result += String(Character(scalar)).utf8
        }
    }
    result.append(UInt8(ascii: "\""))
    return result
}

extension RecordingStatistics {
    /// The members of a JSON object, without its braces.
    var jsonMembers: String {
        """
        "mode":"\(mode.rawValue)","sampling":"\(sampling == .clocks ? "clocks" : "polling")","askedHz":\(jsonNumber(askedHz)),\
        "achievedHz":\(achievedHz.map(jsonNumber) ?? "null"),\
        "elapsedNanoseconds":\(elapsedNanoseconds),"rounds":\(rounds),"missedRounds":\(missedRounds),\
        "samples":\(samples),"retries":\(retries),"torn":\(torn),"stops":\(stops),\
        "stoppedNanoseconds":\(stoppedNanoseconds),"longestStopNanoseconds":\(longestStopNanoseconds),\
        "nativeStacks":\(nativeStacks),"nativeCut":\(nativeCut),"nativeMissing":\(nativeMissing),\
        "unreadProcesses":\(unreadProcesses),"errors":\(errors),"cutSamples":\(cutSamples),"forgottenSamples":\(forgottenSamples)
        """
    }
}

/// A number without a fraction where it has none, with three decimals where it has one.
func jsonNumber(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "null" }
    return value == value.rounded() ? String(Int64(value)) : fixed(value, 3)
}
