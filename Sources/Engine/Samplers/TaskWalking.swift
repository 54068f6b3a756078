internal import BpfPrograms

/// What reads all processes and threads in one go: a BPF program that the kernel runs for each of its tasks.
public enum TaskWalking {
    /// Why it is not possible here, with the remedy; nil where it is.
    public static var trouble: String? {
        do throws(BpfError) {
            var table = try TaskTable()
            try table.read()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
