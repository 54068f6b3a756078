/// How much tasks waited for a resource. Source: `/proc/pressure/*` or a cgroup's `*.pressure`.
public struct Pressure: Sendable, Hashable, BitwiseCopyable {
    /// What tasks wait for.
    public enum Resource: Sendable, Hashable, CaseIterable {
        case cpu, memory, io
    }

    /// One line of the file.
    public struct Share: Sendable, Hashable, BitwiseCopyable {
        /// Over the last ten seconds. Unit: percent of the time.
        public var average10: Double
        /// Over the last minute.
        public var average60: Double
        /// Over the last five minutes.
        public var average300: Double
        /// Since boot. Unit: microseconds.
        public var totalMicroseconds: UInt64

        /// Describes a share.
        public init(average10: Double, average60: Double, average300: Double, totalMicroseconds: UInt64) {
            self.average10 = average10
            self.average60 = average60
            self.average300 = average300
            self.totalMicroseconds = totalMicroseconds
        }

        init?(_ bytes: Span<UInt8>, _ start: Int) {
            var index = start
            guard bytes.skip(" avg10=", &index), let ten = bytes.fraction(&index),
                bytes.skip(" avg60=", &index), let sixty = bytes.fraction(&index),
                bytes.skip(" avg300=", &index), let threeHundred = bytes.fraction(&index),
                bytes.skip(" total=", &index), let total = bytes.decimal(&index)
            else { return nil }
            self.init(average10: ten, average60: sixty, average300: threeHundred, totalMicroseconds: total)
        }
    }

    /// Time in which at least one task waited.
    public var some: Share
    /// Time in which all tasks that had work waited. Absent: for the CPU before 5.13.
    public var full: Share?

    /// Parses the file; nil when a line is cut or the first is missing.
    public init?(parsing bytes: Span<UInt8>) {
        guard bytes.endsWithNewline, bytes.holds("some", at: 0), let some = Share(bytes, 4) else { return nil }
        self.some = some
        let next = bytes.lineEnd(from: 0) + 1
        guard bytes.holds("full", at: next) else { return }
        guard let full = Share(bytes, next + 4) else { return nil }
        self.full = full
    }
}

extension ProcReader {
    /// Reads `/proc/pressure/<resource>`; gone or unavailable where the kernel does not account pressure.
    public mutating func pressure(_ resource: Pressure.Resource) -> Reading<Pressure> {
        let path =
            switch resource {
            case .cpu: Self.path("pressure/cpu")
            case .memory: Self.path("pressure/memory")
            case .io: Self.path("pressure/io")
            }
        return read(path, .onePiece, Pressure.init(parsing:))
    }
}
