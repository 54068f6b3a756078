internal import CLinux

/// The C library's heap, where Swift's values live too.
public enum Heap {
    /// Keeps it small: one arena for all threads, and what is free at its end goes back to the kernel from eight
    /// megabytes on.
    ///
    /// By default glibc learns from the first large table to keep tens of megabytes for the next one. Tables of up to
    /// sixteen megabytes come from the heap all the same: from the kernel each would be a thousand page faults a
    /// refresh. To be called before there is a second thread. The C function is mallopt(3).
    public static func keepSmall() {
        _ = cl_mallopt(M_ARENA_MAX, 1)
        _ = cl_mallopt(M_TRIM_THRESHOLD, 8 << 20)
        _ = cl_mallopt(M_MMAP_THRESHOLD, 16 << 20)
    }

    /// Gives the kernel back what is free, after much was used for a moment. The C function is malloc_trim(3).
    public static func giveBack() {
        _ = cl_malloc_trim()
    }
}
