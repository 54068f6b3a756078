extension ValueReader {
    /// Dates and times; nil for what is none, false when it does not look like one. Source: `Include/datetime.h`.
    mutating func writeDate<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ type: ValueClass, name: String, _ memory: inout Memory
    ) -> Bool? {
        switch type.native.name {
        case "datetime.date":
            guard let data = try? memory.bytes(object + layout["datetime.data"], 4) else { return false }
            out += "\(name)(\(year(data)), \(data[2]), \(data[3]))"
        case "datetime.datetime": return writeDateTime(object, name, &memory)
        case "datetime.time": return writeTime(object, name, &memory)
        case "datetime.timedelta":
            guard let bytes = try? memory.bytes(object + layout["timedelta.days"], 12) else { return false }
            writeDuration(name, (0..<3).map { Int(bytes.int($0 * 4)) })
        case "datetime.timezone": return writeTimeZone(object, &memory)
        case "zoneinfo.ZoneInfo":
            guard let key = try? memory.pointer(object + layout["zoneinfo.key"]) else { return false }
            out += "zoneinfo.ZoneInfo(key="
            write(key, &memory)
            out += ")"
        default: return nil
        }
        return true
    }

    private func year(_ data: [UInt8]) -> Int { Int(data[0]) << 8 | Int(data[1]) }

    private func microseconds(_ data: ArraySlice<UInt8>) -> Int { data.reduce(0) { $0 << 8 | Int($1) } }

    private mutating func writeDateTime<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ name: String, _ memory: inout Memory
    ) -> Bool {
        guard let head = try? memory.bytes(object, layout["datetime.tzinfo"]) else { return false }
        let data = Array(head[layout["datetime.data"]..<layout["datetime.fold"]])
        var parts = [year(data)] + data[2..<6].map { Int($0) }
        append(second: Int(data[6]), microseconds(data[7..<10]), to: &parts)
        out += "\(name)(" + parts.map { "\($0)" }.joined(separator: ", ")
        if head.byte(layout["datetime.fold"]) == 1 { out += ", fold=1" }
        let hasZone = head.byte(layout["datetime.hastzinfo"]) != 0
        return writeZone(hasZone ? object + layout["datetime.tzinfo"] : nil, &memory)
    }

    private mutating func writeTime<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ name: String, _ memory: inout Memory
    ) -> Bool {
        guard let head = try? memory.bytes(object, layout["time.tzinfo"]) else { return false }
        let data = Array(head[layout["datetime.data"]..<layout["time.fold"]])
        var parts = [Int(data[0]), Int(data[1])]
        append(second: Int(data[2]), microseconds(data[3..<6]), to: &parts)
        out += "\(name)(" + parts.map { "\($0)" }.joined(separator: ", ")
        let hasZone = head.byte(layout["datetime.hastzinfo"]) != 0
        let fold = head.byte(layout["time.fold"]) == 1 ? ", fold=1" : ""
        return writeZone(hasZone ? object + layout["time.tzinfo"] : nil, behind: fold, &memory)
    }

    private func append(second: Int, _ microsecond: Int, to parts: inout [Int]) {
        if second != 0 || microsecond != 0 { parts.append(second) }
        if microsecond != 0 { parts.append(microsecond) }
    }

    /// The rest of a time's text: its zone where it has one.
    private mutating func writeZone<Memory: RemoteMemory & ~Copyable>(
        _ place: RemoteAddress?, behind: String = "", _ memory: inout Memory
    ) -> Bool {
        if let place {
            guard let zone = try? memory.pointer(place) else { return false }
            out += ", tzinfo="
            write(zone, &memory)
        }
        out += behind + ")"
        return true
    }

    private mutating func writeDuration(_ name: String, _ parts: [Int]) {
        if layout.version.minor < 7 {
            // The last parts that are nothing are left out, but for the days.
            let count = parts[2] != 0 ? 3 : parts[1] != 0 ? 2 : 1
            out += "\(name)(" + parts[..<count].map { "\($0)" }.joined(separator: ", ") + ")"
            return
        }
        let named = zip(["days", "seconds", "microseconds"], parts).filter { $0.1 != 0 }.map { "\($0.0)=\($0.1)" }
        out += "\(name)(" + (named.isEmpty ? "0" : named.joined(separator: ", ")) + ")"
    }

    /// Source: `PyDateTime_TimeZone`.
    private mutating func writeTimeZone<Memory: RemoteMemory & ~Copyable>(
        _ object: RemoteAddress, _ memory: inout Memory
    ) -> Bool {
        guard let offset = try? memory.pointer(object + layout["timezone.offset"]),
            let label = try? memory.pointer(object + layout["timezone.name"]),
            let bytes = try? memory.bytes(offset + layout["timedelta.days"], 12)
        else { return false }
        // There is but one without offset and name.
        if label.rawValue == 0, (0..<3).allSatisfy({ bytes.int($0 * 4) == 0 }) {
            out += "datetime.timezone.utc"
            return true
        }
        out += "datetime.timezone("
        write(offset, &memory)
        if label.rawValue != 0 {
            out += ", "
            write(label, &memory)
        }
        out += ")"
        return true
    }
}
