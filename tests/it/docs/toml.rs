//! Every TOML block of a page is a budgets.toml, or the part of one that needs a target beside it.

use std::fs;
use std::path::Path;

use imgbudget::config::{self, ConfigError, Surroundings};
use imgbudget::domain::{Budgets, Rule};
use imgbudget::files::Boundary;

use super::{page, pages};

/// A target for blocks that have none.
const TARGET: &str = "\n[targets.api]\nimage = \"acme/api:1\"\n";

/// Loads a block in a folder that holds what the pages include. What is wrong with it is an error as users see it.
fn load(block: &str) -> Result<Budgets, String> {
    let folder = tempfile::tempdir().unwrap();
    let service = folder.path().join("services/web");
    fs::create_dir_all(&service).unwrap();
    fs::write(service.join("budgets.toml"), "[targets.web]\ncontext = \".\"\n").unwrap();
    let path = folder.path().join("budgets.toml");
    let target = if block.contains("[targets.") { "" } else { TARGET };
    fs::write(&path, format!("{block}{target}")).unwrap();
    let surroundings = Surroundings {
        environment: &|_| None,
        build_env: &[],
        cwd: folder.path(),
        boundary: &Boundary::around(folder.path(), &|_| None),
        policy: None,
        is_tracked: &|_| false,
    };
    let loaded = config::load(&path, &surroundings).map_err(|error| match error {
        ConfigError::Problems(problems) => format!("{problems:#?}"),
        ConfigError::Failed(error) => error.chain(),
    })?;
    // A page shows nothing that would be questioned.
    if loaded.warnings.is_empty() { Ok(loaded.budgets) } else { Err(format!("{:#?}", loaded.warnings)) }
}

/// Loads a block that is the file of `--policy`.
fn load_policy(block: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("policy.toml"), block).unwrap();
    let surroundings = Surroundings {
        environment: &|_| None,
        build_env: &[],
        cwd: folder.path(),
        boundary: &Boundary::around(folder.path(), &|_| None),
        policy: None,
        is_tracked: &|_| false,
    };
    config::load_policy(Path::new("policy.toml"), &surroundings).map(drop).map_err(|error| format!("{error:#?}"))
}

#[test]
fn every_block_loads() {
    let mut count = 0;
    for page in pages() {
        for (place, block) in page.blocks_in("toml") {
            let text = block.lines.join("\n");
            let wrong = if block.info[1..] == ["policy"] { load_policy(&text).err() } else { load(&text).err() };
            assert!(wrong.is_none(), "{place}: {}", wrong.unwrap());
            count += 1;
        }
    }
    assert!(count > 15, "{count} blocks were found");
}

#[test]
fn a_wrong_block_is_noticed() {
    assert!(load("[defaults]\nmax-sizes = \"1 MB\"\n").is_err());
    assert!(load("[[allow]]\nrule = \"size\"\nreason = \"x\"\n").is_err(), "a limit needs `up-to`");
    assert!(load("[defaults]\nforbid-tools = [\"@no-such-group\"]\n").is_err());
}

#[test]
fn every_rule_that_can_be_excused_shows_how() {
    let page = page("docs/rules.md");
    let excused: Vec<Rule> = page
        .blocks_in("toml")
        .filter_map(|(_, block)| load(&block.lines.join("\n")).ok())
        .flat_map(|budgets| budgets.allows.into_iter().map(|allow| allow.rule))
        .collect();
    for rule in Rule::ALL.into_iter().filter(|rule| !matches!(rule, Rule::ExpiredAllow | Rule::BudgetChanged)) {
        assert!(excused.contains(&rule), "docs/rules.md shows no exception from `{rule}`");
    }
}
