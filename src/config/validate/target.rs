//! One target: exactly one source, keys that fit it, and the rules it inherits.

use crate::config::{Policy, keys, raw};
use crate::diagnostics::Problem;
use crate::domain::{Build, NamedBase, Source, Target};
use crate::text;

use super::floor::{self, Ground, Tables};
use super::terms::Floors;

/// Keys that say how to build, or how an image was built elsewhere.
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
        base: base(file, target),
        look_in: target.look_in.unwrap_or_default(),
        may_ask_registry: true,
        platforms: target.platforms.clone(),
        rules,
    })
}

/// The image that `base` names, with the place of the key.
fn base(file: &raw::File, target: &raw::Target) -> Option<NamedBase> {
    let place = file.source.place(target.key("base")?.start);
    Some(NamedBase { reference: target.base.clone()?, place, may_ask_registry: true })
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
        // With `context` beside it, it was built elsewhere, and that explains it.
        [(source, _)] | [("context", _), (source, _)] | [(source, _), ("context", _)] => *source,
        several => {
            let mut several = several.iter().filter(|(key, _)| *key != "context");
            let (Some((first, _)), Some((second, span))) = (several.next(), several.next()) else { return None };
            let message = format!("the target `{name}` has two sources, `{first}` and `{second}`");
            refuse(span.clone(), message, "Keep one; --image NAME=REF replaces it for a single run.");
            return None;
        }
    };
    let is_elsewhere = source != "context";
    if let Some(span) = target.key("network").filter(|_| is_elsewhere) {
        let message = format!("`network` is for targets that are built, and `{name}` comes from `{source}`");
        refuse(span, message, &format!("Take it out, or take `{source}` out to build it here."));
    }
    if let Some(span) = target.key("base").filter(|_| !is_elsewhere) {
        let message = format!("`base` is for images built elsewhere, and `{name}` is built here");
        refuse(span, message, "Take it out: the FROM of its Dockerfile says what it stands on.");
    }
    if let Some(span) = target.key("archive-image").filter(|_| !matches!(source, "archive" | "layout")) {
        let message = format!("`archive-image` is for archives and layouts, and `{name}` comes from `{source}`");
        refuse(span, message, "Take it out, or name the file with `archive`.");
    }
    if let Some(span) = target.key("from").filter(|_| source != "image" && target.key("base").is_none()) {
        let message = format!("`from` is for targets with `image`, and `{name}` comes from `{source}`");
        let hint = if source == "context" {
            "Take it out; for an image that is built elsewhere, write --image NAME=REF --from WHERE on the command line."
        } else {
            "Take it out: a file is read where it lies. Beside `base` it says where that image is looked for."
        };
        refuse(span, message, hint);
    }
    let resolve = |path: &String| file.directory.join(path).components().collect();
    let image = target.archive_image.clone();
    let source = match source {
        "image" => Source::Image(target.image.clone()?),
        "archive" => Source::Archive { path: target.archive.as_ref().map(resolve)?, image },
        "layout" => Source::Layout { path: target.layout.as_ref().map(resolve)?, image },
        _ => Source::Build,
    };
    let explains = ["context", "dockerfile", "target", "build-args"].into_iter().any(|key| target.key(key).is_some());
    if source != Source::Build && !explains {
        return Some((source, None));
    }
    let context: std::path::PathBuf = match &target.context {
        Some(context) => resolve(context),
        None if source == Source::Build || target.key("context").is_some() => return None,
        None => file.directory.clone(),
    };
    let dockerfile = context.join(target.dockerfile.as_deref().unwrap_or("Dockerfile"));
    let build = Build {
        dockerfile: dockerfile.components().collect(),
        context,
        context_is_told: target.context.is_some(),
        stage: target.stage.clone(),
        args: target.build_args.clone(),
        args_of_environment: target.args_of_environment.clone(),
        network: target.network,
    };
    Some((source, Some(build)))
}
