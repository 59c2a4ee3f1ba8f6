//! A policy beneath a budget that a command line says.

use super::{Policy, validate};
use crate::domain::Rules;
use crate::error::{Class, Error};

/// The rules of an image that a command line names, laid over those of `policy`: they may only be stricter.
///
/// # Errors
/// What is looser, by its flag.
pub fn beneath(policy: &Policy, rules: &Rules) -> Result<Rules, Error> {
    let (rules, looser) = validate::beneath(policy, rules);
    let Some(first) = looser.into_iter().next() else { return Ok(rules) };
    let message = first.message.replace(&format!("`{}`", first.key), &format!("--{}", first.key));
    let place = first.policy.map_or_else(String::new, |place| format!(" at {place}"));
    Err(Error::new(Class::Usage, message)
        .with_hint(format!("The policy says so{place}: a budget on the command line may only be stricter.")))
}
