//! What two images differ by: to the wire and back.

use super::mistrust::{all, contradiction, some, text, texts};
use super::wire::{self, RowKind};
use crate::Error;
use crate::domain::{self, Bytes, DifferenceState, DifferentThing};

/// The longest text of an image that is written, in characters: what is written can be read back.
const LONGEST: usize = 4096;
/// The most texts of one thing.
const MOST: usize = 100;

fn clipped(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

fn all_clipped(texts: &[String]) -> Vec<String> {
    texts.iter().take(MOST).map(|text| clipped(text)).collect()
}

impl From<&domain::Difference> for wire::Difference {
    fn from(difference: &domain::Difference) -> Self {
        let domain::DifferenceRest { rows, before, after } = difference.rest;
        Self {
            rows: difference.rows.iter().map(wire::DifferenceRow::from).collect(),
            rest: wire::Rest { rows, before: before.0, after: after.0 },
            grown: difference.grown.iter().map(wire::GrownDirectory::from).collect(),
            tools: difference.tools.as_ref().map(wire::ToolChanges::from),
            packages: difference.packages.as_ref().map(wire::PackageCounts::from),
            unknown: all_clipped(&difference.unknown),
        }
    }
}

impl TryFrom<wire::Difference> for domain::Difference {
    type Error = Error;

    fn try_from(difference: wire::Difference) -> Result<Self, Error> {
        let wire::Rest { rows, before, after } = difference.rest;
        Ok(Self {
            rows: all(difference.rows, "rows of a difference")?,
            rest: domain::DifferenceRest { rows, before: Bytes(before), after: Bytes(after) },
            grown: all(difference.grown, "directories that grew")?,
            tools: some(difference.tools)?,
            packages: some(difference.packages)?,
            unknown: texts(difference.unknown, "unknown things")?,
        })
    }
}

/// Whether the rows are what a target of so many layers changed by.
pub(super) fn is_of(
    difference: &domain::Difference,
    before: Option<Bytes>,
    after: Option<Bytes>,
    layers: usize,
) -> bool {
    let Some((before, after)) = before.zip(after) else { return false };
    let adds_up = difference.sum() == i128::from(after.0) - i128::from(before.0);
    adds_up && difference.rows.iter().filter_map(|row| row.new_layer).all(|layer| layer < layers)
}

impl From<&domain::DifferenceRow> for wire::DifferenceRow {
    fn from(row: &domain::DifferenceRow) -> Self {
        let mut wire = Self {
            kind: RowKind::Base,
            state: row.state,
            before: row.before.0,
            after: row.after.0,
            created_by: None,
            hidden: None,
            ecosystem: None,
            name: None,
            versions_before: Vec::new(),
            versions_after: Vec::new(),
            path: None,
            files: None,
            layer_before: row.old_layer,
            layer: row.new_layer,
            dockerfile: row.line.as_ref().map(wire::Place::from),
            origin: row.origin,
        };
        match &row.what {
            DifferentThing::Base => {}
            DifferentThing::Layer { created_by, hidden } => {
                wire.kind = RowKind::Layer;
                wire.created_by = created_by.as_deref().map(clipped);
                wire.hidden = Some(hidden.0);
            }
            DifferentThing::Package { ecosystem, name, old_versions, new_versions } => {
                wire.kind = RowKind::Package;
                (wire.ecosystem, wire.name) = (Some(*ecosystem), Some(clipped(name)));
                wire.versions_before = all_clipped(old_versions);
                wire.versions_after = all_clipped(new_versions);
            }
            DifferentThing::Directory { path, files } => {
                wire.kind = RowKind::Directory;
                (wire.path, wire.files) = (Some(clipped(path)), Some(*files));
            }
            DifferentThing::File { path } => {
                wire.kind = RowKind::File;
                wire.path = Some(clipped(path));
            }
        }
        wire
    }
}

impl TryFrom<wire::DifferenceRow> for domain::DifferenceRow {
    type Error = Error;

    fn try_from(row: wire::DifferenceRow) -> Result<Self, Error> {
        let lacks = || contradiction("a row of a difference lacks what its kind has");
        let what = match row.kind {
            RowKind::Base => DifferentThing::Base,
            RowKind::Layer => DifferentThing::Layer {
                created_by: row.created_by.map(text).transpose()?,
                hidden: Bytes(row.hidden.ok_or_else(lacks)?),
            },
            RowKind::Package => DifferentThing::Package {
                ecosystem: row.ecosystem.ok_or_else(lacks)?,
                name: text(row.name.ok_or_else(lacks)?)?,
                old_versions: texts(row.versions_before, "versions")?,
                new_versions: texts(row.versions_after, "versions")?,
            },
            RowKind::Directory => DifferentThing::Directory {
                path: text(row.path.ok_or_else(lacks)?)?,
                files: row.files.ok_or_else(lacks)?,
            },
            RowKind::File => DifferentThing::File { path: text(row.path.ok_or_else(lacks)?)? },
        };
        if row.state == DifferenceState::New && row.layer_before.is_some() {
            return Err(contradiction("something new was in a layer before"));
        }
        Ok(Self {
            what,
            state: row.state,
            before: Bytes(row.before),
            after: Bytes(row.after),
            old_layer: row.layer_before,
            new_layer: row.layer,
            line: some(row.dockerfile)?,
            origin: row.origin,
        })
    }
}

impl From<&domain::GrownDirectory> for wire::GrownDirectory {
    fn from(grown: &domain::GrownDirectory) -> Self {
        Self { path: clipped(&grown.path), before: grown.before.0, after: grown.after.0 }
    }
}

impl TryFrom<wire::GrownDirectory> for domain::GrownDirectory {
    type Error = Error;

    fn try_from(grown: wire::GrownDirectory) -> Result<Self, Error> {
        if grown.after <= grown.before {
            return Err(contradiction("a directory that grew did not"));
        }
        Ok(Self { path: text(grown.path)?, before: Bytes(grown.before), after: Bytes(grown.after) })
    }
}

impl From<&domain::ToolChanges> for wire::ToolChanges {
    fn from(tools: &domain::ToolChanges) -> Self {
        Self { added: tools.added.clone(), removed: tools.removed.clone() }
    }
}

impl TryFrom<wire::ToolChanges> for domain::ToolChanges {
    type Error = Error;

    fn try_from(tools: wire::ToolChanges) -> Result<Self, Error> {
        Ok(Self { added: texts(tools.added, "tools")?, removed: texts(tools.removed, "tools")? })
    }
}

impl From<&domain::PackageCounts> for wire::PackageCounts {
    fn from(counts: &domain::PackageCounts) -> Self {
        let domain::PackageCounts { before, after, added, removed, changed } = *counts;
        Self { before, after, added, removed, changed }
    }
}

impl TryFrom<wire::PackageCounts> for domain::PackageCounts {
    type Error = Error;

    fn try_from(counts: wire::PackageCounts) -> Result<Self, Error> {
        let wire::PackageCounts { before, after, added, removed, changed } = counts;
        if before.checked_add(added) != after.checked_add(removed) {
            return Err(contradiction("the packages that came and went are not what their number changed by"));
        }
        Ok(Self { before, after, added, removed, changed })
    }
}
