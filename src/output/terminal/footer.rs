//! What is worth knowing and changes nothing: the baseline, which images these are and what reading them cost, notes, exceptions in force,
//! rules that were not judged. The same thing said of several targets is said once.

use super::baseline;
use crate::domain::{AppliedAllow, Eased, EasedBy, Finding, LeftOut, Report, Severity};
use crate::output::cost;
use crate::output::label::Labels;
use crate::output::provenance::{self, Provenance};
use crate::text::{self, hang};

/// Images that are named one by one; the rest is counted.
const IMAGES: usize = 4;
/// The longest note or reason, in characters.
const LONGEST: usize = 1000;

pub(super) fn lines(report: &Report, labels: &Labels<'_>, width: Option<usize>) -> Vec<String> {
    let mut images = Said::default();
    let mut read = Said::default();
    let mut allowed = Said::default();
    let mut not_judged = Said::default();
    let mut notes = Said::default();
    for not in &report.not_judged {
        not_judged.add(None, &not.rule.to_string(), &not.reason);
    }
    if let Some(said) = cost::cost(&report.targets) {
        read.add(None, "", &said);
    }
    for target in &report.targets {
        let label = labels.of(target);
        let parts = target.image.as_ref().map(|image| Provenance::of(image).parts(text::line)).unwrap_or_default();
        if !parts.is_empty() {
            images.add(Some(&label), "", &parts.join(", "));
        }
        if provenance::is_unread(target) {
            read.add(Some(&label), "", provenance::UNREAD);
        }
        for why in cost::fallbacks(target) {
            read.add(Some(&label), "", &format!("fell back from {why}"));
        }
        for allow in &target.allows {
            let (what, why) = excuse(allow);
            allowed.add(Some(&label), &what, &why);
        }
        for not in &target.not_judged {
            not_judged.add(Some(&label), not.rule.code(), &not.reason);
        }
        for finding in target.findings.iter().filter(|finding| is_note(finding)) {
            notes.add(Some(&label), "", &finding.message);
        }
        for note in &target.notes {
            notes.add(Some(&label), "", note);
        }
    }
    let everyone = report.targets.len();
    let mut lines = Vec::new();
    if let Some(baseline) = &report.baseline {
        lines.extend(hang("baseline: ", &baseline::sentence(baseline), width));
    }
    if let Some(said) = report.left_out.as_ref().and_then(LeftOut::sentence).filter(|_| everyone > 0) {
        lines.extend(hang("not checked: ", &text::line(&said), width));
    }
    images.truncate(IMAGES);
    let all = [
        ("image: ", images),
        ("read: ", read),
        ("allowed: ", allowed),
        ("not judged: ", not_judged),
        ("note: ", notes),
    ];
    for (word, said) in all {
        for entry in said.0 {
            lines.extend(hang(word, &entry.sentence(everyone), width));
        }
    }
    lines
}

/// Whether a finding is a note by its rule, and not because only what is new counts.
fn is_note(finding: &Finding) -> bool {
    let by = |eased: &Eased| matches!(eased.why, EasedBy::Known | EasedBy::NoBaseline);
    let is_known = finding.eased.as_ref().is_some_and(by);
    finding.severity == Severity::Note && !is_known
}

/// `npm, npx`, and `base image ships it (until 2027-03-31, budgets.toml:40)`.
fn excuse(allow: &AppliedAllow) -> (String, String) {
    const MOST: usize = 5;
    let mut subjects: Vec<String> = allow.subjects.iter().take(MOST).map(|subject| text::line(subject)).collect();
    if let Some(more) = allow.subjects.len().checked_sub(MOST).filter(|more| *more > 0) {
        subjects.push(format!("{more} more"));
    }
    let until = allow.until.as_deref().map(|until| format!("until {}", text::line(until)));
    let place = allow.place.as_ref().map(|place| text::line(&place.to_string()));
    let details: Vec<String> = until.into_iter().chain(place).collect();
    let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
    (
        format!("{} {}", allow.rule, subjects.join(", ")),
        format!("{}{details}", text::line_within(&allow.reason, LONGEST)),
    )
}

/// Things said, each with the targets it was said of.
#[derive(Default)]
struct Said(Vec<Entry>);

struct Entry {
    what: String,
    why: String,
    labels: Vec<String>,
}

impl Said {
    fn add(&mut self, label: Option<&str>, what: &str, why: &str) {
        let label = label.map(str::to_owned);
        if let Some(entry) = self.0.iter_mut().find(|entry| entry.what == what && entry.why == why) {
            entry.labels.extend(label.filter(|label| !entry.labels.contains(label)));
        } else {
            let labels = label.into_iter().collect();
            self.0.push(Entry { what: what.to_owned(), why: why.to_owned(), labels });
        }
    }
}

impl Said {
    /// Keeps the first `most` things, and counts the others. JSON has them all.
    fn truncate(&mut self, most: usize) {
        let more = self.0.len().saturating_sub(most);
        if more > 1 {
            self.0.truncate(most);
            self.0.push(Entry { what: String::new(), why: format!("and {more} more"), labels: Vec::new() });
        }
    }
}

impl Entry {
    /// `growth (api, web): no baseline yet`; targets are named only when it was not said of all.
    fn sentence(&self, everyone: usize) -> String {
        let why = text::line_within(&self.why, LONGEST);
        let whose = if self.labels.len() == everyone { String::new() } else { self.labels.join(", ") };
        match (self.what.is_empty(), whose.is_empty()) {
            (true, true) => why,
            (true, false) => format!("{whose}: {why}"),
            (false, true) => format!("{}: {why}", self.what),
            (false, false) => format!("{} ({whose}): {why}", self.what),
        }
    }
}
