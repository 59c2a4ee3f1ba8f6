//! Which packages nobody asked for: `/var/lib/apt/extended_states`, apt-mark(8).

use super::stanza::stanzas;
use crate::contents::packages::Found;
use crate::contents::view::View;
use crate::memory::{List, OutOfMemory};

const STATES: &[u8] = b"/var/lib/apt/extended_states";

/// The packages that apt installed because others need them: name and architecture.
#[derive(Debug)]
pub(super) struct Automatic<'a>(List<(&'a [u8], &'a [u8])>);

impl<'a> Automatic<'a> {
    /// Reads them; `None` where apt wrote nothing down.
    pub(super) fn read(view: &View<'a>, found: &mut Found) -> Result<Option<Self>, OutOfMemory> {
        let Some(file) = view.at(STATES) else { return Ok(None) };
        let Some(text) = found.bytes(view, file) else { return Ok(None) };
        let mut automatic = List::new(view.stack.memory());
        for stanza in stanzas(text) {
            let ([name, architecture, is_automatic], _) = stanza.fields(["Package", "Architecture", "Auto-Installed"]);
            if let (Some(name), Some(b"1")) = (name, is_automatic) {
                automatic.push((name, architecture.unwrap_or_default()))?;
            }
        }
        automatic.sort_unstable();
        Ok(Some(Self(automatic)))
    }

    /// Whether a package is among them. apt writes down packages for all architectures under its own.
    pub(super) fn has(&self, name: &[u8], architecture: &[u8]) -> bool {
        let first = self.0.partition_point(|(known, _)| *known < name);
        let mut same = self.0[first..].iter().take_while(|(known, _)| *known == name);
        match architecture {
            b"all" => same.next().is_some(),
            _ => self.0.binary_search(&(name, architecture)).is_ok(),
        }
    }
}
