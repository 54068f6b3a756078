internal import BpfPrograms
internal import Linux

/// What reads all processes and threads in one go: a BPF program that the kernel runs for each of its tasks.
public enum TaskWalking {
    /// Why it is not possible here, with the remedy; nil where it is.
    public static var trouble: String? {
        do throws(BpfError) {
            var table = try TaskTable()
            do throws(Errno) { try table.read() } catch { throw .unsupported(error) }
            return nil
        } catch {
            return "\(error)"
        }
    }
}
