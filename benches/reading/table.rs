//! The table: one row for each claim, on the screen and in BENCHMARKS.md.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::side::asked;

/// One claim.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    what: String,
    ours: String,
    theirs: String,
    ratio: String,
    aim: String,
    /// `None` where it was not run.
    met: Option<bool>,
    peak: Option<u64>,
}

impl Row {
    /// Ours beside theirs: at most `most` times as long.
    pub(crate) fn ratio(what: String, ours: Duration, theirs: (&str, Duration), most: f64) -> Self {
        let ratio = ours.as_secs_f64() / theirs.1.as_secs_f64();
        Self {
            what,
            ours: seconds(ours),
            theirs: format!("{} ({})", seconds(theirs.1), theirs.0),
            ratio: format!("{ratio:.3}"),
            aim: format!("≤ {most}"),
            met: Some(ratio <= most),
            peak: None,
        }
    }

    /// Two figures that are no times, or one.
    pub(crate) fn figure(
        what: String,
        ours: String,
        theirs: String,
        ratio: Option<f64>,
        aim: String,
        met: bool,
    ) -> Self {
        let ratio = ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
        Self { what, ours, theirs, ratio, aim, met: Some(met), peak: None }
    }

    /// Why there is no figure.
    pub(crate) fn not_run(what: &str, why: &str) -> Self {
        let none = || "–".to_owned();
        let theirs = format!("not run: {why}");
        Self { what: what.to_owned(), ours: none(), theirs, ratio: none(), aim: none(), met: None, peak: None }
    }

    /// With what our side had in memory at most.
    pub(crate) fn peak(mut self, bytes: u64) -> Self {
        self.peak = Some(bytes);
        self
    }

    /// All of it on one line.
    pub(crate) fn line(&self) -> String {
        self.cells().join(" | ")
    }

    fn cells(&self) -> [String; 7] {
        let met = self.met.map_or("–", |met| if met { "yes" } else { "no" });
        let peak = self.peak.map_or_else(|| "–".to_owned(), |bytes| format!("{} MB", bytes.div_ceil(1_000_000)));
        let Self { what, ours, theirs, ratio, aim, .. } = self.clone();
        [what, ours, theirs, ratio, aim, met.to_owned(), peak]
    }
}

/// `1.23 s`, `12.3 ms`.
pub(crate) fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.1 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}

/// `123.4 MB`.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

const HEAD: [&str; 7] = ["what", "ours", "theirs", "ratio", "aim", "met", "our memory"];

/// The rows with their columns under one another.
pub(crate) fn screen(rows: &[Row]) -> String {
    let lines: Vec<[String; 7]> = [HEAD.map(str::to_owned)].into_iter().chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}

/// The same as Markdown, below the machine and the command.
pub(crate) fn markdown(rows: &[Row], rounds: usize) -> String {
    let mut text =
        format!("{}\n\nMedians of {rounds} rounds; of what takes milliseconds, of eleven at least.\n\n", machine());
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    text.push_str(&line(&HEAD.map(str::to_owned)));
    text.push_str("|---|---:|---|---:|---:|---|---:|\n");
    for row in rows {
        text.push_str(&line(&row.cells().map(|cell| cell.replace('|', "\\|"))));
    }
    text
}

/// Processor, memory, load and the versions of the other side.
pub(crate) fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    let processor = field("model name").unwrap_or_else(|| "a processor without a name".to_owned());
    let sha = field("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "sha_ni"));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory =
        memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok());
    let gigabytes = memory.unwrap_or(0_u64) * 1024 / 1_000_000_000;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    let docker = asked("docker", &["version", "--format", "{{.Server.Version}}"]);
    let docker = docker.map_or_else(|| "no engine".to_owned(), |version| format!("Docker {version}"));
    let sha = if sha { "with SHA-NI" } else { "without SHA-NI" };
    format!("{cores} cores of {processor}, {sha}, {gigabytes} GB; {docker}; load {load} when it ended.")
}

const MARKS: [&str; 2] = ["<!-- figures:begin -->\n", "<!-- figures:end -->"];

/// Puts the figures between the marks of a page.
pub(crate) fn write(page: &Path, figures: &str) -> Result<(), String> {
    let text = fs::read_to_string(page).map_err(|error| format!("{}: {error}", page.display()))?;
    let (before, rest) = text.split_once(MARKS[0]).ok_or("no mark where the figures begin")?;
    let (_, after) = rest.split_once(MARKS[1]).ok_or("no mark where the figures end")?;
    let [begin, end] = MARKS;
    fs::write(page, format!("{before}{begin}{figures}{end}{after}")).map_err(|error| error.to_string())
}
