/// Files as kernels write them.
enum Fixture {
    static let stat =
        "4242 (python3.12) S 1 4242 4200 34816 -1 4194560 1001 2002 3003 4004 5005 6006 7007 8008 25 5 9 0 827737 "
        + "3133440 383 18446744073709551615 93911533182976 93911533202857 140724517463392 0 0 0 0 16781312 134217730 "
        + "0 0 0 17 3 40 2 55 66 77 93911533218864 93911533220480 93911871627264 140724517464760 140724517464798 "
        + "140724517464798 140724517466091 -9\n"

    static let status = """
        Name:\tpy\\nthon\\\\ x
        Umask:\t0027
        State:\tS (sleeping)
        Tgid:\t4242
        Ngid:\t3
        Pid:\t4242
        PPid:\t1
        TracerPid:\t77
        Uid:\t1000\t1001\t1002\t1003
        Gid:\t2000\t2001\t2002\t2003
        FDSize:\t256
        Groups:\t4 24 27 
        NSpid:\t4242\t17\t1
        VmPeak:\t    3060 kB
        VmSize:\t    3050 kB
        VmLck:\t       8 kB
        VmPin:\t       0 kB
        VmHWM:\t    1708 kB
        VmRSS:\t    1700 kB
        RssAnon:\t     112 kB
        RssFile:\t    1500 kB
        RssShmem:\t      88 kB
        VmData:\t     360 kB
        VmStk:\t     132 kB
        VmExe:\t      20 kB
        VmLib:\t    1528 kB
        VmPTE:\t      52 kB
        VmSwap:\t      12 kB
        Threads:\t9
        SigPnd:\t0000000000000001
        ShdPnd:\t0000000000000002
        SigBlk:\t0000000000000004
        SigIgn:\t0000000001001000
        SigCgt:\tffffffff00004000
        CapInh:\t0000000000000008
        CapPrm:\t000001ffffffffff
        CapEff:\t0000000000080000
        CapBnd:\t000001fffeffffff
        CapAmb:\t0000000000000010
        NoNewPrivs:\t1
        Seccomp:\t2
        Seccomp_filters:\t5
        voluntary_ctxt_switches:\t123
        nonvoluntary_ctxt_switches:\t456

        """

    static let io = """
        rchar: 6976
        wchar: 11
        syscr: 10
        syscw: 2
        read_bytes: 4096
        write_bytes: 8192
        cancelled_write_bytes: 512

        """

    static let limits = """
        Limit                     Soft Limit           Hard Limit           Units     
        Max cpu time              unlimited            unlimited            seconds   
        Max stack size            8388608              unlimited            bytes     
        Max open files            1024                 20000                files     
        Max nice priority         0                    3                    

        """

    static let rollup = """
        5597fb2bc000-7fffaedae000 ---p 00000000 00:00 0                          [rollup]
        Rss:                1624 kB
        Pss:                 289 kB
        Pss_Dirty:           112 kB
        Pss_Anon:            112 kB
        Pss_File:            177 kB
        Pss_Shmem:             3 kB
        Shared_Clean:       1456 kB
        Private_Clean:        56 kB
        Private_Dirty:       112 kB
        Private_Hugetlb:       4 kB
        Swap:                  7 kB
        SwapPss:               5 kB
        Locked:                0 kB

        """

    static let cgroup = """
        9:name=systemd:/a:b
        4:cpu,cpuacct:/docker/x
        0::/../up

        """

    static let hostStat = """
        cpu  13175 1 4700 1632195 2453 5 79 4930 7 8
        cpu0 5544 0 2152 818360 124 0 25 2536 0 0
        cpu3 7631 1 2548 813834 2329 5 54 2394 7 8
        intr 285845 0 0 1 14
        ctxt 435760
        btime 1795225780
        processes 8494
        procs_running 4
        procs_blocked 2
        softirq 307416 0 78518

        """

    static let meminfo = """
        MemTotal:       24684092 kB
        MemFree:        23462524 kB
        MemAvailable:   24136072 kB
        Buffers:            4284 kB
        Cached:           854460 kB
        SwapCached:            1 kB
        Active(anon):       1568 kB
        SwapTotal:          2048 kB
        SwapFree:           1024 kB
        Dirty:             87464 kB
        Shmem:              8856 kB
        SReclaimable:      60536 kB
        HugePages_Total:       3

        """

    static let loadavg = "0.25 1.07 12.50 3/190 8494\n"

    static let pressure = """
        some avg10=19.81 avg60=5.94 avg300=1.66 total=22670041
        full avg10=0.20 avg60=0.47 avg300=0.65 total=21206630

        """

    static let vmstat =
        "nr_free_pages 831826\npgpgin 10\npgpgout 20\npswpin 3\npswpout 4\npgfault 500\npgmajfault 6\noom_kill 1\nnr_unstable 0\n"

    static let diskstats = """
           7       0 loop0 9 9 999 9 9 9 999 9 9 9 9
         259       0 nvme0n1 10 0 100 5 20 0 200 6 0 7 8 1 2 3 4 5 6
         259       1 nvme0n1p1 9 0 99 5 20 0 199 6 0 7 8
         259       2 nvme0n1p15 1 0 1 5 20 0 1 6 0 7 8
           8       0 sda 1 0 10 5 2 0 20 6 0 70 8
           8       1 sda1 1 0 10 5 2 0 20 6 0 70 8
          65     160 sdaa 1 0 1 5 2 0 2 6 0 1 8
         254       1 xvda1 1 0 1000 5 2 0 2000 6 0 2 8
         253       0 dm-0 10 0 100 5 20 0 200 6 0 7 8
         253       0 zram0 10 0 100 5 20 0 200 6 0 7 8
           9       0 md127 10 0 100 5 20 0 200 6 0 7 8

        """

    static let maps = """
        559700000000-559700001000 r--p 00000000 fe:00 1048 /usr/bin/uwsgi
        7f0000000000-7f0000001000 r-xp 00000000 fe:00 77 /usr/lib/libpython_helper.so
        7f0000001000-7f0000002000 r-xp 00000000 fe:00 78 /usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0
        7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0 [stack]

        """

    static let mountinfo = """
        22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:1 master:2 - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 /docker/c /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        41 31 0:38 / /mnt/a\\040b\\134 rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate

        """

    static let tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 223344 1 0000 100 0
           1: 0100007F:1F40 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 556677 1 0000 20 4
           2: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 889900 1 0000 100 0
           3: 0100007F:1F40 0100007F:D432 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0000

        """

    static let networkDevices = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo:    3293      31    0    0    0     0          0         0     3293      31    0    0    0     0       0          0
          eth0: 12058683     282    1    2    0     0          0         0    16022     195    3    4    0     0       0          0
        br:0:1:       7       1    0    0    0     0          0         0        9       2    0    0    0     0       0          0

        """
}

extension String {
    /// The bytes, to be parsed.
    var bytes: [UInt8] { Array(utf8) }
}

/// Every beginning of a file that lacks at least its last byte.
func prefixes(_ text: String) -> [[UInt8]] {
    let bytes = text.bytes
    return (0..<bytes.count).map { Array(bytes[..<$0]) }
}

/// NUL, newline, blank, brackets, minus, a digit, a colon, a letter and what is no UTF-8.
private let hostileBytes: [UInt8] = [0, 0x0A, 0x20, 0x28, 0x29, 0x2D, 0x39, 0x3A, 0x66, 0xFF]

/// The file with one byte replaced, for every byte and several hostile replacements.
func mutations(_ text: String) -> [[UInt8]] {
    let bytes = text.bytes
    return bytes.indices.flatMap { index in
        hostileBytes.map { replacement in
            var changed = bytes
            changed[index] = replacement
            return changed
        }
    }
}

/// Parses bytes; the macros of a test cannot hold a span themselves.
func parse<Value>(_ bytes: [UInt8], _ parser: (Span<UInt8>) -> Value?) -> Value? {
    parser(bytes.span)
}

/// Fields of a reading that the whole file gives otherwise: what a cut file says must be absent or the same.
func untrueFields(of cut: Any, in whole: Any) -> [String] {
    let truth = leaves(whole, "")
    let claims = leaves(cut, "")
    // A list that is cut between two lines is shorter; what it holds is still at its place.
    return claims.filter { $0.value != "nil" && truth[$0.key] != $0.value }.map { "\($0.key) = \($0.value)" }.sorted()
}

/// Every value inside a value by its path, as text.
private func leaves(_ value: Any, _ path: String) -> [String: String] {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional, mirror.children.isEmpty { return [path: "nil"] }
    if mirror.children.isEmpty { return mirror.displayStyle == .collection ? [:] : [path: String(describing: value)] }
    var found: [String: String] = [:]
    for (place, child) in mirror.children.enumerated() {
        let name = mirror.displayStyle == .optional ? path : path + "." + (child.label ?? String(place))
        found.merge(leaves(child.value, name)) { first, _ in first }
    }
    return found
}
