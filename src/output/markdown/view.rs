//! What every part of the Markdown reads, and the words that several parts say.

use super::super::label::Labels;
use super::pick::{self, Standing};
use crate::domain::{BaselineState, LayerChange, Links, Place, Platform, Report, TargetReport, Verdict};
use crate::text;

/// Between the parts of a line. It stays with what it follows.
pub(super) const DOT: &str = "\u{a0}· ";

/// Images of a run without a baseline that all have a row; of more only those with something the matter.
const WITHOUT_BASELINE: usize = 10;

/// A report on its way to Markdown.
pub(super) struct View<'a> {
    pub(super) report: &'a Report,
    pub(super) links: &'a Links,
    /// Targets, those with the worst news first, otherwise in the order of the file.
    pub(super) targets: Vec<&'a TargetReport>,
    /// Whether the commit, the age of the baseline, and which images were read how are shown.
    pub(super) age: bool,
    /// Whether there is a baseline that sizes were compared with.
    pub(super) compared: bool,
    labels: Labels<'a>,
}

impl<'a> View<'a> {
    pub(super) fn new(report: &'a Report, links: &'a Links) -> Self {
        let mut targets: Vec<&TargetReport> = report.targets.iter().collect();
        targets.sort_by_key(|target| std::cmp::Reverse((pick::news(target), target.verdict)));
        let compared = report.baseline.as_ref().is_some_and(|baseline| baseline.state == BaselineState::Found);
        Self { report, links, targets, age: true, compared, labels: Labels::new(report) }
    }

    pub(super) fn without_age(self) -> Self {
        Self { age: false, ..self }
    }

    /// The worst of the run.
    pub(super) fn verdict(&self) -> Verdict {
        self.targets.iter().map(|target| target.verdict).fold(self.report.verdict, Verdict::max)
    }

    /// Targets with a row and what is the matter with them, in the order of [`View::targets`].
    pub(super) fn listed(&self) -> impl Iterator<Item = &'a TargetReport> {
        self.targets.iter().copied().filter(|target| self.is_listed(target))
    }

    pub(super) fn is_listed(&self, target: &TargetReport) -> bool {
        self.standing(target) == Standing::Listed
    }

    /// The others of one standing.
    pub(super) fn standing_so(&self, standing: Standing) -> impl Iterator<Item = &'a TargetReport> {
        self.targets.iter().copied().filter(move |target| self.standing(target) == standing)
    }

    pub(super) fn standing(&self, target: &TargetReport) -> Standing {
        match pick::standing(target, self.compared) {
            Standing::Quiet if !self.compared && self.targets.len() <= WITHOUT_BASELINE => Standing::Listed,
            standing => standing,
        }
    }

    /// `` `api` ``, or `` `api (linux/arm64)` `` where a name has several platforms.
    pub(super) fn name(&self, target: &TargetReport) -> String {
        self.names(&[target])
    }

    /// `` `api (linux/amd64, linux/arm64)` ``: several platforms of one target.
    pub(super) fn names(&self, targets: &[&TargetReport]) -> String {
        text::markdown_code(&self.labels.of_all(targets))
    }

    /// `` `api`, `web` and 8 more ``.
    pub(super) fn several(&self, targets: &[&TargetReport], most: usize) -> String {
        let mut names: Vec<Vec<&TargetReport>> = Vec::new();
        for target in targets {
            match names.iter_mut().find(|same| same.first().is_some_and(|first| first.name == target.name)) {
                Some(same) => same.push(target),
                None => names.push(vec![target]),
            }
        }
        let (shown, more) = first(&names, most);
        let shown: Vec<String> = shown.iter().map(|platforms| self.plain_names(platforms)).collect();
        if more > 0 {
            return format!("{} and {more} more", shown.join(", "));
        }
        match shown.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => shown.join(", "),
        }
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
        let file = place.file.rsplit('/').next().unwrap_or_default();
        self.linked(place, file)
    }

    /// `` [`services/api/Dockerfile:12`](…) ``: the whole path, where it is a plain one.
    pub(super) fn path(&self, place: &Place) -> String {
        if is_plain(&place.file.replace('/', "-")) { self.linked(place, &place.file) } else { self.place(place) }
    }

    fn linked(&self, place: &Place, file: &str) -> String {
        let Some(address) = self.links.line(place) else { return text::markdown_code(&place.to_string()) };
        let plain = is_plain(&file.replace('/', "-"));
        let shown = if plain { format!("`{file}:{}`", place.line) } else { format!("line {}", place.line) };
        format!("[{shown}]({address})")
    }
}

/// Whether a name has nothing but letters, digits, dots, dashes and underscores, and not many of them.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) && name.len() <= 64
}

/// A base image as the first line and headings may name it; `None` for a reference that looks like none.
pub(super) fn plain_base(target: &TargetReport) -> Option<String> {
    let reference = target.base.as_ref()?.reference.as_str();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-/:@".contains(&b);
    let is_plain = !reference.is_empty() && reference.len() <= 100 && reference.bytes().all(plain);
    // A digest is for machines.
    let shown = reference.split_once('@').map_or(reference, |(name, _)| name);
    (is_plain && !shown.is_empty()).then(|| text::markdown_code(shown))
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
