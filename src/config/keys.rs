//! The keys of budgets.toml, and what people write in their place because a neighbour of ours calls it so.

use crate::text;

/// The keys of one table.
pub(super) type Keys = &'static [&'static str];

/// Keys at the top of the root file.
pub(super) const ROOT: Keys =
    &["version", "include", "defaults", "profiles", "targets", "allow", "fleet", "comment", "baseline", "policy"];

/// Keys at the top of an included file.
pub(super) const INCLUDED: Keys = &["targets", "allow"];

/// Budget keys: of defaults, profiles and targets.
pub(super) const RULES: Keys = &[
    "max-size",
    "max-compressed-size",
    "max-own-size",
    "max-layers",
    "max-layer-size",
    "max-wasted",
    "max-growth",
    "max-own-growth",
    "max-os-packages",
    "forbid-tools",
    "extend-forbid-tools",
    "forbid-paths",
    "extend-forbid-paths",
    "require-non-root",
    "shadowed-tools",
    "busybox-applets",
    "enforce-from",
];

/// Keys that say where a target's image comes from.
pub(super) const SOURCES: Keys = &["context", "image", "archive", "layout"];

/// Keys of a target beside [`RULES`].
pub(super) const TARGET: Keys = &[
    "profile",
    "context",
    "dockerfile",
    "target",
    "build-args",
    "network",
    "platforms",
    "image",
    "from",
    "archive",
    "archive-image",
    "layout",
    "base",
];

/// Keys of `[[allow]]`.
pub(super) const ALLOW: Keys = &["targets", "rule", "match", "origin", "up-to", "reason", "until"];

/// Keys of `[fleet]`.
pub(super) const FLEET: Keys = &["max-size"];

/// Keys of `[comment]`.
pub(super) const COMMENT: Keys = &["min-change"];

/// Keys of `[baseline]`.
pub(super) const BASELINE: Keys = &["file", "image", "only-new"];

/// Keys of `[policy]`.
pub(super) const POLICY: Keys = &["budget-changes"];

/// Keys at the top of a policy.
pub(super) const POLICY_FILE: Keys = &["version", "defaults", "profiles", "allow", "comment", "baseline", "policy"];

/// Keys of `[policy]` in a policy: what a repository may do about it.
pub(super) const TERMS: Keys = &["may-loosen", "may-allow"];

/// Keys of a limit with two sides.
pub(super) const SIDES: Keys = &["warn", "fail", "enforce-from"];
/// Keys of a demand or a level that is not enforced at once.
pub(super) const DATED: Keys = &["fail", "enforce-from"];
/// Keys of a growth that has two forms.
pub(super) const GROWTH: Keys = &["larger-of"];
/// Keys of a build argument that comes from the environment.
pub(super) const ENVIRONMENT: Keys = &["env"];

/// Words of Compose, bake, kaniko, Dockerfiles and of other size tools, and the key of ours. In kebab case.
const NEIGHBOURS: &[(&str, &str)] = &[
    ("args", "build-args"),
    ("build-arg", "build-args"),
    ("file", "dockerfile"),
    ("containerfile", "dockerfile"),
    ("stage", "target"),
    ("platform", "platforms"),
    ("path", "context"),
    ("dir", "context"),
    ("build", "context"),
    ("build-context", "context"),
    ("tag", "image"),
    ("ref", "image"),
    ("reference", "image"),
    ("pull-from", "from"),
    ("registry", "from"),
    ("engine", "from"),
    ("base-image", "base"),
    ("parent", "base"),
    ("tar", "archive"),
    ("tarball", "archive"),
    ("oci-layout", "layout"),
    ("extends", "profile"),
    ("inherits", "profile"),
    ("size", "max-size"),
    ("limit", "max-size"),
    ("budget", "max-size"),
    ("max-image-size", "max-size"),
    ("max-compressed", "max-compressed-size"),
    ("layers", "max-layers"),
    ("max-layer-count", "max-layers"),
    ("packages", "max-os-packages"),
    ("max-packages", "max-os-packages"),
    ("wasted", "max-wasted"),
    ("max-wasted-bytes", "max-wasted"),
    ("growth", "max-growth"),
    ("own-growth", "max-own-growth"),
    ("forbidden-tools", "forbid-tools"),
    ("deny-tools", "forbid-tools"),
    ("tools", "forbid-tools"),
    ("forbidden-paths", "forbid-paths"),
    ("paths", "forbid-paths"),
    ("non-root", "require-non-root"),
    ("user", "require-non-root"),
    ("default", "defaults"),
    ("includes", "include"),
    ("images", "targets"),
    ("services", "targets"),
    ("ignore", "allow"),
    ("exceptions", "allow"),
    ("enforced-from", "enforce-from"),
    ("starting", "enforce-from"),
    ("because", "reason"),
    ("comment", "reason"),
    ("expires", "until"),
    ("name", "match"),
    ("limit", "up-to"),
];

/// What Docker can be told and imgbudget cannot, and the way out. In kebab case.
const UNSUPPORTED: Keys = &["secret", "secrets", "ssh", "build-contexts", "contexts", "additional-contexts"];

/// Keys that are listed when none of them is near.
const MOST_LISTED: usize = 10;

/// Why a key is not one of `here`, as a hint: what was meant, where it belongs, or what there is.
pub(super) fn hint(key: &str, here: &[Keys]) -> String {
    if let Some(meant) = meant(key, here) {
        return format!("Did you mean `{meant}`?");
    }
    let kebab = kebab(key);
    if UNSUPPORTED.contains(&kebab.as_str()) && here.contains(&TARGET) {
        return "A build is handed no secrets, ssh keys or named contexts; build that image elsewhere and name it with `image`, or with --image NAME=REF.".to_owned();
    }
    let elsewhere = [
        (RULES, "in a target, a profile or [defaults]"),
        (TARGET, "in a target, such as [targets.api]"),
        (ROOT, "at the top of the root file"),
        (ALLOW, "in an [[allow]] table"),
        (TERMS, "in [policy] of the file of --policy"),
    ];
    for (keys, place) in elsewhere {
        if !here.contains(&keys) && keys.contains(&kebab.as_str()) {
            return format!("`{kebab}` belongs {place}.");
        }
    }
    let there_is: Vec<String> = here.iter().copied().flatten().map(|key| format!("`{key}`")).collect();
    match there_is.as_slice() {
        [only] => format!("The only key here is {only}."),
        few if few.len() <= MOST_LISTED => format!("The keys here are {}.", few.join(", ")),
        _ => "`imgbudget schema budgets` describes every key.".to_owned(),
    }
}

/// The key of `here` that was meant by `key`, when that can be told.
pub(super) fn meant(key: &str, here: &[Keys]) -> Option<&'static str> {
    let candidates = || here.iter().copied().flatten().copied();
    let kebab = kebab(key);
    let neighbour = || {
        NEIGHBOURS
            .iter()
            .filter(|(theirs, _)| *theirs == kebab)
            .find_map(|(_, ours)| candidates().find(|candidate| candidate == ours))
    };
    candidates()
        .find(|candidate| *candidate == kebab)
        .or_else(neighbour)
        .or_else(|| text::nearest(&kebab, candidates()))
}

/// `maxSize`, `max_size` and `Max-Size` as `max-size`.
fn kebab(key: &str) -> String {
    let mut kebab = String::with_capacity(key.len());
    let mut after_lower = false;
    for c in key.chars() {
        if c.is_ascii_uppercase() && after_lower {
            kebab.push('-');
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        kebab.push(if c == '_' { '-' } else { c.to_ascii_lowercase() });
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_neighbours() {
        let here = [TARGET, RULES];
        for (theirs, ours) in [
            ("args", "build-args"),
            ("buildArgs", "build-args"),
            ("file", "dockerfile"),
            ("stage", "target"),
            ("platform", "platforms"),
            ("max_size", "max-size"),
            ("maxSize", "max-size"),
            ("MaxSize", "max-size"),
            ("forbidden-tools", "forbid-tools"),
            ("max-sise", "max-size"),
        ] {
            assert_eq!(meant(theirs, &here), Some(ours), "{theirs}");
        }
        assert_eq!(meant("banana", &here), None);
    }

    #[test]
    fn neighbours_lead_to_keys_that_exist() {
        let all = [ROOT, RULES, TARGET, ALLOW];
        for (theirs, ours) in NEIGHBOURS {
            assert!(all.iter().any(|keys| keys.contains(ours)), "{theirs}");
        }
    }

    #[test]
    fn keys_that_are_right_elsewhere() {
        assert!(hint("max-size", &[ROOT]).contains("[defaults]"));
        assert!(hint("context", &[RULES]).contains("[targets.api]"));
        assert!(hint("defaults", &[INCLUDED]).contains("root file"));
        assert!(hint("secret", &[TARGET, RULES]).contains("--image NAME=REF"));
        assert!(hint("banana", &[COMMENT]).contains("`min-change`"));
    }
}
