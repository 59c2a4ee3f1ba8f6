//! Packages and directories that changed since the baseline, in a few words.

use crate::domain::{Bytes, Difference, DifferenceRow, DifferenceState, DifferentThing, PackageCounts, TargetReport};

/// Packages that are named.
const PACKAGES: usize = 3;
/// Versions of one package that are shown.
const VERSIONS: usize = 3;

/// `typescript 23.0 MB, jest 12.0 MB and 7 more`: the packages that a layer brought anew, each name as `shown` has it. What is less than a
/// hundredth of the first is counted.
pub(super) fn new_in(target: &TargetReport, layer: usize, shown: impl Fn(&str) -> String) -> Option<String> {
    let new: Vec<&DifferenceRow> = target.difference.iter().flat_map(|it| it.new_packages(layer)).collect();
    let first = new.first()?.bytes();
    let worth = |row: &&&DifferenceRow| row.bytes() > Bytes::ZERO && row.bytes().0 >= first.0 / 100;
    let few: Vec<String> =
        new.iter().take(PACKAGES).filter(worth).map(|row| format!("{} {}", shown(name(row)), row.bytes())).collect();
    listed(&few, new.len())
}

/// `/app/node_modules +60.1 MB, /root/.npm +4.0 MB`: the directories that grew most.
pub(super) fn grown(target: &TargetReport, shown: impl Fn(&str) -> String) -> Option<String> {
    let grown = target.difference.iter().flat_map(|difference| &difference.grown);
    let said: Vec<String> = grown
        .map(|it| format!("{} {}", shown(&it.path), signed(i128::from(it.after.0) - i128::from(it.before.0))))
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// `412 → 431 (+21 −2): typescript 5.4.2 new, openssl 3.0.1 → 3.0.2 and 21 more`.
pub(super) fn changed(difference: &Difference, shown: impl Fn(&str) -> String) -> Option<String> {
    let counts = counts(difference.packages?)?;
    let rows: Vec<&DifferenceRow> = difference.package_rows().collect();
    let row = |row: &&DifferenceRow| {
        let versions = versions(row);
        let versions = if versions.is_empty() { versions } else { format!(" {}", shown(&versions)) };
        let state = if row.state == DifferenceState::Changed { "" } else { row.state.as_str() };
        let gap = if state.is_empty() { "" } else { " " };
        format!("{}{versions}{gap}{state}", shown(name(row)))
    };
    let few: Vec<String> = rows.iter().take(PACKAGES).map(row).collect();
    let named = listed(&few, rows.len()).map(|named| format!(": {named}"));
    Some(format!("{counts}{}", named.unwrap_or_default()))
}

fn name(row: &DifferenceRow) -> &str {
    match &row.what {
        DifferentThing::Package { name, .. } => name,
        _ => "",
    }
}

/// The few of so many.
fn listed(few: &[String], of: usize) -> Option<String> {
    let more = of.saturating_sub(few.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!few.is_empty()).then(|| format!("{}{more}", few.join(", ")))
}

/// `+1.2 MB`, `−3 B`, `±0`.
pub(super) fn signed(difference: i128) -> String {
    let bytes = Bytes(u64::try_from(difference.unsigned_abs()).unwrap_or(u64::MAX));
    match difference.signum() {
        0 => "±0".to_owned(),
        1 => format!("+{bytes}"),
        _ => format!("−{bytes}"),
    }
}

/// `3.0.1 → 3.0.2` of a package that changed, else its version. Not escaped.
pub(super) fn versions(row: &DifferenceRow) -> String {
    let DifferentThing::Package { old_versions, new_versions, .. } = &row.what else { return String::new() };
    let few = |versions: &[String]| {
        let more = versions.len().saturating_sub(VERSIONS);
        let shown = versions.iter().take(VERSIONS).cloned().collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{shown} and {more} more") } else { shown }
    };
    match row.state {
        DifferenceState::Changed => format!("{} → {}", few(old_versions), few(new_versions)),
        DifferenceState::New => few(new_versions),
        DifferenceState::Gone => few(old_versions),
    }
}

/// `412 → 431 (+21 −2)`, `412, 14 of another version`; nothing where no package changed.
pub(super) fn counts(counts: PackageCounts) -> Option<String> {
    let PackageCounts { before, after, added, removed, changed } = counts;
    let moved = [(added, '+'), (removed, '−')].into_iter().filter(|(number, _)| *number > 0);
    let moved: Vec<String> = moved.map(|(number, sign)| format!("{sign}{number}")).collect();
    let others = (changed > 0).then(|| format!("{changed} of another version"));
    let number = if before == after { after.to_string() } else { format!("{before} → {after}") };
    let number = if moved.is_empty() { number } else { format!("{number} ({})", moved.join(" ")) };
    let said = !moved.is_empty() || others.is_some();
    said.then(|| std::iter::once(number).chain(others).collect::<Vec<_>>().join(", "))
}
