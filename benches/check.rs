//! `imgbudget check` beside `docker save >/dev/null` of the same image, in one go: wall time of both, their ratio, and our peak
//! memory. Decides nothing.
//!
//! `cargo bench --bench check [IMAGE]`; the image is `imgbudget-test/toolchain:1` unless one is named (`scripts/test-images.sh`
//! makes it).
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and fails loudly")]

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

fn main() {
    let image = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let image = image.unwrap_or_else(|| "imgbudget-test/toolchain:1".to_owned());
    let ours = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_imgbudget"));
        command.args(["check", "--quiet", "--max-size", "1TB", "--forbid-tools", "terraform", "--image"]).arg(&image);
        measured(command)
    };
    let theirs = || {
        let mut command = Command::new("docker");
        command.args(["save", &image]);
        measured(command)
    };
    let (mut check, mut save, mut memory) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (took, peak) = ours();
        check.push(took);
        memory = memory.max(peak);
        save.push(theirs().0);
    }
    let (check, save) = (median(check), median(save));
    println!("image                    {image}");
    println!("imgbudget check          {:.2} s, median of {ROUNDS}", check.as_secs_f64());
    println!("docker save >/dev/null   {:.2} s, median of {ROUNDS}", save.as_secs_f64());
    println!("ratio                    {:.2}", check.as_secs_f64() / save.as_secs_f64());
    println!("peak memory of check     {} MB", memory.div_ceil(1000));
}

/// Wall time, and the peak of resident memory in kB as the kernel keeps it (`VmHWM` of proc(5)), asked for until the end.
fn measured(mut command: Command) -> (Duration, u64) {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let mut peak = 0;
    loop {
        if let Some(status) = child.try_wait().expect("can be waited for") {
            let took = begun.elapsed();
            assert!(status.success(), "{command:?} ended with {status}");
            return (took, peak);
        }
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) * 1024 / 1000);
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
