//! What every part of the Markdown reads, and the words that several parts say.

use super::super::label::Labels;
use crate::domain::{LayerChange, Links, Place, Platform, Report, TargetReport, Verdict};
use crate::text;

/// Between the parts of a line. It stays with what it follows.
pub(super) const DOT: &str = "\u{a0}· ";

/// A report on its way to Markdown.
pub(super) struct View<'a> {
    pub(super) report: &'a Report,
    pub(super) links: &'a Links,
    /// Targets, the worst first, otherwise in the order of the file.
    pub(super) targets: Vec<&'a TargetReport>,
    /// Whether the commit, the age of the baseline, and which images were read how are shown.
    pub(super) age: bool,
    labels: Labels<'a>,
}

impl<'a> View<'a> {
    pub(super) fn new(report: &'a Report, links: &'a Links) -> Self {
        let mut targets: Vec<&TargetReport> = report.targets.iter().collect();
        targets.sort_by_key(|target| std::cmp::Reverse(target.verdict));
        Self { report, links, targets, age: true, labels: Labels::new(report) }
    }

    pub(super) fn without_age(self) -> Self {
        Self { age: false, ..self }
    }

    /// `` `api` ``, or `` `api (linux/arm64)` `` where a name has several platforms.
    pub(super) fn name(&self, target: &TargetReport) -> String {
        self.names(&[target])
    }

    /// `` `api (linux/amd64, linux/arm64)` ``: several platforms of one target.
    pub(super) fn names(&self, targets: &[&TargetReport]) -> String {
        text::markdown_code(&self.labels.of_all(targets))
    }

    /// [`View::name`] for the first line, where only names that cannot hold anything else may stand.
    pub(super) fn plain_name(&self, target: &TargetReport) -> String {
        self.plain_names(&[target])
    }

    /// [`View::names`] for headings, in the same way.
    pub(super) fn plain_names(&self, targets: &[&TargetReport]) -> String {
        let mut platforms = targets.iter().filter_map(|target| target.platform.as_ref());
        match targets.first() {
            Some(first) if !platforms.all(|platform| platform.to_string().parse::<Platform>().is_ok()) => {
                text::markdown_code(first.name.as_str())
            }
            _ => self.names(targets),
        }
    }

    /// `` [`Dockerfile:12`](…) ``. A link's text has only the file's own name, and that only when it is a plain one.
    pub(super) fn place(&self, place: &Place) -> String {
        let Some(address) = self.links.line(place) else { return text::markdown_code(&place.to_string()) };
        let file = place.file.rsplit('/').next().unwrap_or_default();
        let plain = file.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) && file.len() <= 64;
        let shown = if plain { format!("`{file}:{}`", place.line) } else { format!("line {}", place.line) };
        format!("[{shown}]({address})")
    }
}

/// Each verdict has a form of its own: nothing is said by colour alone.
pub(super) fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✅",
        Verdict::Warn => "⚠️",
        Verdict::Fail => "❌",
        Verdict::Error => "💥",
    }
}

/// What became of the layer at a position since the baseline.
pub(super) fn layer_change(target: &TargetReport, index: usize) -> Option<&LayerChange> {
    target.change.as_ref()?.layers.iter().find(|layer| layer.index == Some(index))
}

/// A number and its unit on one line.
pub(super) fn unbroken(amount: &str) -> String {
    amount.replace(' ', "\u{a0}")
}

/// The first of many, and how many more there are.
pub(super) fn first<T>(items: &[T], most: usize) -> (&[T], usize) {
    let shown = items.get(..most).unwrap_or(items);
    (shown, items.len() - shown.len())
}

/// What is shown when somebody asks for it.
pub(super) fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{body}\n\n</details>")
}
