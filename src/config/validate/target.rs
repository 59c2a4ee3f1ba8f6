//! One target: exactly one source, keys that fit it, and the rules it inherits.

use crate::config::{Policy, keys, raw};
use crate::diagnostics::Problem;
use crate::domain::{Build, Source, Target};
use crate::text;

use super::floor::{self, Ground, Tables};
use super::terms::Floors;

/// Keys that say how to build.
const BUILD_KEYS: [&str; 4] = ["dockerfile", "target", "build-args", "network"];
const SOURCE_HINT: &str = "Say where its image comes from: `context` to build it, or `image`, `archive` or `layout` to measure one that exists.";

/// The target, or nothing when its name or source is wrong, which is then among the problems. What the policy alone asks of it is added
/// to `floors`.
pub(super) fn target(
    file: &raw::File,
    target: &raw::Target,
    root: &raw::File,
    policy: Option<&Policy>,
    floors: &mut Floors,
    problems: &mut Vec<Problem>,
) -> Option<Target> {
    let Ground { rules, floor } = rules(file, target, root, policy, problems);
    floors.extend(floor.map(|floor| (target.name.get_ref().clone(), floor)));
    let source = source(file, target, problems);
    let (source, build) = source?;
    Some(Target {
        name: target.valid_name.clone()?,
        place: Some(file.source.place(target.name.span().start)),
        source,
        build,
        look_in: target.look_in.unwrap_or_default(),
        may_ask_registry: true,
        platforms: target.platforms.clone(),
        rules,
    })
}

fn rules(
    file: &raw::File,
    target: &raw::Target,
    root: &raw::File,
    policy: Option<&Policy>,
    problems: &mut Vec<Problem>,
) -> Ground {
    let of_policy = policy.map(|policy| &policy.file.profiles);
    let profile = target.profile.as_ref().and_then(|wanted| {
        let found = root.profiles.get(wanted.get_ref());
        if found.is_none() && of_policy.is_none_or(|profiles| !profiles.contains_key(wanted.get_ref())) {
            let known = root.profiles.keys().chain(of_policy.into_iter().flat_map(|profiles| profiles.keys()));
            let hint = match text::nearest(wanted.get_ref(), known.map(String::as_str)) {
                Some(meant) => format!("Did you mean `{meant}`?"),
                None => format!("Declare it in {}: [profiles.NAME] with budget keys under it.", root.source.name()),
            };
            let message = format!("no profile is called `{}`", wanted.get_ref());
            problems.push(Problem::new(&file.source, wanted.span(), message).with_hint(hint));
        }
        found
    });
    let tables = Tables {
        defaults: (root, &root.defaults),
        profile: profile.map(|profile| (root, profile)),
        target: (file, &target.rules),
    };
    floor::ground(&tables, target.profile.as_ref().map(|wanted| wanted.get_ref().as_str()), policy, problems)
}

fn source(file: &raw::File, target: &raw::Target, problems: &mut Vec<Problem>) -> Option<(Source, Option<Build>)> {
    let name = target.name.get_ref();
    let mut refuse = |span, message: String, hint: &str| {
        problems.push(Problem::new(&file.source, span, message).with_hint(hint));
    };
    let sources: Vec<_> = target.keys.iter().filter(|(key, _)| keys::SOURCES.contains(key)).collect();
    let source = match sources.as_slice() {
        [] => {
            if !target.perhaps_has_source {
                let is_built = BUILD_KEYS.into_iter().any(|key| target.key(key).is_some());
                let hint = if is_built { "Add the directory to build in: context = \".\"." } else { SOURCE_HINT };
                refuse(target.name.span(), format!("the target `{name}` has no source"), hint);
            }
            return None;
        }
        [(source, _)] => *source,
        [(first, _), (second, span), ..] => {
            let message = format!("the target `{name}` has two sources, `{first}` and `{second}`");
            refuse(span.clone(), message, "Keep one; --image NAME=REF replaces it for a single run.");
            return None;
        }
    };
    if source != "context" {
        for key in BUILD_KEYS {
            if let Some(span) = target.key(key) {
                let message = format!("`{key}` is for targets that are built, and `{name}` comes from `{source}`");
                refuse(span, message, &format!("Take it out, or write `context` in the place of `{source}`."));
            }
        }
    }
    if let Some(span) = target.key("archive-image").filter(|_| !matches!(source, "archive" | "layout")) {
        let message = format!("`archive-image` is for archives and layouts, and `{name}` comes from `{source}`");
        refuse(span, message, "Take it out, or name the file with `archive`.");
    }
    if let Some(span) = target.key("from").filter(|_| source != "image") {
        let message = format!("`from` is for targets with `image`, and `{name}` comes from `{source}`");
        let hint = if source == "context" {
            "Take it out; for an image that is built elsewhere, write --image NAME=REF --from WHERE on the command line."
        } else {
            "Take it out: a file is read where it lies."
        };
        refuse(span, message, hint);
    }
    let resolve = |path: &String| file.directory.join(path).components().collect();
    match source {
        "image" => Some((Source::Image(target.image.clone()?), None)),
        "archive" => {
            let path = target.archive.as_ref().map(resolve)?;
            Some((Source::Archive { path, image: target.archive_image.clone() }, None))
        }
        "layout" => {
            let path = target.layout.as_ref().map(resolve)?;
            Some((Source::Layout { path, image: target.archive_image.clone() }, None))
        }
        _ => {
            let context: std::path::PathBuf = target.context.as_ref().map(resolve)?;
            let dockerfile = context.join(target.dockerfile.as_deref().unwrap_or("Dockerfile"));
            let build = Build {
                dockerfile: dockerfile.components().collect(),
                context,
                stage: target.stage.clone(),
                args: target.build_args.clone(),
                network: target.network,
            };
            Some((Source::Build, Some(build)))
        }
    }
}
