//! The commands that would excuse what was found: at the end of the block that it stands in.

use crate::text::{self, command, width};

/// The longest command, in characters, and the longest of its words. Half a command is none.
const LONGEST: usize = 1000;
const LONGEST_WORD: usize = 120;

/// A line each, lacking only the reason; the same one once.
pub(super) fn lines<'a>(allows: impl Iterator<Item = &'a str>, columns: Option<usize>) -> Vec<String> {
    const ASKS: &str = "  Needed? ";
    let mut commands: Vec<String> = Vec::new();
    for allow in allows {
        let said = format!("{allow} --reason \"…\"");
        let is_whole = text::line_within(&said, LONGEST) == said;
        let fits = is_whole && said.split(' ').all(|word| width(word) <= LONGEST_WORD);
        commands.extend(Some(said).filter(|said| fits && !commands.contains(said)));
    }
    let lead = |number: usize| if number == 0 { ASKS } else { "          " };
    commands.iter().enumerate().flat_map(|(number, said)| command(lead(number), said, columns)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_command_is_none() {
        let path = format!("imgbudget allow api '/{}'", "n".repeat(200));
        let shown =
            lines(["imgbudget allow api npm", "imgbudget allow api npm", &path, "a \u{1b}[2J"].into_iter(), None);
        assert_eq!(shown, ["  Needed? imgbudget allow api npm --reason \"…\""]);
    }
}
