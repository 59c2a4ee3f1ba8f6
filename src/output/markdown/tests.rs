//! What readers see, and what strangers cannot make of it. What a browser makes of it is tested with the real parser, beside the
//! other tests of the whole.

use proptest::prelude::*;

use super::super::fixture::{changed, fixture, pushed, two_platforms};
use super::view::DOT;
use super::*;
use crate::domain::{Baseline, BaselineState, Bytes, Finding, How, Place, Platform, TargetReport, Verdict};

fn links() -> Links {
    Links {
        repository_url: Some("https://github.com/acme/shop".to_owned()),
        head: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        run: Some("https://github.com/acme/shop/actions/runs/42".to_owned()),
        ..Links::none()
    }
}

fn shown(report: &Report) -> String {
    render(report, &links(), 65_000)
}

fn first_line(targets: Vec<TargetReport>) -> String {
    let report = Report::new(targets, None, Vec::new());
    shown(&report).lines().next().unwrap_or_default().replace('\u{a0}', " ")
}

#[test]
fn everything() {
    insta::assert_snapshot!(render(&fixture(), &Links::none(), 65_000), @r#"
    **💥 `batch` could not be measured** · `api` is 12.0 MB over its budget and ships build tools · 2 warn

    | Image | Size | Budget | Headroom |
    | :--- | ---: | ---: | ---: |
    | 💥 `batch` | – | – | – |
    | ❌ `api` | 162.0 MB | 150.0 MB | **12.0 MB over** |
    | ⚠️ `web` | 96.5 MB | 100.0 MB | 3.5 MB |
    | ⚠️ `tool` | 0 B | – | – |
    | ✅ `site` | 12.3 MB | 20.0 MB | 7.7 MB |

    #### 💥 `batch`

    - the build failed: RUN make all: exit code 2 · `batch/Dockerfile:7`<br>The last lines of its log are above.

    <details><summary>The end of its log</summary>

    ```text
    | cc -o batch batch.c
    | batch.c:1: �]0;x� error
    |
    ```

    </details>

    #### ❌ `api` is 12.0 MB over its budget and ships build tools

    - `services/api/Dockerfile:12` `RUN apt-get update && apt-get install -y g++ make` · frees ≤ 41.2 MB<br>gcc, g++ → install in an earlier stage and copy only what runs<br>Needed? `imgbudget allow api g++ gcc --reason "…"`
    - ⚠️ layer 4 of 4 `COPY dist /srv�[2J�` · frees ≤ 12 B<br>`/srv/a�::error::b�[31m` → add it to `.dockerignore`<br>Needed? `imgbudget allow api '/srv/a*' --reason "…"`
    - `services/api/Dockerfile:4` `FROM node:20-bookworm-slim`<br>npm, npx, corepack, wget → use a base image without them<br>Needed? `imgbudget allow api corepack npm npx size --up-to 165MB --origin base --reason "…"`
    - All fixes: 162.0 → 120.8 MB, within its budget

    #### ⚠️ `web` is 6.5 MB over its warning limit

    - too large as a whole → build in an earlier stage and copy only what runs<br>Needed? `imgbudget allow web size --up-to 97MB --reason "…"`

    #### ⚠️ `tool` has no budget

    - no budget → set `max-size = "1 kB"`

    <details><summary>7 findings · 1 exception in force · 2 rules not judged · 1 note · 4 images</summary>

    **7 findings**

    - `api` **size** · **162.0 MB** > 150.0 MB, 12.0 MB too much · `budgets.toml:12`
    - `api` **forbidden-tool** · gcc and g++ are in the image (41.2 MB): `/usr/bin/g++`, `/usr/bin/g++-12` and 2 more · `budgets.toml:14`
    - `api` **forbidden-tool** · npm, npx and corepack are in the image (9.8 MB): `/usr/local/bin/corepack`, `/usr/local/bin/npm` and 7 more · `budgets.toml:14`
    - `api` **forbidden-path** · `/srv/a�::error::b�[31m` is in the image (12 B) · `budgets.toml:15`
    - `api` **shadowed-tool** · wget was deleted by a later layer: `/usr/bin/wget`
    - `web` **size** · **96.5 MB** > 90.0 MB, 6.5 MB too much · `budgets.toml:20`
    - `tool` **no-budget** · it has no budget

    **1 exception in force**

    - `web`: forbidden-tool `npm`, `npx`: base image ships it · until `2027-03-31` · `budgets.toml:40`

    **2 rules not judged**

    - fleet-size: this version does not judge it yet
    - growth (`web`, `site`): no baseline yet

    **1 note**

    - `api`, `web`: the engine keeps images in containerd, so `docker image ls` shows another number

    **4 images**

    - `api`, `web`, `tool` and 1 more: built in this run

    </details>

    <sub>no baseline · `linux/amd64`</sub>
    "#);
}

#[test]
fn beside_a_baseline() {
    insta::assert_snapshot!(shown(&changed()), @r#"
    **💥 `batch` could not be measured** · `api` is 12.0 MB over its budget and ships build tools · 2 warn

    | Image | Size | Change | Budget | Headroom |
    | :--- | ---: | ---: | ---: | ---: |
    | 💥 `batch` | – | – | – | – |
    | ❌ `api` | 162.0 MB | +40.1 MB (+32.9 %) | [150.0 MB](https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/budgets.toml#L12) | **12.0 MB over** |
    | ⚠️ `web` | 96.5 MB | −500.0 kB (−0.5 %) | [100.0 MB](https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/budgets.toml#L12) | 3.5 MB |
    | ⚠️ `tool` | 0 B | new | – | – |

    - `web`: the base image grew by 2.0 MB, its own layers shrank by 2.5 MB

    #### 💥 `batch`

    - the build failed: RUN make all: exit code 2 · [`Dockerfile:7`](https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/batch/Dockerfile#L7)<br>The last lines of its log are above.

    <details><summary>The end of its log</summary>

    ```text
    | cc -o batch batch.c
    | batch.c:1: �]0;x� error
    |
    ```

    </details>

    #### ❌ `api` is 12.0 MB over its budget and ships build tools

    - [`services/api/Dockerfile:12`](https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/services/api/Dockerfile#L12) `RUN apt-get update && apt-get install -y g++ make` · **+40.2 MB** · frees ≤ 41.2 MB<br>**new:** gcc, g++ → install in an earlier stage and copy only what runs<br>Needed? `imgbudget allow api g++ gcc size --up-to 165MB --reason "…"`
    - ⚠️ layer 4 of 4 `COPY dist /srv�[2J�` · **+1.7 MB** · frees ≤ 12 B<br>**new:** `/srv/a�::error::b�[31m` → add it to `.dockerignore`<br>Needed? `imgbudget allow api '/srv/a*' --reason "…"`
    - All fixes: 162.0 → 120.8 MB, within its budget

    #### ⚠️ `web` is 6.5 MB over its warning limit

    - too large as a whole → build in an earlier stage and copy only what runs<br>Needed? `imgbudget allow web size --up-to 97MB --reason "…"`

    #### ⚠️ `tool` has no budget

    - no budget → set `max-size = "1 kB"`

    <details><summary>1 unchanged, passes · 1 known cause</summary>

    - `node:20-bookworm-slim` brings npm, npx, corepack, wget: `api`
    - pass: `site`

    </details>

    <details><summary>3 layers changed · 5 findings · 1 exception in force · 2 rules not judged · 1 note · 4 images</summary>

    **3 layers changed**

    - `api` +40.2 MB (24.0 MB → 64.2 MB): `RUN apt-get update && apt-get install -y g++ make` · [`Dockerfile:12`](https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/services/api/Dockerfile#L12)
    - `api` −1.8 MB (gone): ``COPY assets|`x` /srv``
    - `api` +1.7 MB (new): `COPY dist /srv�[2J�`

    **5 findings**

    - `api` **size** · **162.0 MB** > 150.0 MB, 12.0 MB too much · [`budgets.toml:12`](https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/budgets.toml#L12)
    - `api` **forbidden-tool** · gcc and g++ are in the image (41.2 MB): `/usr/bin/g++`, `/usr/bin/g++-12` and 2 more · [`budgets.toml:14`](https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/budgets.toml#L14)
    - `api` **shadowed-tool** · wget was deleted by a later layer: `/usr/bin/wget`
    - `web` **size** · **96.5 MB** > 90.0 MB, 6.5 MB too much · [`budgets.toml:20`](https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/budgets.toml#L20)
    - `tool` **no-budget** · it has no budget

    **1 exception in force**

    - `web`: forbidden-tool `npm`, `npx`: base image ships it · until `2027-03-31` · [`budgets.toml:40`](https://github.com/acme/shop/blob/0123456789abcdef0123456789abcdef01234567/budgets.toml#L40)

    **2 rules not judged**

    - fleet-size: this version does not judge it yet
    - growth (`web`, `site`): no baseline yet

    **1 note**

    - `api`, `web`: the engine keeps images in containerd, so `docker image ls` shows another number

    **4 images**

    - `api`, `web`, `tool` and 1 more: built in this run

    </details>

    <sub>vs `baseline.json` ([`9d1c0fe`](https://github.com/acme/shop/commit/9d1c0fe2b7a3465f8e0d1c2b3a495867fedcba98)), 12 commits behind · not in this run: `docs` · `linux/amd64` · [run](https://github.com/acme/shop/actions/runs/42)</sub>
    "#);
}

#[test]
fn first_lines() {
    let [api, web, site, tool, batch] = <[TargetReport; 5]>::try_from(changed().targets).expect("five");
    let line = first_line;
    insta::assert_snapshot!(line(vec![site.clone(), api.clone(), site.clone()]), @"**❌ `api` is 12.0 MB over its budget and ships build tools**");
    insta::assert_snapshot!(line(vec![api.clone()]), @"**❌ `api` is 12.0 MB over its budget and ships build tools**");
    insta::assert_snapshot!(line(vec![api.clone(), api.clone(), web.clone()]), @"**❌ `api (linux/amd64)` is 12.0 MB over its budget and ships build tools** · 1 more fails · 1 warns");
    insta::assert_snapshot!(line(vec![web.clone(), site.clone()]), @"**⚠️ `web` is 6.5 MB over its warning limit**");
    insta::assert_snapshot!(line(vec![tool]), @"**⚠️ `tool` has no budget**");
    insta::assert_snapshot!(line(vec![batch, site.clone()]), @"**💥 `batch` could not be measured**");
    insta::assert_snapshot!(line(vec![site.clone()]), @"**✅ `site` is within its budget**");
    let passing = |target| TargetReport { verdict: Verdict::Pass, findings: Vec::new(), ..target };
    insta::assert_snapshot!(line(vec![site, passing(api), passing(web)]), @"**✅ all 3 images are within budget** · `api` +40.1 MB (+32.9 %)");
    insta::assert_snapshot!(line(vec![fixture().targets.remove(2), fixture().targets.remove(2)]), @"**✅ both images are within budget**");
    insta::assert_snapshot!(line(Vec::new()), @"**⚠️ no image was measured**");
}

#[test]
fn what_several_platforms_share_is_said_once() {
    let mut report = two_platforms();
    report.targets[1].findings[0].actual = Some(crate::domain::Amount::Bytes(Bytes(163_000_000)));
    report.targets[1].findings.truncate(2);
    let shown = render(&report, &Links::none(), 65_000);
    let short = |line: &str| line.split("<br>").next().unwrap_or_default().to_owned();
    let heads: Vec<String> =
        shown.lines().filter(|line| line.starts_with("#### ") || line.starts_with("- ")).map(short).collect();
    insta::assert_snapshot!(heads.join("\n"), @"
    #### ❌ `api (linux/amd64)` is 12.0 MB over its budget and ships build tools
    - ⚠️ layer 4 of 4 `COPY dist /srv�[2J�` · frees ≤ 12 B
    - `services/api/Dockerfile:4` `FROM node:20-bookworm-slim`
    - All fixes: 162.0 → 120.8 MB, within its budget
    #### ❌ `api (linux/amd64, linux/arm64)`
    - `services/api/Dockerfile:12` `RUN apt-get update && apt-get install -y g++ make` · frees ≤ 41.2 MB each
    #### ❌ `api (linux/arm64)` is 12.0 MB over its budget and ships build tools
    - ⚠️ layer 4 of 4 `COPY dist /srv�[2J�` · frees ≤ 12 B
    - `services/api/Dockerfile:4` `FROM node:20-bookworm-slim`
    - All fixes: 162.0 → 120.8 MB, within its budget
    - `api (linux/amd64)` **size** · **162.0 MB** > 150.0 MB, 12.0 MB too much · `budgets.toml:12`
    - `api (linux/amd64, linux/arm64)` **forbidden-tool** · gcc and g++ are in the image (41.2 MB): `/usr/bin/g++`, `/usr/bin/g++-12` and 2 more · `budgets.toml:14`
    - `api (linux/amd64)` **forbidden-tool** · npm, npx and corepack are in the image (9.8 MB): `/usr/local/bin/corepack`, `/usr/local/bin/npm` and 7 more · `budgets.toml:14`
    - `api (linux/amd64)` **forbidden-path** · `/srv/a�::error::b�[31m` is in the image (12 B) · `budgets.toml:15`
    - `api (linux/amd64)` **shadowed-tool** · wget was deleted by a later layer: `/usr/bin/wget`
    - `api (linux/arm64)` **size** · **163.0 MB** > 150.0 MB, 12.0 MB too much · `budgets.toml:12`
    - `api (linux/amd64)`, `api (linux/arm64)`: the engine keeps images in containerd, so `docker image ls` shows another number
    - `api (linux/amd64, linux/arm64)`: built in this run
    ");
}

#[test]
fn advice_and_layers_are_told_once_a_list() {
    let mut report = fixture();
    let finding = report.targets[0].findings[1].clone();
    report.targets[0].findings = vec![finding; 9];
    report.targets[0].causes.clear();
    let shown = shown(&report);
    let count = |text: &str| shown.matches(text).count();
    assert_eq!((count("gcc and g++ are in the image"), count("3 more causes</summary>")), (9, 0), "{shown}");
    assert_eq!((count("Install it in an earlier stage"), count("Layer 3 of 4, as above")), (1, 5), "{shown}");
}

#[test]
fn platforms_are_told_apart() {
    let shown = shown(&two_platforms());
    assert!(shown.contains("❌\u{a0}`api (linux/arm64)` |"), "{shown}");
    // A platform that is none is no part of the first line.
    let mut report = two_platforms();
    for target in &mut report.targets {
        target.platform = Some(Platform::new("x</summary>", "@everyone", None));
    }
    assert!(first_line(report.targets).starts_with("**❌ `api` is "));
}

#[test]
fn what_is_not_in_the_run_has_the_platform_that_differs() {
    let mut report = changed();
    let left_out = |name: &str, platform| (name.parse().expect("a name"), Some(Platform::new("linux", platform, None)));
    if let Some(baseline) = &mut report.baseline {
        baseline.not_in_run = vec![left_out("api", "arm64"), left_out("docs", "amd64"), left_out("docs", "arm64")];
    }
    let shown = shown(&report);
    assert!(shown.contains("· not in this run: `api (linux/arm64)`, `docs`\u{a0}·"), "{shown}");
}

#[test]
fn baselines_in_a_word() {
    let with = |state, commit: Option<&str>, behind| {
        let baseline = Baseline {
            source: "b".to_owned(),
            how: How::File,
            state,
            commit: commit.map(str::to_owned),
            behind,
            not_in_run: Vec::new(),
        };
        let report = Report { baseline: Some(baseline), ..fixture() };
        let last = shown(&report).lines().last().unwrap_or_default().to_owned();
        last.split(DOT).next().unwrap_or_default().replace("<sub>", "")
    };
    let found = || BaselineState::Found;
    assert_eq!(with(BaselineState::Missing("no such file".to_owned()), None, None), "no baseline yet");
    assert_eq!(
        with(BaselineState::OtherDefinition("a`b".to_owned()), None, None),
        "the baseline measured by another definition (``a`b``)"
    );
    assert_eq!(with(found(), None, None), "vs `b`");
    assert_eq!(
        with(found(), Some("4f2a9c1"), Some(0)),
        "vs `b` ([`4f2a9c1`](https://github.com/acme/shop/commit/4f2a9c1))"
    );
    assert_eq!(with(found(), Some("main`)[x](y)"), Some(1)), "vs `b`, 1 commit behind");
}

#[test]
fn amounts_that_read_alike_are_told_apart() {
    let mut report = fixture();
    let finding = &mut report.targets[0].findings[0];
    finding.limit = Some(crate::domain::Amount::Bytes(Bytes(161_999_999)));
    assert!(shown(&report).replace('\u{a0}', " ").contains("**162,000,000 bytes** > 161,999,999 bytes"));
}

#[test]
fn what_changes_on_every_run_is_not_news() {
    let mut later = changed();
    if let Some(baseline) = &mut later.baseline {
        baseline.commit = Some("0".repeat(40));
        baseline.behind = Some(13);
    }
    later.commit = Some("1".repeat(40));
    let stable = stable(&changed(), 65_000);
    assert_eq!(stable, super::stable(&later, 65_000));
    assert!(!stable.contains("https://") && !stable.contains("9d1c0fe") && !stable.contains("behind"), "{stable}");
    later.targets[0].size = None;
    assert_ne!(stable, super::stable(&later, 65_000));
}

#[test]
fn shed_in_order() {
    let mut report = fixture();
    let [api, _, site, ..] = report.targets.as_slice() else { panic!("five targets") };
    let finding = api.findings[1].clone();
    let failing = TargetReport { findings: vec![finding; 3000], causes: Vec::new(), ..api.clone() };
    report.targets = vec![site.clone(); 400].into_iter().chain([failing]).collect();
    report.verdict = Verdict::Fail;
    let shown = |limit| render(&report, &links(), limit);
    let everything = shown(100_000);
    assert!(everything.contains("400 more, all pass") && everything.contains("- pass: `site"));
    let without_passing = shown(everything.len() - 1);
    assert!(!without_passing.contains("- pass:") && without_passing.contains("400 more, all pass"));
    assert!(without_passing.contains("<details>") && without_passing.contains("- and 2994 more causes"));
    let open = shown(without_passing.len() - 1);
    assert!(!open.contains("<details>") && open.contains("- and 2994 more causes"));
    let least = shown(120);
    assert!(least.starts_with("**❌ `api` ships build tools**\n"), "{least}");
    assert!(least.ends_with("[run](https://github.com/acme/shop/actions/runs/42)\n"), "{least}");
}

/// Text that would like to do harm.
fn hostile() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "`",
        "``",
        "|",
        "\n",
        "\r\n",
        "/merge",
        "::error::x",
        "##[error]",
        "<img src=x>",
        "</details>",
        "@team",
        "#1",
        "GH-1",
        "https://evil.example",
        "www.evil.example",
        "[a](b)",
        "![a](b)",
        "\u{202e}",
        "\u{1b}[31m",
        "\\",
        "*",
        "_",
        "~~",
        "---",
        "-->",
        "&lt;",
        "é",
        "𝕏",
        " ",
        "a",
        "$x$",
        ":tada:",
        "\t",
    ]);
    prop_oneof![prop::collection::vec(words, 0..30).prop_map(|words| words.concat()), any::<String>()]
}

fn overrun(text: &str, number: usize) -> Report {
    let mut report = changed();
    for target in &mut report.targets {
        let place = Some(Place { file: text.to_owned(), line: 1, column: 1 });
        if let Some(base) = &mut target.base {
            base.reference = text.to_owned();
            base.place.file = text.to_owned();
        }
        for layer in &mut target.layers {
            layer.created_by = Some(text.to_owned());
            layer.dockerfile.clone_from(&place);
        }
        if let Some(error) = &mut target.error {
            error.message = text.to_owned();
            error.hint = Some(text.to_owned());
            error.detail = vec![text.to_owned(); 3];
            error.place.clone_from(&place);
        }
        for finding in &mut target.findings {
            *finding = Finding {
                subject: text.to_owned(),
                message: text.to_owned(),
                paths: vec![text.to_owned(); 3],
                hint: Some(text.to_owned()),
                budget: place.clone(),
                ..finding.clone()
            };
        }
        target.findings = target.findings.iter().cloned().cycle().take(number).collect();
        target.notes = vec![text.to_owned()];
        for allow in &mut target.allows {
            allow.reason = text.to_owned();
            allow.until = Some(text.to_owned());
            allow.subjects = vec![text.to_owned()];
        }
        for not in &mut target.not_judged {
            not.reason = text.to_owned();
        }
        for layer in target.change.iter_mut().flat_map(|change| &mut change.layers) {
            layer.created_by = Some(text.to_owned());
        }
        target.platform = Some(Platform::new(text, text, Some(text)));
    }
    report
}

proptest! {
    // Thousands of findings take their time.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn never_too_long(text in hostile(), number in prop::sample::select(vec![0usize, 1, 40, 3000]), limit in 0usize..80_000) {
        let shown = render(&overrun(&text, number), &links(), limit);
        prop_assert!(shown.len() <= limit);
    }

    #[test]
    fn no_line_obeys_a_stranger(text in hostile()) {
        let shown = shown(&overrun(&text, 3));
        prop_assert!(!shown.contains("##["));
        for line in shown.lines() {
            let ours = ["**", "| ", "####", "- ", "<details>", "</details>", "<sub>", "```", "And "];
            prop_assert!(line.is_empty() || line == "|" || ours.iter().any(|start| line.starts_with(start)), "{line}");
            prop_assert!(!line.chars().any(crate::text::is_hidden), "{line:?}");
        }
    }
}

#[test]
fn images_from_elsewhere() {
    insta::assert_snapshot!(render(&pushed(), &Links::none(), SUMMARY), @r#"
    **💥 `legacy` could not be measured** · `gateway` is 2.0 MB over its compressed budget · 1 warns

    | Image | Size | Budget | Headroom |
    | :--- | ---: | ---: | ---: |
    | 💥 `legacy` | – | – | – |
    | ❌ `gateway` | – | 62.0 of 60.0 MB compressed | **2.0 MB over** |
    | ⚠️ `orders` | 212.0 MB | about 81.0 of 80.0 MB compressed | too close to tell |

    #### 💥 `legacy`

    - size could not be judged: the image could only be exported, which does not show its layers<br>Pull or load the whole image again, or read it from its registry: `from = "registry"`.
    - gcc → build in an earlier stage and copy only what runs<br>Needed? `imgbudget allow legacy gcc --reason "…"`

    #### ❌ `gateway` is 2.0 MB over its compressed budget

    - layer 2 of 2 `COPY dist /srv`<br>largest layer → leave out what does not run<br>Needed? `imgbudget allow gateway compressed-size --up-to 65MB --reason "…"`

    #### ⚠️ `orders` may be over its compressed budget

    - too large as a whole → build in an earlier stage and copy only what runs<br>Needed? `imgbudget allow orders compressed-size --up-to 85MB --reason "…"`

    <details><summary>3 findings · 1 rule not judged · 3 images</summary>

    **3 findings**

    - `legacy` **forbidden-tool** · gcc is in the image (41.2 MB): `/usr/bin/gcc`
    - `gateway` **compressed-size** · **62.0 MB** > 60.0 MB, 2.0 MB too much
    - `orders` **compressed-size** · about **81.0 MB**, too close to 80.0 MB to tell

    **1 rule not judged**

    - size (`legacy`): the image could only be exported, which does not show its layers

    **3 images**

    - `legacy`: `registry.example.com/legacy:9` from the engine · sha256:abababababab · created 2026-11-03 · fell back from layer metadata: the engine refuses it (403) · fell back from save: a layer is missing
    - `gateway`: `registry.example.com/gateway:1.4` from its registry · sha256:abababababab · created 2026-11-03 · manifest and config alone, which is all that its rules ask for
    - `orders`: `registry.example.com/orders:2` from the engine · sha256:abababababab · created 2026-11-03
    - 1 layer by the engine's layer metadata; the final file system by `export`; 182.9 MB, at most 3.2 s a target

    </details>

    <sub>no baseline · `linux/amd64`</sub>
    "#);
}

#[test]
fn how_it_was_read_is_no_news() {
    let mut again = pushed();
    for target in &mut again.targets {
        if let Some(read) = &mut target.read {
            read.milliseconds += 1;
            read.bytes = Bytes(1);
            read.fallbacks.push("save: no space left".to_owned());
        }
        if let Some(image) = &mut target.image {
            (image.created, image.digest) = (None, None);
        }
    }
    assert_ne!(render(&again, &Links::none(), SUMMARY), render(&pushed(), &Links::none(), SUMMARY));
    assert_eq!(stable(&again, SUMMARY), stable(&pushed(), SUMMARY));
}
