//! A budget that the command line says in full: `imgbudget check --image REF --max-size 150MB`.

use std::path::Path;

use super::select::{choose_image, look_in, sources};
use crate::cli::{BudgetArgs, CheckArgs};
use crate::config::{self, Policy, WrongPath};
use crate::domain::{
    Budgets, Forbidden, Level, Limit, LookIn, Platform, Rules, Severity, Source, Target, TargetName, ToolPattern,
};
use crate::error::{Class, Error};
use crate::source::archive::STANDARD_INPUT;

/// Whether the command line speaks for itself, so that no file is read: some source has no target name.
#[must_use]
pub(crate) fn is_adhoc(args: &CheckArgs) -> bool {
    let source = &args.source;
    let mut named = source.image.iter().chain(&source.archive).chain(&source.layout).peekable();
    args.config.is_none() && args.targets.is_empty() && source.bake_metadata.is_none() && named.peek().is_some() && {
        let unnamed = named.clone().any(|named| named.name.is_none());
        unnamed || !args.budget.is_empty()
    }
}

/// One target for each source on the command line, all under the one budget there, and the policy beneath it.
///
/// # Errors
/// A tool or group that the catalogue does not know, a glob that is none, two targets of one name, a budget looser than the policy.
pub(crate) fn budgets(args: &CheckArgs, policy: Option<&Policy>) -> Result<Budgets, Error> {
    let rules = rules(&args.budget)?;
    let rules = policy.map_or(Ok(rules.clone()), |policy| config::beneath(policy, &rules))?;
    let mut targets: Vec<Target> = Vec::new();
    for (flag, named, source) in sources(&args.source)? {
        let name = match &named.name {
            Some(name) => name.clone(),
            None => derived_name(&source)?,
        };
        if targets.iter().any(|target| target.name == name) {
            return Err(Error::new(Class::Usage, format!("two targets would be called `{name}`"))
                .with_hint(format!("Name them, as in {flag} NAME={}.", named.value)));
        }
        targets.push(target(name, source, &args.source.platform, rules.clone()));
    }
    choose_image(&args.source, &mut targets)?;
    look_in(&args.source, &mut targets)?;
    let allows = policy.into_iter().flat_map(Policy::allows).collect();
    Ok(Budgets { targets, allows, policy: policy.map(Policy::named), ..Budgets::default() })
}

/// A target that no file declares.
pub(super) fn target(name: TargetName, source: Source, platforms: &[Platform], rules: Rules) -> Target {
    Target {
        name,
        place: None,
        source,
        build: None,
        base: None,
        look_in: LookIn::Auto,
        may_ask_registry: true,
        platforms: platforms.to_vec(),
        rules,
    }
}

/// The last part of a reference or path, made to fit a target's name.
pub(super) fn derived_name(source: &Source) -> Result<TargetName, Error> {
    let text = match source {
        Source::Image(reference) => reference.repository.rsplit('/').next().unwrap_or_default().to_owned(),
        Source::Archive { path, .. } if path == Path::new(STANDARD_INPUT) => String::new(),
        Source::Archive { path, .. } | Source::Layout { path, .. } => {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            // `app.tar.gz`
            stem.strip_suffix(".tar").map(str::to_owned).unwrap_or(stem)
        }
        Source::Build => String::new(),
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
    let name: String = text.chars().take(64).map(plain).collect();
    let name = if name.is_empty() { "image".to_owned() } else { name };
    name.parse().map_err(|error: crate::domain::TargetNameError| Error::new(Class::Usage, error.to_string()))
}

fn rules(args: &BudgetArgs) -> Result<Rules, Error> {
    let forbid_tools = args
        .forbid_tools
        .iter()
        .map(|word| {
            let what = tool(word)?;
            Ok(Forbidden { what, severity: Severity::Fail, place: None })
        })
        .collect::<Result<_, Error>>()?;
    let forbid_paths = args
        .forbid_paths
        .iter()
        .map(|text| {
            let what = config::path_pattern(text).map_err(|wrong| match wrong {
                WrongPath::Glob(why) => {
                    Error::new(Class::Usage, format!("--forbid-paths: `{text}` is not a glob: {why}")).with_hint(
                        "`*` stays within a directory, `**` does not, `[` begins a set: write `\\[` for the character.",
                    )
                }
                wrong @ WrongPath::Group { .. } => {
                    Error::new(Class::Usage, format!("--forbid-paths: {}", wrong.message().unwrap_or_default()))
                        .with_hint(wrong.hint(|group| format!("--forbid-tools {group}")))
                }
            })?;
            Ok(Forbidden { what, severity: Severity::Fail, place: None })
        })
        .collect::<Result<_, Error>>()?;
    Ok(Rules {
        max_size: args.max_size.map(Limit::hard),
        max_compressed_size: args.max_compressed_size.map(Limit::hard),
        max_layers: args.max_layers.map(Limit::hard),
        max_layer_size: args.max_layer_size.map(Limit::hard),
        max_os_packages: args.max_os_packages.map(Limit::hard),
        forbid_tools,
        forbid_paths,
        require_non_root: args.require_non_root.then_some((Level::Fail, None)),
        ..Rules::default()
    })
}

fn tool(word: &str) -> Result<ToolPattern, Error> {
    config::tool_pattern(word).map_err(|problem| {
        Error::new(Class::Usage, format!("--forbid-tools: {}", problem.message)).with_hint(problem.hint)
    })
}
