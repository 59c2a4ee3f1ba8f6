//! `--offline` beside a flag that asks somebody.

use crate::cli::{ReachArgs, SourceArgs};
use crate::domain::{CommentWhen, LookIn};
use crate::error::{Class, Error};

/// Refuses flags that contradict `--offline`. What only a budget file says is an error of its target, and `--pull` is refused by the
/// command line itself.
///
/// # Errors
/// A registry or a comment is asked for.
pub(crate) fn refuse_offline(
    reach: &ReachArgs,
    source: &SourceArgs,
    comment: Option<CommentWhen>,
) -> Result<(), Error> {
    if !reach.offline {
        return Ok(());
    }
    let both = |flag: String| Error::new(Class::Usage, format!("{flag} and --offline contradict each other"));
    if source.from == Some(LookIn::Registry) {
        return Err(both("--from registry".to_owned())
            .with_hint("Leave out --offline; or save the image to a file elsewhere, and give that to --archive."));
    }
    if comment.is_some_and(|when| when != CommentWhen::Never) {
        return Err(both("--comment".to_owned()).with_hint(
            "Write --write json=FILE here, and run `imgbudget comment --report FILE` where there is a network.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(offline: bool, from: Option<LookIn>, comment: Option<CommentWhen>) -> bool {
        let reach = ReachArgs { offline, ..ReachArgs::default() };
        refuse_offline(&reach, &SourceArgs { from, ..SourceArgs::default() }, comment).is_err()
    }

    #[test]
    fn what_asks_somebody_contradicts_offline() {
        assert!(refused(true, Some(LookIn::Registry), None));
        assert!(refused(true, None, Some(CommentWhen::Auto)));
        assert!(!refused(true, Some(LookIn::Engine), Some(CommentWhen::Never)));
        assert!(!refused(true, Some(LookIn::Auto), None));
        assert!(!refused(false, Some(LookIn::Registry), Some(CommentWhen::Always)));
    }
}
