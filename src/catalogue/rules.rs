//! The rules as people read about them: one sentence, what to do, the key that switches each on.

use crate::domain::Rule;

/// What is known of a rule beside its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleFacts {
    /// What it asks for: one sentence without a final full stop.
    pub sentence: &'static str,
    /// What it looks at, why, and how to fix what it finds.
    pub help: &'static str,
    /// The key of budgets.toml that switches it on; `None` where nothing needs to.
    pub key: Option<&'static str>,
    /// Whether it is a limit, so that an exception must say `up-to`.
    pub is_limit: bool,
    /// Whether this version judges it. One that it does not is reported as not judged.
    pub is_judged: bool,
}

impl RuleFacts {
    const fn new(key: &'static str, sentence: &'static str, help: &'static str) -> Self {
        Self { sentence, help, key: Some(key), is_limit: false, is_judged: true }
    }

    const fn limit(self) -> Self {
        Self { is_limit: true, ..self }
    }

    const fn not_yet(self) -> Self {
        Self { is_judged: false, ..self }
    }
}

/// What is known of `rule`.
#[must_use]
pub const fn facts(rule: Rule) -> RuleFacts {
    match rule {
        Rule::WrongStage => RuleFacts {
            sentence: "The image is the stage that the budget expects",
            help: "Compares the history of an image that was built elsewhere with the stages of its Dockerfile. Where another \
                   stage explains more of its layers, everything else that is found is about the wrong image, so this comes \
                   first. Build the image with the right `--target`, or name the stage with `target`.",
            key: None,
            is_limit: false,
            is_judged: true,
        },
        Rule::Size => RuleFacts::new(
            "max-size",
            "The image is no larger than its budget",
            "Counts the bytes of files and link targets in all layers, the same on every engine. A large image is slow to \
             pull, to start and to scan. Build in an earlier stage and copy only what runs, or start from a smaller base image.",
        )
        .limit(),
        Rule::CompressedSize => RuleFacts::new(
            "max-compressed-size",
            "What a registry stores and a node pulls is no larger than its budget",
            "Adds up the layer blobs: exact where a manifest or the blobs themselves were read, an estimate otherwise. It is \
             what every node downloads. The advice for `size` helps here too; layers in zstd are smaller than in gzip.",
        )
        .limit(),
        Rule::OwnSize => RuleFacts::new(
            "max-own-size",
            "The layers above the base image are no larger than their budget",
            "Counts only what this Dockerfile adds, so that a new base image does not break the budget of a team that did \
             not choose it. Copy less, or clean up in the instruction that made the files.",
        )
        .limit(),
        Rule::Layers => RuleFacts::new(
            "max-layers",
            "The image has no more layers than its budget",
            "Counts all layers, those of the base image included. Each one costs a request when it is pulled and a mount \
             when it runs. Join instructions that belong together.",
        )
        .limit(),
        Rule::LayerSize => RuleFacts::new(
            "max-layer-size",
            "No layer is larger than the budget",
            "Looks at the largest layer. A layer is pulled as one piece, and pulled again whole when one file in it \
             changes. Copy what rarely changes, such as dependencies, in an instruction of its own.",
        )
        .limit(),
        Rule::Wasted => RuleFacts::new(
            "max-wasted",
            "Few bytes are shipped that the final file system does not show",
            "Counts bytes that a later layer deleted, replaced or copied again: they are pulled and never seen. Delete in \
             the instruction that made the files, or set owner and mode with COPY --chown and --chmod.",
        )
        .limit(),
        Rule::Growth => RuleFacts::new(
            "max-growth",
            "The image has not grown more than its budget since the baseline",
            "Compares with an earlier measurement, so that an image does not creep up to its limit unnoticed. Look at \
             which layer grew, or accept the new size by updating the baseline.",
        )
        .limit(),
        Rule::OwnGrowth => RuleFacts::new(
            "max-own-growth",
            "The layers above the base image have not grown more than their budget since the baseline",
            "Compares only what this Dockerfile adds, so a base image that moved never counts. Look at which layer grew, or \
             accept the growth in the change that causes it: `imgbudget allow TARGET own-growth`.",
        )
        .limit(),
        Rule::OsPackages => RuleFacts::new(
            "max-os-packages",
            "The image has no more packages of the operating system than its budget",
            "Counts packages of dpkg, apk and rpm. Each one has to be patched. Install without recommended packages, or \
             start from a smaller base image.",
        )
        .limit(),
        Rule::ForbiddenTool => RuleFacts::new(
            "forbid-tools",
            "No forbidden tool is in the image",
            "Searches the final file system for commands by name; nothing is ever run. Compilers and package managers are \
             large, have to be patched, and help an intruder. Build in an earlier stage and copy only what runs; where the \
             base image brings the tool, use a base without it or allow it with a reason.",
        ),
        Rule::ShadowedTool => RuleFacts::new(
            "shadowed-tools",
            "No forbidden tool was deleted by a later layer",
            "Looks for tools of forbid-tools that a later layer deleted: they are gone when the image runs, and their bytes \
             are still pulled. Install and remove in one RUN instruction, or build in an earlier stage.",
        ),
        Rule::ForbiddenPath => RuleFacts::new(
            "forbid-paths",
            "No forbidden path is in the image",
            "Looks for globs and groups in the final file system: @caches, @vcs, @secrets and @core-dumps get into \
             images by accident. Name them in .dockerignore, or remove them in the instruction that made them.",
        ),
        Rule::RootUser => RuleFacts::new(
            "require-non-root",
            "The image does not run as root",
            "Reads the user of the image's config. A process that runs as root in its container is root for whatever it \
             can break out to. End the last stage with a USER instruction; a number works even without /etc/passwd.",
        ),
        Rule::FleetSize => RuleFacts::new(
            "fleet.max-size",
            "All targets together are no larger than their budget",
            "Adds up all targets and counts shared layers once: what a node that runs everything has to hold. Let targets \
             share one base image.",
        )
        .limit()
        .not_yet(),
        Rule::ExpiredAllow => RuleFacts::new(
            "allow.until",
            "No exception is past its date",
            "Warns in the last fourteen days of an exception and fails after them; a day ends at midnight UTC. Fix what it \
             excused and delete it, or give it a new date.",
        ),
        Rule::BudgetChanged => RuleFacts::new(
            "policy.budget-changes",
            "The budget allows no more than it did at the baseline",
            "Compares the budget with that of the baseline: limits raised, exceptions added or widened, rules or targets \
             dropped. Every output shows such changes; this says whether they warn or fail, too. The stricter of the two \
             settings holds, that of the baseline and that of now.",
        ),
        Rule::NoBudget => RuleFacts {
            sentence: "Every target is judged by at least one rule",
            help: "A target without a budget, or with rules of which none could be judged, is measured and never called \
                   good. Give it a max-size.",
            key: None,
            is_limit: false,
            is_judged: true,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_says_something_of_its_own() {
        let unique = |texts: Vec<&str>| texts.iter().collect::<BTreeSet<_>>().len() == texts.len();
        assert!(unique(Rule::ALL.iter().map(|rule| rule.code()).collect()));
        assert!(unique(Rule::ALL.iter().map(|rule| facts(*rule).sentence).collect()));
        assert!(unique(Rule::ALL.iter().map(|rule| facts(*rule).help).collect()));
        assert!(unique(Rule::ALL.iter().filter_map(|rule| facts(*rule).key).collect()));
    }

    #[test]
    fn texts_are_sentences() {
        for rule in Rule::ALL {
            let RuleFacts { sentence, help, key, .. } = facts(rule);
            assert!(sentence.starts_with(char::is_uppercase) && !sentence.ends_with('.'), "{rule}");
            assert!(help.starts_with(char::is_uppercase) && help.ends_with('.'), "{rule}");
            assert!(!help.contains("  "), "{rule}");
            assert_eq!(key.is_none(), matches!(rule, Rule::NoBudget | Rule::WrongStage), "{rule}");
        }
    }

    #[test]
    fn limits_are_the_keys_that_begin_with_max() {
        for rule in Rule::ALL {
            let is_max = facts(rule).key.is_some_and(|key| key.contains("max-"));
            assert_eq!(facts(rule).is_limit, is_max, "{rule}");
        }
    }
}
