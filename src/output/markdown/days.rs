//! What a team of twenty services reads, day by day.

use super::super::fleet;
use super::*;

fn links() -> Links {
    Links {
        repository_url: Some("https://github.com/acme/shop".to_owned()),
        head: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        run: Some("https://github.com/acme/shop/actions/runs/42".to_owned()),
        ..Links::none()
    }
}

/// The comment, with the addresses of its links left out.
fn shown(report: &Report) -> String {
    let whole = render(report, &links(), 65_000);
    let mut shown = String::new();
    let mut rest = whole.as_str();
    while let Some((before, after)) = rest.split_once("](https://") {
        shown.push_str(before);
        shown.push_str("](…)");
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    // For people to look at in a browser: set the variable to a directory.
    if let Some(folder) = std::env::var_os("IMGBUDGET_SHOTS") {
        let name = std::thread::current().name().unwrap_or("shown").replace("::", "-");
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.md")), &whole).expect("a directory");
    }
    (shown + rest).replace('\u{a0}', " ")
}

#[test]
fn one_got_worse_and_fourteen_have_old_problems() {
    insta::assert_snapshot!(shown(&fleet::got_worse()), @r#"
    **❌ `orders` grew 64.2 MB, 59.2 MB more than allowed**

    | Image | Size | Change | Budget | Headroom |
    | :--- | ---: | ---: | ---: | ---: |
    | ❌ `orders` | 212.2 MB | +64.2 MB (+43.4 %) | [250.0 MB](…) | 37.8 MB |

    - [`services/orders/Dockerfile:18`](…) `RUN npm ci` · **+64.2 MB** · frees ≤ 35.0 MB<br>typescript and jest → `npm ci --omit=dev`<br>Needed? `imgbudget allow orders growth --up-to 65MB --reason "…"`

    <details><summary>19 unchanged: 5 pass, 14 known</summary>

    - `node:20-slim` brings npm, npx: `node-06`, `node-07`, `node-08` and 7 more
    - no USER: `node-16`, `node-17`, `node-18` and 1 more
    - pass: `node-01`, `node-02`, `node-03`, `node-04`, `node-05`
    - known: `node-06`, `node-07`, `node-08`, `node-09`, `node-10`, `node-11`, `node-12`, `node-13`, `node-14`, `node-15`, `node-16`, `node-17`, `node-18`, `node-19`

    </details>

    <details><summary>1 layer changed · 1 finding</summary>

    **1 layer changed**

    - `orders` +64.2 MB (50.0 MB → 114.2 MB): `RUN npm ci` · [`Dockerfile:18`](…)

    **1 finding**

    - `orders` **growth** · **64.2 MB** > 5.0 MB, 59.2 MB too much · [`budgets.toml:7`](…)

    </details>

    <sub>vs [`a1b2c3d`](…), this merge's parent · `linux/amd64` · [run](…)</sub>
    "#);
}

#[test]
fn only_the_base_moved() {
    insta::assert_snapshot!(shown(&fleet::base_moved(true)), @"
    **✅ base `node:20-slim`: +28.4 MB in 6 images, your layers ±0**

    | Images | Base | Yours | Least headroom |
    | :--- | ---: | ---: | ---: |
    | 6 images | +28.4 MB | ±0 | `node-01` 73.6 MB |

    <details><summary>6 moved with their base · 3 unchanged, all pass</summary>

    | Image | Size | Change | Budget | Headroom |
    | :--- | ---: | ---: | ---: | ---: |
    | ✅ `node-01` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-02` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-03` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-04` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-05` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-06` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |

    - pass: `node-07`, `node-08`, `node-09`

    </details>

    <details><summary>6 layers changed</summary>

    - `node-01`, `node-02`, `node-03` and 3 more +28.4 MB (96.0 MB → 124.4 MB): `ADD rootfs.tar.xz /`

    </details>

    <sub>vs [`a1b2c3d`](…), this merge's parent · `linux/amd64` · [run](…)</sub>
    ");
}

#[test]
fn the_base_moved_by_itself() {
    insta::assert_snapshot!(shown(&fleet::base_moved(false)), @"
    **✅ `node:20-slim` moved: +28.4 MB in 6 images, your layers ±0**

    | Images | Base | Yours | Least headroom |
    | :--- | ---: | ---: | ---: |
    | 6 images | +28.4 MB | ±0 | `node-01` 73.6 MB |

    <details><summary>6 moved with their base · 3 unchanged, all pass</summary>

    | Image | Size | Change | Budget | Headroom |
    | :--- | ---: | ---: | ---: | ---: |
    | ✅ `node-01` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-02` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-03` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-04` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-05` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-06` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |

    - pass: `node-07`, `node-08`, `node-09`

    </details>

    <details><summary>6 layers changed</summary>

    - `node-01`, `node-02`, `node-03` and 3 more +28.4 MB (96.0 MB → 124.4 MB): `ADD rootfs.tar.xz /`

    </details>

    <sub>vs [`a1b2c3d`](…), this merge's parent · `linux/amd64` · [run](…)</sub>
    ");
}

#[test]
fn a_base_that_grew_is_one_story_and_not_six() {
    let shown = shown(&fleet::base_grew());
    insta::assert_snapshot!(shown.split("<details>").next().unwrap_or_default(), @"
    **⚠️ `node:20-slim` moved: +28.4 MB in 6 images, your layers ±0** · more than they may grow, which only warns

    | Images | Base | Yours | Least headroom |
    | :--- | ---: | ---: | ---: |
    | 6 images | +28.4 MB | ±0 | `node-01` 73.6 MB |
    ");
}

#[test]
fn what_exit_code_2_says_is_not_called_a_pass() {
    let mut report = fleet::base_moved(false);
    report.verdict = crate::domain::Verdict::Error;
    assert!(shown(&report).starts_with("**💥 not everything could be checked**\n"));
    let mut report = fleet::got_worse();
    report.verdict = crate::domain::Verdict::Error;
    let first = "**💥 `orders` grew 64.2 MB, 59.2 MB more than allowed** · not everything could be checked\n";
    assert!(shown(&report).starts_with(first), "{}", shown(&report));
}

#[test]
fn a_limit_that_the_base_crossed_warns() {
    insta::assert_snapshot!(shown(&fleet::base_crossed()), @r#"
    **⚠️ `node-06` is 6.4 MB over its budget (drift, so it only warns)**

    | Image | Size | Change | Budget | Headroom |
    | :--- | ---: | ---: | ---: | ---: |
    | ⚠️ `node-06` | 176.4 MB | +28.4 MB (+19.2 %) | [170.0 MB](…) | **6.4 MB over** |

    - `node:20-slim` moved: +28.4 MB in 6 images, your layers ±0

    - [`services/node-06/Dockerfile:9`](…) `FROM node:20-slim` · **+28.4 MB** · drift, so it only warns<br>28.4 MB more than before → choose another base image<br>Needed? `imgbudget allow node-06 size --up-to 180MB --reason "…"`

    <details><summary>5 moved with their base · 3 unchanged, all pass</summary>

    | Image | Size | Change | Budget | Headroom |
    | :--- | ---: | ---: | ---: | ---: |
    | ✅ `node-01` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-02` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-03` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-04` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |
    | ✅ `node-05` | 176.4 MB | +28.4 MB (+19.2 %) | [250.0 MB](…) | 73.6 MB |

    - pass: `node-07`, `node-08`, `node-09`

    </details>

    <details><summary>6 layers changed · 1 finding</summary>

    **6 layers changed**

    - `node-06`, `node-01`, `node-02` and 3 more +28.4 MB (96.0 MB → 124.4 MB): `ADD rootfs.tar.xz /`

    **1 finding**

    - `node-06` **size** · **176.4 MB** > 170.0 MB, 6.4 MB too much

    </details>

    <sub>vs [`a1b2c3d`](…), this merge's parent · `linux/amd64` · [run](…)</sub>
    "#);
}

#[test]
fn the_first_day() {
    insta::assert_snapshot!(shown(&fleet::first_day()), @r#"
    **❌ 14 of 20 images fail, 10 of them by one cause**

    #### ❌ 10 images: `node-06`, `node-07`, `node-08` and 7 more

    - `FROM node:20-slim`<br>npm, npx → use a base image without them<br>Needed? `imgbudget allow node-06,node-07,node-08,node-09,node-10,node-11,node-12,node-13,node-14,node-15 npm --origin base --reason "…"`

    #### ❌ 4 images: `node-16`, `node-17`, `node-18` and 1 more

    - no USER → end the stage with USER `65532:65532`<br>Needed? `imgbudget allow node-16,node-17,node-18,node-19 root-user --reason "…"`

    | Image | Size | Budget | Headroom |
    | :--- | ---: | ---: | ---: |
    | ❌ `node-06` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-07` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-08` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-09` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-10` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-11` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-12` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-13` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-14` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-15` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-16` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-17` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-18` | 148.0 MB | [250.0 MB](…) | 102.0 MB |
    | ❌ `node-19` | 148.0 MB | [250.0 MB](…) | 102.0 MB |

    <details><summary>6 more, all pass</summary>

    - pass: `node-01` 148.0 MB, `node-02` 148.0 MB, `node-03` 148.0 MB, `node-04` 148.0 MB, `node-05` 148.0 MB, `orders` 212.2 MB

    </details>

    <details><summary>14 findings</summary>

    - `node-06`, `node-07`, `node-08` and 7 more **forbidden-tool** · npm and npx are in the image (9.8 MB): `/usr/local/bin/npm`, `/usr/local/bin/npx`
    - `node-16`, `node-17`, `node-18` and 1 more **root-user** · the image runs as root

    </details>

    <sub>no baseline · `linux/amd64` · [run](…)</sub>
    "#);
}

#[test]
fn growth_that_was_accepted() {
    insta::assert_snapshot!(shown(&fleet::accepted()), @"
    **✅ `orders` grew 64.2 MB, accepted here**

    | Image | Size | Change | Budget | Headroom |
    | :--- | ---: | ---: | ---: | ---: |
    | ✅ `orders` | 212.2 MB | +64.2 MB (+43.4 %) | [250.0 MB](…) | 37.8 MB |

    - **accepted here:** growth 64.2 MB, up to 65.0 MB: the search index ships with it · [`budgets.toml:31`](…)

    <details><summary>19 unchanged: 5 pass, 14 known</summary>

    - `node:20-slim` brings npm, npx: `node-06`, `node-07`, `node-08` and 7 more
    - no USER: `node-16`, `node-17`, `node-18` and 1 more
    - pass: `node-01`, `node-02`, `node-03`, `node-04`, `node-05`
    - known: `node-06`, `node-07`, `node-08`, `node-09`, `node-10`, `node-11`, `node-12`, `node-13`, `node-14`, `node-15`, `node-16`, `node-17`, `node-18`, `node-19`

    </details>

    <details><summary>1 layer changed</summary>

    - `orders` +64.2 MB (50.0 MB → 114.2 MB): `RUN npm ci` · [`Dockerfile:18`](…)

    </details>

    <sub>vs [`a1b2c3d`](…), this merge's parent · `linux/amd64` · [run](…)</sub>
    ");
}

#[test]
fn a_budget_that_was_raised() {
    insta::assert_snapshot!(shown(&fleet::raised()), @"
    ⚠️ **Budget changed here:** `orders` max-growth 5.0 → 100.0 MB · [`budgets.toml:7`](…)

    **✅ nothing fails newly: 6 pass, 14 known** · `orders` +64.2 MB (+43.4 %)

    | Image | Size | Change | Budget | Headroom |
    | :--- | ---: | ---: | ---: | ---: |
    | ✅ `orders` | 212.2 MB | +64.2 MB (+43.4 %) | [250.0 MB](…) | 37.8 MB |

    <details><summary>19 unchanged: 5 pass, 14 known</summary>

    - `node:20-slim` brings npm, npx: `node-06`, `node-07`, `node-08` and 7 more
    - no USER: `node-16`, `node-17`, `node-18` and 1 more
    - pass: `node-01`, `node-02`, `node-03`, `node-04`, `node-05`
    - known: `node-06`, `node-07`, `node-08`, `node-09`, `node-10`, `node-11`, `node-12`, `node-13`, `node-14`, `node-15`, `node-16`, `node-17`, `node-18`, `node-19`

    </details>

    <details><summary>1 layer changed</summary>

    - `orders` +64.2 MB (50.0 MB → 114.2 MB): `RUN npm ci` · [`Dockerfile:18`](…)

    </details>

    <sub>vs [`a1b2c3d`](…), this merge's parent · `linux/amd64` · [run](…)</sub>
    ");
}

#[test]
fn drift_of_others() {
    insta::assert_snapshot!(shown(&fleet::drifted()), @"
    **✅ all 4 images are within budget**

    - drift: `node-01` +2.1 MB, `node-02` +1.0 MB; nothing they are made of changed here

    <details><summary>2 drifted · 2 unchanged, all pass</summary>

    | Image | Size | Change | Budget | Headroom |
    | :--- | ---: | ---: | ---: | ---: |
    | ✅ `node-01` | 150.1 MB | +2.1 MB (+1.4 %) | [250.0 MB](…) | 99.9 MB |
    | ✅ `node-02` | 149.0 MB | +1.0 MB (+0.7 %) | [250.0 MB](…) | 101.0 MB |

    - pass: `node-03`, `node-04`

    </details>

    <details><summary>2 layers changed</summary>

    - `node-01` +2.1 MB (2.0 MB → 4.1 MB): `COPY . .` · [`Dockerfile:16`](…)
    - `node-02` +1.0 MB (2.0 MB → 3.0 MB): `COPY . .` · [`Dockerfile:16`](…)

    </details>

    <sub>vs [`a1b2c3d`](…), this merge's parent · `linux/amd64` · [run](…)</sub>
    ");
}

#[test]
fn a_rule_that_does_not_fail_yet() {
    insta::assert_snapshot!(shown(&fleet::not_yet()), @r#"
    **⚠️ `orders` grew 64.2 MB, 59.2 MB more than allowed (warns until `2027-01-31`, 71 days)**

    | Image | Size | Change | Budget | Headroom |
    | :--- | ---: | ---: | ---: | ---: |
    | ⚠️ `orders` | 212.2 MB | +64.2 MB (+43.4 %) | [250.0 MB](…) | 37.8 MB |

    - [`services/orders/Dockerfile:18`](…) `RUN npm ci` · **+64.2 MB** · frees ≤ 35.0 MB · warns until `2027-01-31`, 71 days<br>typescript and jest → `npm ci --omit=dev`<br>Needed? `imgbudget allow orders growth --up-to 65MB --reason "…"`

    <details><summary>19 unchanged: 5 pass, 14 known</summary>

    - `node:20-slim` brings npm, npx: `node-06`, `node-07`, `node-08` and 7 more
    - no USER: `node-16`, `node-17`, `node-18` and 1 more
    - pass: `node-01`, `node-02`, `node-03`, `node-04`, `node-05`
    - known: `node-06`, `node-07`, `node-08`, `node-09`, `node-10`, `node-11`, `node-12`, `node-13`, `node-14`, `node-15`, `node-16`, `node-17`, `node-18`, `node-19`

    </details>

    <details><summary>1 layer changed · 1 finding</summary>

    **1 layer changed**

    - `orders` +64.2 MB (50.0 MB → 114.2 MB): `RUN npm ci` · [`Dockerfile:18`](…)

    **1 finding**

    - `orders` **growth** · **64.2 MB** > 5.0 MB, 59.2 MB too much · [`budgets.toml:7`](…)

    </details>

    <sub>vs [`a1b2c3d`](…), this merge's parent · `linux/amd64` · [run](…)</sub>
    "#);
}
