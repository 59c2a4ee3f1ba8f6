//! What loads, and what comes out of it.

use imgbudget::domain::{Bytes, Level, LookIn, Network, Rule, Severity, Source, UpTo};

use super::{EXAMPLE, good, load_in, shown};

#[test]
fn values_arrive() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("services/web")).unwrap();
    std::fs::write(root.path().join("budgets.toml"), EXAMPLE).unwrap();
    std::fs::write(
        root.path().join("services/web/budgets.toml"),
        "[targets.web]\ncontext = \"app\"\n[[allow]]\nrule = \"root-user\"\nreason = \"r\"\n",
    )
    .unwrap();
    let budgets = load_in(root.path(), "./budgets.toml").map_err(shown).unwrap();
    let target = |name: &str| budgets.targets.iter().find(|target| target.name.as_str() == name).unwrap();

    let api = target("api");
    let build = api.build.as_ref().unwrap();
    assert_eq!(build.context, root.path().join("services/api"));
    assert_eq!(build.dockerfile, root.path().join("services/api/Dockerfile"));
    assert_eq!(build.args["GIT_SHA"], "abc123");
    assert_eq!(build.network, Network::Default);
    assert_eq!(api.place.as_ref().unwrap().to_string(), "budgets.toml:17");
    let max_size = api.rules.max_size.as_ref().unwrap();
    assert_eq!((max_size.warn, max_size.fail), (None, Some(Bytes(150_000_000))));
    let compressed = api.rules.max_compressed_size.as_ref().unwrap();
    assert_eq!((compressed.warn, compressed.fail), (Some(Bytes(50_000_000)), Some(Bytes(60_000_000))));
    let tools: Vec<_> = api.rules.forbid_tools.iter().map(|tool| (tool.what.to_string(), tool.severity)).collect();
    assert_eq!(
        tools,
        [
            ("@build-tools".to_owned(), Severity::Fail),
            ("curl".to_owned(), Severity::Fail),
            ("@shells".to_owned(), Severity::Warn)
        ]
    );
    assert_eq!(api.rules.require_non_root.as_ref().unwrap().0, Level::Fail);

    let worker = target("worker");
    assert!(matches!(&worker.source, Source::Image(image) if image.repository == "acme/worker"));
    assert_eq!((worker.look_in, worker.may_ask_registry), (LookIn::Registry, true));
    assert_eq!(api.look_in, LookIn::Auto, "when absent");
    let tools: Vec<_> = worker.rules.forbid_tools.iter().map(|tool| tool.what.to_string()).collect();
    assert_eq!(tools, ["@build-tools", "curl"], "extend adds to what is inherited");
    assert_eq!(worker.rules.forbid_tools[0].place.as_ref().unwrap().to_string(), "budgets.toml:10");
    assert!(target("tools").rules.is_empty(), "an empty list switches a rule off");

    let web = target("web");
    assert_eq!(web.build.as_ref().unwrap().context, root.path().join("services/web/app"));
    assert_eq!(web.place.as_ref().unwrap().to_string(), "services/web/budgets.toml:1");
    assert_eq!(web.rules.forbid_tools.len(), 1, "defaults of the root hold for included files");

    assert_eq!(budgets.allows[1].rule, Rule::Size);
    assert_eq!(budgets.allows[1].up_to, Some(UpTo::Bytes(Bytes(170_000_000))));
    assert!(budgets.allows[0].covers("worker") && !budgets.allows[0].covers("batch"));
    let of_web = &budgets.allows[2];
    assert!(of_web.covers("web") && !of_web.covers("api"), "a team excuses its own targets only");
}

#[test]
fn nearer_tables_win() {
    let budgets = good(
        r#"
[defaults]
max-size = "1 MB"
max-layers = 3
forbid-tools = { warn = ["curl"] }
[profiles.p]
max-size = { warn = "2 MB" }
[targets.a]
image = "a"
profile = "p"
max-layers = false
extend-forbid-tools = ["curl"]
[targets.b]
image = "b"
max-growth = { warn = "1%", fail = { larger-of = ["2.5%", "5 MB"] } }
"#,
    );
    let [a, b] = budgets.targets.as_slice() else { panic!() };
    let max_size = a.rules.max_size.as_ref().unwrap();
    assert_eq!((max_size.warn, max_size.fail), (Some(Bytes(2_000_000)), None), "a limit is replaced whole");
    assert!(a.rules.max_layers.is_none());
    assert_eq!(a.rules.forbid_tools.len(), 1);
    assert_eq!(a.rules.forbid_tools[0].severity, Severity::Fail, "the nearer severity");
    assert_eq!(b.rules.max_layers.as_ref().unwrap().fail, Some(3));
    let growth = b.rules.max_growth.as_ref().unwrap();
    assert_eq!(growth.warn.unwrap().percent_hundredths, Some(100));
    assert_eq!(growth.fail.unwrap().bytes, Some(Bytes(5_000_000)));
}

#[test]
fn unset_variables_are_left_out() {
    let budgets = good("[targets.a]\ncontext = \".\"\nbuild-args = { A = { env = \"NOBODY\" }, B = \"\" }\n");
    let args = &budgets.targets[0].build.as_ref().unwrap().args;
    assert_eq!(args.keys().collect::<Vec<_>>(), ["B"]);
}

#[test]
fn forms_of_toml() {
    let budgets =
        good("\u{feff}targets.b.image = \"b\"\r\ntargets.a.context = \".\"\r\ntargets.a.max-size.warn = \"1 kB\"\r\n");
    let names: Vec<_> = budgets.targets.iter().map(|target| target.name.as_str()).collect();
    assert_eq!(names, ["b", "a"], "in the order of the file");
    let max_size = budgets.targets[1].rules.max_size.as_ref().unwrap();
    assert_eq!((max_size.warn, max_size.fail), (Some(Bytes(1000)), None));
    assert_eq!(max_size.place.as_ref().unwrap().to_string(), "budgets.toml:3");
}
