extension Column {
    /// What memory it has.
    static let memoryColumns: [Column] = [
        column(
            "virt", "VIRT", "virtualBytes", 5, "bytes", "stat 23", "Address space", htop: "M_VIRT",
            ps: ["vsz", "vsize"]
        ) { row, _ in
            .bytes(Double(row.virtualBytes))
        },
        column(
            "res", "RES", "residentBytes", 5, "bytes", "stat 24", "Resident memory", htop: "M_RESIDENT",
            ps: ["rss", "rssize", "rsz"]
        ) { row, _ in
            .bytes(Double(row.residentBytes))
        },
        column(
            "mem", "MEM%", "memoryPercent", 5, "percent of memory", "stat 24, MemTotal",
            "Resident memory, share of the host",
            htop: "PERCENT_MEM", ps: ["%mem", "pmem"]
        ) { row, table in
            table.scale.memoryBytes == 0
                ? .absent : .percent(Double(row.residentBytes) / Double(table.scale.memoryBytes) * 100)
        },
        column("res/s", "ΔRES", "residentBytesPerSecond", 6, "bytes/s", "stat 24", "Change of resident memory") {
            row, _ in
            .bytes(row.rates?.residentBytes)
        },
        column(
            "shared", "SHR", "sharedBytes", 5, "bytes", "statm 3", "Resident pages of files and shared memory",
            needs: .sizes,
            htop: "M_SHARE"
        ) { row, _ in .bytes(row.extras.sizes?.sharedBytes) },
        column(
            "private", "PRIV", "privateBytes", 5, "bytes", "stat 24 - statm 3", "Resident memory that is not shared",
            needs: .sizes,
            htop: "M_PRIV"
        ) { row, _ in
            .bytes(row.extras.sizes.map { Double(row.residentBytes) - Double(min($0.sharedBytes, row.residentBytes)) })
        },
        column(
            "text", "CODE", "textBytes", 5, "bytes", "statm 4", "Program text", needs: .sizes, htop: "M_TRS",
            ps: ["trs"]
        ) {
            row, _ in
            .bytes(row.extras.sizes?.textBytes)
        },
        column(
            "data", "DATA", "dataBytes", 5, "bytes", "statm 6", "Data and stack", needs: .sizes, htop: "M_DRS",
            ps: ["drs"]
        ) {
            row, _ in
            .bytes(row.extras.sizes?.dataBytes)
        },
        column(
            "pss", "PSS", "proportionalBytes", 5, "bytes", "smaps_rollup Pss", "Resident memory, shared pages divided",
            needs: .shares, htop: "M_PSS"
        ) { row, _ in .bytes(row.extras.shares?.proportionalBytes) },
        column(
            "uss", "USS", "uniqueBytes", 5, "bytes", "smaps_rollup Private_*", "Resident memory nobody else maps",
            needs: .shares
        ) { row, _ in .bytes(row.extras.shares?.uniqueBytes) },
        column(
            "swap", "SWAP", "swapBytes", 5, "bytes", "smaps_rollup Swap", "Swapped-out memory", needs: .shares,
            htop: "M_SWAP"
        ) { row, _ in .bytes(row.extras.shares?.swapBytes) },
        column(
            "swappss", "PSWAP", "proportionalSwapBytes", 5, "bytes", "smaps_rollup SwapPss",
            "Swapped-out memory, shared pages divided",
            needs: .shares, htop: "M_PSSWP"
        ) { row, _ in .bytes(row.extras.shares?.proportionalSwapBytes) },
        column(
            "oom", "OOM", "outOfMemoryScore", 5, "0 to 2000", "/proc/<pid>/oom_score", "Kernel's out-of-memory score",
            needs: .outOfMemoryScore, htop: "OOM"
        ) { row, _ in .number(row.extras.outOfMemoryScore) },
    ]
}
