//! What `imgbudget allow` was asked to write: words of the command line become exceptions, and every word has to mean something here.

mod checked;
mod confirmed;
mod words;

pub(crate) use confirmed::{confirmed, refuse_strangers};

use globset::Glob;

use crate::cli::AllowArgs;
use crate::domain::{Budgets, NewAllow, Rule, Scope, Target};
use crate::error::{Class, Error};
use crate::text;

use checked::{is_above, is_checked};
use words::{by_rule, up_to};

/// The exceptions that were asked for. A limit whose `up_to` is `None` is still to be measured.
///
/// # Errors
/// A target, rule, tool, group or path that there is not, or that is not checked here; a limit that is not above the one that holds.
pub(crate) fn asked(args: &AllowArgs, budgets: &Budgets, until: Option<time::Date>) -> Result<Vec<NewAllow>, Error> {
    let reason = args.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).ok_or_else(|| {
        Error::new(Class::Usage, "an exception without a reason")
            .with_hint("Say why in a sentence: --reason \"…\". Whoever meets it next year wants to know.")
    })?;
    let typed = targets(args.targets.as_deref().unwrap_or_default(), budgets)?;
    let chosen: Vec<&Target> = budgets.targets.iter().filter(|target| is_of(target.name.as_str(), &typed)).collect();
    let words = by_rule(&args.words)?;
    if args.up_to.is_some() && !words.iter().any(|(rule, _)| is_limit(*rule)) {
        return Err(
            Error::new(Class::Usage, "--up-to is for limits, and none is named").with_hint("Leave --up-to out.")
        );
    }
    let is_list = |rule: Rule| matches!(rule.scope(), Scope::Tools | Scope::Paths);
    if args.origin.is_some() && !words.iter().any(|(rule, _)| is_list(*rule)) {
        return Err(Error::new(Class::Usage, "--origin is for tools and paths, and none is named")
            .with_hint("Leave --origin out."));
    }
    let mut exceptions = Vec::new();
    for (rule, matches) in words {
        is_checked(rule, &matches, &chosen)?;
        let up_to = args.up_to.as_deref().filter(|_| is_limit(rule)).map(|word| up_to(word, rule)).transpose()?;
        if let Some(up_to) = up_to {
            is_above(rule, up_to, &chosen)?;
        }
        let of_base = args.origin.is_some() && is_list(rule);
        let targets = if typed == ["*"] || rule == Rule::FleetSize { Vec::new() } else { typed.clone() };
        exceptions.push(NewAllow { targets, rule, matches, of_base, up_to, reason: reason.to_owned(), until });
    }
    Ok(exceptions)
}

/// Whether a target is one of those that were typed.
pub(crate) fn is_of(name: &str, typed: &[String]) -> bool {
    typed.is_empty()
        || typed.iter().any(|typed| Glob::new(typed).is_ok_and(|glob| glob.compile_matcher().is_match(name)))
}

/// `api,web-*`, each of which is a target, or matches one.
///
/// # Errors
/// One that does not.
pub(crate) fn targets(typed: &str, budgets: &Budgets) -> Result<Vec<String>, Error> {
    let names = || budgets.targets.iter().map(|target| target.name.as_str());
    let words: Vec<String> =
        typed.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    for word in &words {
        let glob = Glob::new(word).map_err(|error| {
            Error::new(Class::Usage, format!("`{}` is not a glob: {}", text::line(word), error.kind()))
                .with_hint("`*`, `?`, `[ab]` and `{a,b}` have a meaning in globs.")
        })?;
        let glob = glob.compile_matcher();
        if !names().any(|name| glob.is_match(name)) {
            let listed: Vec<&str> = names().take(12).collect();
            let near = text::nearest(word, names()).map(|near| format!("Did you mean `{near}`? ")).unwrap_or_default();
            let message = format!("no target is called `{}`", text::line(word));
            return Err(
                Error::new(Class::Usage, message).with_hint(format!("{near}The targets are {}.", listed.join(", ")))
            );
        }
    }
    if words.is_empty() {
        return Err(Error::new(Class::Usage, "no target is named")
            .with_hint("Write imgbudget allow TARGET WORD --reason \"…\"; '*' is every target."));
    }
    Ok(words)
}

/// Whether a rule is a limit, whose exception needs `up-to`.
pub(crate) fn is_limit(rule: Rule) -> bool {
    matches!(rule.scope(), Scope::Bytes | Scope::Count | Scope::Growth)
}
