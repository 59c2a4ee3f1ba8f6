//! The page of each rule: what docs/rules.md says of it, which is the one place where it is written, and how its key is used.

use crate::domain::Rule;

/// All pages. What stands between the marks of a rule is written from [`super::rules::facts`].
const PAGES: &str = include_str!("../../docs/rules.md");

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block<'a> {
    /// A paragraph on one line, without the marks of Markdown but for backticks.
    Prose(String),
    /// Lines to be shown as they are.
    Code(Vec<&'a str>),
    /// Rows of a table, the headings first.
    Table(Vec<Vec<String>>),
}

/// What the page says beyond the sentence and the help of the catalogue.
#[must_use]
pub fn blocks(rule: Rule) -> Vec<Block<'static>> {
    let mut blocks = Vec::new();
    let mut lines = section(rule).lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let code = std::iter::from_fn(|| lines.next().filter(|line| !line.starts_with("```")));
            blocks.push(Block::Code(code.collect()));
        } else if line.starts_with('|') {
            let more = std::iter::from_fn(|| lines.next_if(|line| line.starts_with('|')));
            let rows = std::iter::once(line).chain(more).filter(|row| !row.starts_with("|---"));
            blocks.push(Block::Table(rows.map(cells).collect()));
        } else if !line.is_empty() {
            let more = std::iter::from_fn(|| lines.next_if(|line| !line.is_empty() && !line.starts_with(['`', '|'])));
            blocks.push(Block::Prose(plain(&std::iter::once(line).chain(more).collect::<Vec<_>>().join(" "))));
        }
    }
    blocks
}

/// A line or two of budgets.toml that switch the rule on; `None` where nothing has to.
#[must_use]
pub fn example(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::Size => "max-size = \"150 MB\"",
        Rule::CompressedSize => "max-compressed-size = { warn = \"50 MB\", fail = \"60 MB\" }",
        Rule::OwnSize => "max-own-size = \"40 MB\"",
        Rule::Layers => "max-layers = 12",
        Rule::LayerSize => "max-layer-size = \"80 MB\"",
        Rule::Wasted => "max-wasted = \"5 MB\"",
        Rule::Growth => "max-growth = { larger-of = [\"5 MB\", \"2%\"] }",
        Rule::OwnGrowth => "max-own-growth = \"5 MB\"",
        Rule::OsPackages => "max-os-packages = 150",
        Rule::ForbiddenTool => "forbid-tools = [\"@build-tools\", \"curl\"]",
        Rule::ShadowedTool => "shadowed-tools = \"fail\"",
        Rule::ForbiddenPath => "forbid-paths = [\"@caches\", \"@vcs\", \"/app/test/**\"]",
        Rule::RootUser => "require-non-root = true",
        Rule::FleetSize => "[fleet]\nmax-size = \"900 MB\"",
        Rule::BudgetChanged => "[policy]\nbudget-changes = \"warn\"",
        Rule::WrongStage | Rule::ExpiredAllow | Rule::NoBudget => return None,
    })
}

/// The command that excuses what the rule finds; `None` where nothing can, or only an exception written by hand.
#[must_use]
pub fn excuse(rule: Rule) -> Option<String> {
    let words = match rule {
        Rule::ExpiredAllow | Rule::BudgetChanged | Rule::FleetSize => return None,
        Rule::ForbiddenTool => "npm npx".to_owned(),
        Rule::ForbiddenPath => "'/app/vendor/**'".to_owned(),
        Rule::Layers | Rule::OsPackages => format!("{rule} --up-to 20"),
        rule if super::rules::facts(rule).is_limit => format!("{rule} --up-to 170MB"),
        rule => rule.code().to_owned(),
    };
    Some(format!("imgbudget allow TARGET {words} --reason \"…\""))
}

/// From the end of what the catalogue says to the next heading.
fn section(rule: Rule) -> &'static str {
    let begins = PAGES.split_once(&format!("<!-- rule:{rule}:end -->\n")).map_or("", |(_, rest)| rest);
    begins.split_once("\n## ").map_or(begins, |(section, _)| section)
}

fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_matches('|').replace("\\|", "\u{0}");
    row.split('|').map(|cell| plain(cell.trim()).replace('\u{0}', "|")).collect()
}

/// `[words](where)` becomes the words, and so do `**words**` at the beginning.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let parts = link.split_once("](").and_then(|(words, end)| Some((words, end.split_once(')')?.1)));
        // What is in backticks may hold brackets.
        let (words, after) = parts.filter(|(words, _)| !words.contains(']')).unwrap_or(("[", link));
        shown.push_str(before);
        shown.push_str(words);
        rest = after;
    }
    shown.push_str(rest);
    // Only the first words of a paragraph are ever bold; elsewhere `**` is a glob.
    match shown.strip_prefix("**").and_then(|bold| bold.split_once("**")) {
        Some((bold, rest)) => format!("{bold}{rest}"),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_page_with_an_example() {
        for rule in Rule::ALL {
            let blocks = blocks(rule);
            assert!(blocks.iter().any(|block| matches!(block, Block::Prose(text) if text.len() > 40)), "{rule}");
            assert!(blocks.iter().any(|block| matches!(block, Block::Code(lines) if !lines.is_empty())), "{rule}");
            let has_no_key = matches!(rule, Rule::WrongStage | Rule::ExpiredAllow | Rule::NoBudget);
            assert_eq!(example(rule).is_none(), has_no_key, "{rule}");
            let said = format!("{blocks:?}");
            assert!(!said.contains("<!--") && !said.contains("](") && !said.contains("## "), "{rule}: {said}");
        }
    }

    #[test]
    fn marks_of_markdown_are_gone() {
        assert_eq!(plain("**See** [`size`](#size): [a](b.md)."), "See `size`: a.");
        assert_eq!(plain("`[[allow]]` and `forbid = [\"a\"]`"), "`[[allow]]` and `forbid = [\"a\"]`");
        assert_eq!(plain("`**` does not, `**/.git` does"), "`**` does not, `**/.git` does");
        assert_eq!(cells("| a | `b \\| c` |"), ["a", "`b | c`"]);
    }
}
