//! `--only-new`, and `[baseline] only-new` of budgets.toml.

use crate::baseline::{Against, Earlier};
use crate::cli::BaselineArgs;
use crate::domain::Budgets;
use crate::error::{Class, Error};
use crate::text;

/// Whether only what the baseline does not have may fail.
///
/// # Errors
/// The baseline is a lock file: it keeps sizes and no findings, so that nothing says what is new.
pub(crate) fn only_new(args: &BaselineArgs, budgets: &Budgets, against: Option<&Against>) -> Result<bool, Error> {
    let is_on = args.only_new || budgets.only_new.is_some();
    let Some(lock) = against.filter(|against| is_on && matches!(against.earlier, Earlier::Lock(_))) else {
        return Ok(is_on);
    };
    let name = if args.only_new { "--only-new" } else { "only-new" };
    let source = text::line_within(&lock.source, 200);
    let error = Error::new(Class::Config, format!("{name} needs the findings of the baseline, and {source} is a lock file: it has sizes only"))
        .with_hint("Compare with the JSON report of the default branch, `--baseline main.json`, or with its image, `[baseline] image`.");
    let place = budgets.only_new.clone().filter(|_| !args.only_new);
    Err(place.map_or(error.clone(), |place| error.at(place)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Place;

    #[test]
    fn a_lock_file_does_not_say_what_is_new() {
        let lock =
            |text: &str| Against::new("budgets.lock", Earlier::read(text.as_bytes(), "budgets.lock").expect("a lock"));
        let lock = lock("imgbudget.lock/1 content/1\n");
        let flag = BaselineArgs { only_new: true, ..BaselineArgs::default() };
        let place = Place { file: "budgets.toml".to_owned(), line: 3, column: 1 };
        let written = Budgets { only_new: Some(place.clone()), ..Budgets::default() };
        let missing = Against::new("main.json", Earlier::Missing("no such file".to_owned()));
        assert_eq!(only_new(&flag, &Budgets::default(), Some(&missing)).ok(), Some(true));
        assert_eq!(only_new(&BaselineArgs::default(), &written, None).ok(), Some(true));
        assert_eq!(only_new(&BaselineArgs::default(), &Budgets::default(), Some(&lock)).ok(), Some(false));
        let by_flag = only_new(&flag, &Budgets::default(), Some(&lock)).expect_err("refused");
        assert_eq!(
            by_flag.to_string(),
            "--only-new needs the findings of the baseline, and budgets.lock is a lock file: it has sizes only"
        );
        let by_file = only_new(&BaselineArgs::default(), &written, Some(&lock)).expect_err("refused");
        assert_eq!(by_file.place(), Some(&place));
    }
}
