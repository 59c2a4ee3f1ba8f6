//! `@debuggers`: what looks into running programs and networks.

use crate::catalogue::tool::Tool;

pub(in crate::catalogue) const TOOLS: &[Tool] = &[
    Tool::new("gdb", "gdb", "GNU debugger")
        .aliases(&["gdb-multiarch", "gdb-minimal", "gdb.minimal", "rust-gdb"])
        .cross(),
    Tool::new("gdbserver", "gdb", "GNU debugger's remote end").cross(),
    Tool::new("lldb", "lldb", "LLVM debugger").aliases(&["rust-lldb"]).versioned(),
    Tool::new("lldb-server", "lldb", "LLVM debugger's remote end").versioned(),
    Tool::new("strace", "strace", "traces system calls"),
    Tool::new("ltrace", "ltrace", "traces library calls"),
    Tool::new("perf", "perf", "Linux profiler"),
    Tool::new("bpftrace", "bpftrace", "traces the kernel"),
    Tool::new("valgrind", "valgrind", "finds memory errors"),
    Tool::new("rr", "rr", "records and replays"),
    Tool::new("dlv", "dlv", "Go debugger"),
    Tool::new("jdb", "jdb", "Java debugger"),
    Tool::new("pdb", "pdb", "Python debugger").versioned(),
    Tool::new("py-spy", "py-spy", "Python profiler"),
    Tool::new("cuda-gdb", "cuda-gdb", "CUDA debugger"),
    Tool::new("radare2", "radare2", "reverse engineering").aliases(&["r2"]),
    Tool::new("tcpdump", "tcpdump", "shows packets"),
    Tool::new("tshark", "tshark", "shows packets").aliases(&["dumpcap"]),
    Tool::new("nmap", "nmap", "scans networks"),
    Tool::new("nc", "nc", "netcat").aliases(&["netcat", "ncat", "nc.openbsd", "nc.traditional"]),
    Tool::new("socat", "socat", "joins sockets"),
    Tool::new("telnet", "telnet", "telnet").aliases(&["telnet.netkit", "inetutils-telnet"]),
];
