//! Growth, and which layer is to blame.

use super::{BUDGETS, Shop, states};
use crate::support::run::Run;
use serde_json::Value;

#[test]
fn growth_at_its_limit_and_above() {
    let shop = Shop::new();
    shop.run(&["update"]);
    for (size, code) in [(60_000, 0), (70_000, 0), (70_001, 1), (20_000, 0)] {
        shop.image("api", size);
        assert_eq!(shop.run(&["check"]).code, Some(code), "{size}");
    }
    // 10 % of 200 kB is more than 10 kB.
    shop.image("api", 200_000);
    shop.run(&["update"]);
    for (size, code) in [(220_000, 0), (220_001, 1)] {
        shop.image("api", size);
        assert_eq!(shop.run(&["check"]).code, Some(code), "{size}");
    }
    let soft = BUDGETS.replace("{ larger-of = [\"10 kB\", \"10%\"] }", "{ warn = \"10%\", fail = \"50%\" }");
    shop.write("budgets.toml", &soft);
    let (code, report) = shop.json(&[]);
    assert_eq!((code, &report["verdict"]), (Some(0), &Value::from("warn")));
    shop.write(
        "budgets.toml",
        format!(
            "{soft}\n[[allow]]\nrule = \"growth\"\nup-to = \"11%\"\nuntil = 2999-01-01\nreason = \"the new library\"\n"
        ),
    );
    let (code, report) = shop.json(&[]);
    assert_eq!((code, &report["verdict"]), (Some(0), &Value::from("pass")));
}

#[test]
fn a_report_as_baseline_knows_layers_and_findings() {
    let shop = Shop::new();
    shop.write("budgets.toml", BUDGETS.replace("[baseline]\nfile = \"budgets.lock\"\n", ""));
    assert_eq!(shop.run(&["check", "--write", "json=main.json"]).code, Some(0));
    shop.image("api", 90_000);
    let (code, report) = shop.json(&["--baseline", "main.json"]);
    assert_eq!((code, states(&report)), (Some(1), vec!["changed", "same"]));
    let api = &report["targets"][0];
    let change = serde_json::json!({
        "state": "changed", "size_before": 60_000, "base_size_before": null, "compressed_size_before": null,
        "layers": [{ "index": 1, "created_by": "RUN make", "before": 50_000, "after": 80_000 }],
    });
    assert_eq!(api["change"], change);
    let finding = &api["findings"][0];
    assert_eq!((&finding["rule"], &finding["is_new"]), (&Value::from("growth"), &Value::from(true)));
    assert_eq!(finding["layer"]["index"], 1);
    let schema = jsonschema::validator_for(&imgbudget::report::schema()).unwrap();
    assert!(schema.is_valid(&report), "{report:#}");
    // What is written is read back: today's report is tomorrow's baseline.
    shop.write("main.json", report.to_string());
    let (code, report) = shop.json(&["--baseline", "main.json"]);
    assert_eq!((code, states(&report)), (Some(0), vec!["same", "same"]));
}

/// What the table, the comment, an annotation, SARIF and the JSON report say of whom to blame for a size: a layer, and the line to change.
fn blamed(shop: &Shop, archive: &str) -> [String; 5] {
    let run = Run::new().dir(shop.path()).env("GITHUB_ACTIONS", "true");
    let formats = ["markdown", "sarif", "json"].map(|format| format!("--write={format}=said.{format}"));
    let flags = ["--quiet", "--annotations", "--baseline", "main.json", "--archive", archive];
    let screen = run.args(["check"]).args(flags).args(formats).run();
    let line = |text: &str, mark: &str| {
        let found = text.lines().find(|line| line.contains(mark));
        found.unwrap_or_else(|| panic!("no {mark} in\n{text}")).trim().to_owned()
    };
    let comment = shop.read("said.markdown");
    let comment = comment.lines().find(|line| line.starts_with("- ")).expect("says whom");
    let json: Value = serde_json::from_str(&shop.read("said.json")).expect("JSON");
    let sarif: Value = serde_json::from_str(&shop.read("said.sarif")).expect("JSON");
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    let layer = &json["targets"][0]["findings"][0]["layer"];
    [
        line(&screen.stdout, "  Dockerfile:"),
        comment.split("<br>").next().unwrap_or_default().to_owned(),
        line(&screen.stderr, "size::").split(",title").next().unwrap_or_default().to_owned(),
        format!("{} {}", location["artifactLocation"]["uri"], location["region"]["startLine"]),
        format!("{} {}", layer["index"], layer["role"]),
    ]
}

#[test]
fn all_formats_blame_one_layer() {
    let shop = Shop::new();
    shop.write("Dockerfile", "FROM base\nRUN make\n");
    shop.write("budgets.toml", "[targets.api]\ncontext = \".\"\nmax-size = \"80 kB\"\n");
    shop.image_on("api", 50_000, 10_000);
    assert_eq!(shop.run(&["check", "--archive", "api=api.tar", "--write", "json=main.json"]).code, Some(0));
    // Newly over: the largest layer was there before.
    shop.image_on("api", 50_000, 40_000);
    insta::assert_snapshot!(blamed(&shop, "api=api.tar").join("\n"), @r#"
    30.0 kB  Dockerfile:2  RUN make  new
    - `Dockerfile:2` `RUN make` · **+30.0 kB** · frees ≤ 30.0 kB
    ::error file=Dockerfile,line=2
    "Dockerfile" 2
    1 "grew-most"
    "#);
    // Over before: what is largest has most to give.
    assert_eq!(shop.run(&["check", "--archive", "api=api.tar", "--write", "json=main.json"]).code, Some(1));
    shop.image_on("api", 50_000, 45_000);
    insta::assert_snapshot!(blamed(&shop, "api=api.tar").join("\n"), @r#"
    50.0 kB  Dockerfile:1  FROM base, 1 layer
    - `base`: largest layer: `api`
    ::error file=Dockerfile,line=1
    "Dockerfile" 1
    0 "largest"
    "#);
}

#[test]
fn growth_of_the_base_image_is_told_from_ones_own() {
    let shop = Shop::new();
    shop.write("Dockerfile", "FROM base\nRUN make\n");
    shop.write(
        "budgets.toml",
        "[baseline]\nfile = \"budgets.lock\"\n[targets.api]\ncontext = \".\"\nmax-growth = \"20 kB\"\n",
    );
    let (measure, archive) = ("--archive", "api=api.tar");
    assert_eq!(shop.run(&["update", measure, archive]).code, Some(0));
    assert!(shop.read("budgets.lock").ends_with("\napi linux/amd64 size=60_000 base=10_000\n"));
    assert_eq!(shop.run(&["check", measure, archive, "--write", "json=main.json"]).code, Some(0));
    shop.image_on("api", 38_000, 50_200);
    insta::assert_snapshot!(shop.screen(&["check", "--quiet", measure, archive]), @r#"
    exit: 0
    --- stdout
    Target     Size    Change  Budget  Headroom
    ───────────────────────────────────────────
    ! api   88.2 kB  +28.2 kB       –         –

    ! api  grew 8.2 kB too much, by its base image
      largest
      50.2 kB  Dockerfile:2  RUN make
      38.0 kB  Dockerfile:1  FROM base, 1 layer
      → build in an earlier stage and copy only what runs
      base grew 28.0 kB, yours grew 200 B
      Needed? imgbudget allow api growth --up-to 29kB --reason "…"

    baseline: budgets.lock
    image: archive api.tar, [DIGEST]

    ! api 88.2 kB (+28.2 kB), grew 8.2 kB too much, by its base image
    --- stderr
    "#);
    insta::assert_snapshot!(shop.screen(&["check", "--quiet", measure, archive, "--baseline", "main.json"]), @r#"
    exit: 0
    --- stdout
    Target     Size    Change  Budget  Headroom
    ───────────────────────────────────────────
    ! api   88.2 kB  +28.2 kB       –         –

    ! api  grew 8.2 kB too much, by its base image
          grew
      +28.0 kB  Dockerfile:1  FROM base: ADD rootfs.tar /
                → start from a smaller base image
        +200 B  Dockerfile:2  RUN make
      base grew 28.0 kB, yours grew 200 B
      Needed? imgbudget allow api growth --up-to 29kB --reason "…"

    baseline: main.json
    image: archive api.tar, [DIGEST]

    ! api 88.2 kB (+28.2 kB), grew 8.2 kB too much, by its base image
    --- stderr
    "#);
    let markdown = shop.run(&["check", measure, archive, "--format", "markdown"]).stdout;
    let markdown = markdown.replace('\u{a0}', " ");
    assert!(markdown.contains("moved: +28.0 kB in 1 image, your layers +200 B"), "{markdown}");
    shop.image_on("api", 10_000, 80_001);
    let own = shop.run(&["check", measure, archive]).stdout;
    assert!(own.contains("✗ api  grew 10.0 kB too much") && !own.contains("base grew"), "{own}");
    let markdown = shop.run(&["check", measure, archive, "--format", "markdown"]).stdout;
    assert!(!markdown.contains("the base image grew"), "{markdown}");
}
