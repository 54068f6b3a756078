/// Reads one source. A value that knows no timer and no panel; it may block.
public protocol Sampler: ~Copyable {
    /// What one sample yields.
    associatedtype Snapshot: Sendable
    /// What subscribers may ask of it, such as which rows are on the screen.
    associatedtype Demand: Sendable

    /// Reads the source once. Called on one queue only.
    mutating func sample(_ demand: Demand) throws -> Snapshot
}
