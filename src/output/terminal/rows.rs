//! Rows of a target's block: an amount, what it is about, and what is to be done, so that numbers stand under numbers.

use super::paint::Paint;
use crate::text::hang;
use crate::text::width;

/// Cells before the amounts.
const INDENT: usize = 2;
/// Cells between an amount and what it is about, and before what stands at the right edge.
const GAP: usize = 2;
/// The least that is left of a head when it is cut.
const LEAST: usize = 20;
/// Where the right edge is at most when nobody says how wide a line may be: one long head does not move it for all.
const EDGE: usize = 72;

/// The amount of a row that has none.
pub(super) const NOTHING: &str = "–";

/// One row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// `147.1 MB`, `–`.
    pub(super) amount: String,
    /// Where: one line, cut where it has no room. Empty where the text says all.
    pub(super) head: String,
    /// What stands at the right edge: `new`.
    pub(super) edge: String,
    /// What and how: broken into lines beneath the head.
    pub(super) text: String,
}

/// The rows under a heading for their amounts.
pub(super) fn lines(heading: &str, rows: &[Row], columns: Option<usize>, paint: Paint) -> Vec<String> {
    let amounts = rows.iter().map(|row| width(&row.amount));
    let column = amounts.chain([width(heading)]).max().unwrap_or(0);
    let start = INDENT + column + GAP;
    let edge = edge(rows, start, columns);
    let mut lines = Vec::new();
    if !heading.is_empty() {
        lines.push(format!("{:indent$}{heading}", "", indent = start - GAP - width(heading)));
    }
    for row in rows {
        let lead = format!("{:indent$}{}{:GAP$}", "", row.amount, "", indent = start - GAP - width(&row.amount));
        let mut of_row = if row.head.is_empty() {
            hang(&lead, &row.text, narrowed(columns, &row.edge))
        } else {
            let head = cut(&row.head, edge.saturating_sub(start));
            let mut of_row = vec![format!("{lead}{head}")];
            if !row.text.is_empty() {
                of_row.extend(hang(&format!("{:start$}", ""), &row.text, columns));
            }
            of_row
        };
        if let Some(first) = of_row.first_mut().filter(|_| !row.edge.is_empty()) {
            let gap = edge.saturating_sub(width(first)) + GAP;
            *first = format!("{first}{:gap$}{}", "", paint.bold(&row.edge));
        }
        lines.extend(of_row);
    }
    lines
}

/// The cell where heads end at the latest: what stands at the right edge begins [`GAP`] after it.
fn edge(rows: &[Row], start: usize, columns: Option<usize>) -> usize {
    let longest = |text: fn(&Row) -> &str| rows.iter().map(|row| width(text(row))).max().unwrap_or(0);
    let beside = longest(|row| &row.edge);
    let beside = if beside == 0 { 0 } else { beside + GAP };
    let wanted = start + longest(|row| &row.head).max(longest(|row| if row.head.is_empty() { &row.text } else { "" }));
    match columns {
        Some(columns) => wanted.min(columns.saturating_sub(beside)).max(start + LEAST),
        // Nothing is cut; where it is longer, the edge moves.
        None if beside == 0 => wanted,
        None => wanted.min(EDGE.max(start + LEAST)),
    }
}

/// Room for a text whose first line has something at its edge.
fn narrowed(columns: Option<usize>, edge: &str) -> Option<usize> {
    let beside = if edge.is_empty() { 0 } else { width(edge) + GAP };
    columns.map(|columns| columns.saturating_sub(beside))
}

/// At most so many cells of a text, the last of them an ellipsis where something is missing.
pub(in crate::output) fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut shown = String::new();
    for c in text.chars() {
        if width(&shown) + width(c.encode_utf8(&mut [0; 4])) >= room {
            break;
        }
        shown.push(c);
    }
    shown.truncate(shown.trim_end().len());
    shown.push('…');
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(amount: &str, head: &str, edge: &str, text: &str) -> Row {
        let [amount, head, edge, text] = [amount, head, edge, text].map(str::to_owned);
        Row { amount, head, edge, text }
    }

    fn rows() -> Vec<Row> {
        vec![
            row(
                "147.1 MB",
                "Dockerfile:24  RUN chown -R node:node /app",
                "new",
                "→ COPY --chown=node:node on lines 21 and 23",
            ),
            row(
                "1.2 kB",
                "Dockerfile:20  COPY --from=build /usr/bin /usr/bin",
                "+1.0 kB",
                "gcc, g++ and 12 more → copy only what runs",
            ),
            row("–", "", "new", "no USER → end the stage with USER 65532:65532"),
        ]
    }

    #[test]
    fn numbers_stand_under_numbers() {
        insta::assert_snapshot!(lines("frees ≤", &rows(), Some(80), Paint::new(false)).join("\n"), @"
         frees ≤
        147.1 MB  Dockerfile:24  RUN chown -R node:node /app          new
                  → COPY --chown=node:node on lines 21 and 23
          1.2 kB  Dockerfile:20  COPY --from=build /usr/bin /usr/bin  +1.0 kB
                  gcc, g++ and 12 more → copy only what runs
               –  no USER → end the stage with USER 65532:65532       new
        ");
        insta::assert_snapshot!(lines("frees ≤", &rows(), Some(50), Paint::new(false)).join("\n"), @"
         frees ≤
        147.1 MB  Dockerfile:24  RUN chown -R…   new
                  → COPY --chown=node:node on lines 21
                  and 23
          1.2 kB  Dockerfile:20  COPY --from=b…  +1.0 kB
                  gcc, g++ and 12 more → copy only what
                  runs
               –  no USER → end the stage with USER  new
                  65532:65532
        ");
        insta::assert_snapshot!(lines("", &rows(), None, Paint::new(false)).join("\n"), @"
        147.1 MB  Dockerfile:24  RUN chown -R node:node /app          new
                  → COPY --chown=node:node on lines 21 and 23
          1.2 kB  Dockerfile:20  COPY --from=build /usr/bin /usr/bin  +1.0 kB
                  gcc, g++ and 12 more → copy only what runs
               –  no USER → end the stage with USER 65532:65532       new
        ");
    }

    #[test]
    fn a_cut_has_its_ellipsis() {
        assert_eq!(cut("RUN make all", 12), "RUN make all");
        assert_eq!(cut("RUN make all", 11), "RUN make a…");
        assert_eq!(cut("RUN make all", 10), "RUN make…");
        assert_eq!(cut("日本語", 4), "日…");
    }

    proptest! {
        #[test]
        fn rows_fit(head in "[a-z/ 日]{0,90}", edge in "(new|\\+[0-9]{1,3}\\.0 MB|)", text in "([a-z]{1,12} ){0,12}", columns in 50usize..120) {
            let rows = [row("147.1 MB", &head, &edge, &text), row("–", "", &edge, &text)];
            for line in lines("frees ≤", &rows, Some(columns), Paint::new(false)) {
                prop_assert!(width(line.trim_end()) <= columns, "{line}");
            }
        }
    }
}
