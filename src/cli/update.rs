//! `imgbudget update`.

use std::path::PathBuf;

use clap::Args;

use super::{BuildArgs, LimitArgs, PermitArgs, ReachArgs, SourceArgs};

/// `imgbudget update`.
#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// Only these targets; the lines of the others stay as they are
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,

    /// Write every change; else a line stays where its sizes changed by less than 1 %
    #[arg(long)]
    pub exact: bool,

    /// Lower limits with more than 10 % of room to what is measured and --headroom; the lock file stays as it is
    #[arg(long, conflicts_with = "exact")]
    pub ratchet: bool,

    /// What --ratchet leaves above what is measured, 1% to 100%
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = headroom, requires = "ratchet")]
    pub headroom: Headroom,

    /// Take what --ratchet goes by from this JSON report instead of measuring; may be given several times
    #[arg(long, value_name = "FILE", requires = "ratchet")]
    pub report: Vec<PathBuf>,

    /// Say what --ratchet would lower, and write nothing: the exit code is 1 when there is something
    #[arg(long, requires = "ratchet")]
    pub check: bool,

    /// The budget file; else budgets.toml here or above, up to the repository
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Where the images come from.
    #[command(flatten)]
    pub source: SourceArgs,

    /// How they are built.
    #[command(flatten)]
    pub build: BuildArgs,

    /// What a budget file may do.
    #[command(flatten)]
    pub permits: PermitArgs,

    /// What reading them may take.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// How they are read, and who is asked.
    #[command(flatten)]
    pub reach: ReachArgs,
}

impl UpdateArgs {
    /// Whether everything is measured, so that nothing of the earlier file stays.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.targets.is_empty() && self.source.platform.is_empty()
    }
}

/// Room above what is measured, in hundredths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headroom(pub u64);

/// `5%`, `7.5%`, `5`: at exactly what is measured, a limit would fail by the next byte.
fn headroom(word: &str) -> Result<Headroom, String> {
    let number = word.trim().strip_suffix('%').unwrap_or(word).trim();
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let hundredths = (digits(whole) && digits(part) && part.len() <= 2).then(|| {
        let part: u64 = format!("{part:0<2}").parse().ok()?;
        whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(part)
    });
    match hundredths.flatten() {
        Some(hundredths @ 100..=10_000) => Ok(Headroom(hundredths)),
        Some(_) => {
            Err("write 1% to 100%: with less, the next byte fails, and with more, nothing is lowered".to_owned())
        }
        None => Err("write a percentage, such as 5%".to_owned()),
    }
}
