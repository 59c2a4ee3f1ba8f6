//! The commands that would excuse what was found: at the end of the block that it stands in.

use crate::domain::Cause;
use crate::text::{self, command};

/// The longest command, in characters.
const LONGEST: usize = 1000;

/// A line each, lacking only the reason; the same one once.
pub(super) fn lines<'a>(causes: impl Iterator<Item = &'a Cause>, width: Option<usize>) -> Vec<String> {
    const ASKS: &str = "  Needed? ";
    let mut commands: Vec<String> = Vec::new();
    for allow in causes.filter_map(|cause| cause.allow.as_deref()) {
        let said = format!("{} --reason \"…\"", text::line_within(allow, LONGEST));
        commands.extend(Some(said).filter(|said| !commands.contains(said)));
    }
    let lead = |number: usize| if number == 0 { ASKS } else { "          " };
    commands.iter().enumerate().flat_map(|(number, said)| command(lead(number), said, width)).collect()
}
