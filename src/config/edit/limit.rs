//! Limits, in each form in which people write them: a value, `{ warn, fail }`, dotted keys, a table of its own.

use toml_edit::{Item, TableLike, Value};

use super::{Edit, Parsed};
use crate::domain::Amount;

/// The sides of a limit. One that is `None` stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    /// The soft side.
    pub warn: Option<Amount>,
    /// The hard side.
    pub fail: Option<Amount>,
}

/// How deep keys of budgets lie: `targets`, a name, the key, its sides.
const DEEPEST: usize = 4;

/// What has to change so that the limit whose key begins at `start` has these sides.
pub(super) fn lower(parsed: &Parsed<'_>, start: usize, sides: Sides) -> Option<Vec<Edit>> {
    let item = at(parsed.as_table(), start, DEEPEST)?;
    let Some(table) = item.as_table_like() else {
        return Some(vec![replaced(item, sides.fail?)?]);
    };
    let side = |key: &str, wanted: Option<Amount>| wanted.map(|wanted| replaced(table.get(key)?, wanted));
    [side("warn", sides.warn), side("fail", sides.fail)].into_iter().flatten().collect()
}

/// The value of the key that begins at `start`.
fn at(table: &dyn TableLike, start: usize, depth: usize) -> Option<&Item> {
    for (name, item) in table.iter() {
        let key = table.get_key_value(name).and_then(|(key, _)| key.span());
        if key.is_some_and(|key| key.start == start) && !(item.as_table_like().is_some() && depth == DEEPEST) {
            return Some(item);
        }
        if let Some(below) = item.as_table_like().filter(|_| depth > 0)
            && let Some(found) = at(below, start, depth - 1)
        {
            return Some(found);
        }
    }
    None
}

/// A size with its unit, also where it was a bare number: of that, nobody sees what it means.
fn replaced(item: &Item, with: Amount) -> Option<Edit> {
    let range = item.span()?;
    let with = match (item.as_value()?, with) {
        (Value::Integer(_) | Value::String(_), Amount::Bytes(bytes)) => format!("\"{}\"", bytes.written()),
        (Value::Integer(_), Amount::Count(count)) => count.to_string(),
        _ => return None,
    };
    Some(Edit { range, with })
}
