//! What is written twice says the same: decoder, schema, example and proposal.

use imgbudget::config;

use super::{EXAMPLE, good, load, problems, shown};

#[test]
fn the_example_loads_as_it_is_and_with_every_key() {
    let service = ("services/web/budgets.toml", "[targets.web]\ncontext = \".\"\n");
    let budgets = load(&[("budgets.toml", EXAMPLE), service]).unwrap_or_else(|error| panic!("{}", shown(error)));
    assert_eq!(budgets.targets.len(), 5);
    let is_key = |line: &&str| line.contains(" = ") || line.starts_with('[');
    let whole: String =
        EXAMPLE.lines().flat_map(|line| [line.strip_prefix("# ").filter(is_key).unwrap_or(line), "\n"]).collect();
    let budgets = load(&[("budgets.toml", &whole), service]).unwrap_or_else(|error| panic!("{}", shown(error)));
    assert!(budgets.fleet_max_size.is_some() && budgets.baseline.is_some());
    for key in config::tables().iter().flat_map(|(_, keys)| *keys) {
        assert!(
            whole
                .lines()
                .any(|line| line.contains(&format!("{key} = ")) || line.trim_matches(['[', ']']).starts_with(key)),
            "{key}"
        );
    }
}

#[test]
fn a_proposal_loads() {
    let root = tempfile::tempdir().unwrap();
    for file in [
        "Dockerfile",
        "services/api/Dockerfile",
        "other/api/Dockerfile",
        "services/api/Dockerfile.worker",
        "web/docker/Dockerfile",
        "a b\"/Dockerfile",
        "node_modules/x/Dockerfile",
        ".hidden/Dockerfile",
        "Dockerfile.dockerignore",
    ] {
        let path = root.path().join("shop").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "FROM scratch\n").unwrap();
    }
    let proposal = config::propose(&root.path().join("shop"), None);
    insta::assert_snapshot!(proposal.text(None), @r#"
    # Budgets of container images. `imgbudget check` builds each target, measures it, and judges it.

    [defaults]                            # for every target below
    forbid-tools = ["@build-tools"]       # compilers, build systems, package managers; `imgbudget tools` lists the groups
    # require-non-root = true
    # forbid-paths = ["@caches", "@vcs", "@secrets"]

    [targets.shop]
    context = "."
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.a-b]
    context = 'a b"'
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.api]
    context = "other/api"
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.services-api]
    context = "services/api"
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.api-worker]
    context = "services/api"
    dockerfile = "Dockerfile.worker"
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.web]
    context = "web"
    dockerfile = "docker/Dockerfile"
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits
    "#);
    assert_eq!(good(&proposal.text(None)).targets.len(), proposal.targets.len());
    let uncommented = proposal.text(None).replace("\n# ", "\n");
    good(&uncommented);

    let nothing = config::propose(&root.path().join("shop/.hidden/empty"), None);
    assert!(nothing.targets.is_empty());
    good(&nothing.text(None));
}

#[test]
fn the_schema_takes_the_example() {
    let validator = jsonschema::validator_for(&config::schema::schema()).unwrap();
    let example: toml::Table = EXAMPLE.replace("2027-03-31", "\"2027-03-31\"").parse().unwrap();
    let example = serde_json::to_value(example).unwrap();
    let errors: Vec<String> = validator.iter_errors(&example).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn every_key_is_read() {
    // No key takes infinity, so that a key which is known and not read would say nothing.
    for (table, keys) in &config::tables() {
        for key in *keys {
            let header = if table.is_empty() { String::new() } else { format!("{table}\n") };
            let text = format!("{header}{key} = inf\n");
            let line = text.lines().count();
            let told = problems(&text).iter().any(|problem| {
                usize::try_from(problem.place().line) == Ok(line) && !problem.message.contains("unknown key")
            });
            assert!(told, "{table} {key}");
        }
    }
}
