//! Every rule, at its edges.

mod blame;
mod budget;
mod built;
mod causes;
mod changes;
mod enforced;
mod found;
mod laws;
mod limits;
mod os_packages;
mod tool_packages;
mod unread;
mod verdicts;

use globset::{Glob, GlobMatcher};
use time::{Date, Month};

use super::{Measured, Rulebook, conclude, judge, unmeasured};
use crate::baseline::{Against, Earlier};
use crate::domain::{
    Allow, AllowMatch, Amount, Budgets, Bytes, CompressedSize, DiffId, Digest, Finding, Forbidden, Growth, ImageFrom,
    Level, Limit, LookIn, Origin, PathGlob, PathGroup, PathPattern, Place, Platform, Rule, RuleStatus, Rules, Severity,
    Source, Target, TargetReport, ToolPattern, UpTo, Verdict,
};
use crate::image::{
    FoundPath, FoundTool, HiddenHow, MatchedPaths, MeasuredLayer, Measurement, Share, Shown, Stored, Wasted,
    WastedPart, WastedPath,
};

const TODAY: Date = date(2026, 11, 21);

const fn date(year: i32, month: u8, day: u8) -> Date {
    match Date::from_calendar_date(year, Month::January.nth_next(month - 1), day) {
        Ok(date) => date,
        Err(_) => panic!("such a day"),
    }
}

/// A glob as `forbid-paths` has it.
fn path_pattern(text: &str) -> PathPattern {
    PathPattern::Glob(PathGlob::new(text).expect(text))
}

fn place(line: u32) -> Place {
    Place { file: "budgets.toml".to_owned(), line, column: 1 }
}

fn target(rules: Rules) -> Target {
    Target {
        name: "api".parse().expect("a name"),
        place: Some(place(1)),
        source: Source::Build,
        build: None,
        base: None,
        look_in: LookIn::Auto,
        may_ask_registry: true,
        platforms: Vec::new(),
        rules,
    }
}

/// Layers of the base image and of the Dockerfile, 60 and 40 bytes.
fn measurement() -> Measurement {
    let layer = |seed, size, origin, created_by: &str| MeasuredLayer {
        diff_id: DiffId(Digest::from_sha256([seed; 32])),
        size: Some(Bytes(size)),
        compressed_size: None,
        created_by: Some(created_by.to_owned()),
        origin,
        dockerfile: None,
        copied_from: None,
    };
    Measurement {
        image_id: Digest::from_sha256([9; 32]),
        platform: Platform::new("linux", "amd64", None),
        created: None,
        user: Some("app".to_owned()),
        user_place: Some(Place { file: "Dockerfile".to_owned(), line: 9, column: 1 }),
        compressed_size: None,
        layers: vec![
            layer(1, 60, Origin::Base, "ADD rootfs /"),
            layer(2, 40, Origin::Own, "RUN /bin/sh -c apt-get install -y gcc # buildkit"),
        ],
        stored: Some(stored()),
        shown: Some(Shown::default()),
    }
}

fn stored() -> Stored {
    Stored { size: Bytes(100), ..Stored::default() }
}

/// An image that shows these tools.
fn showing(tools: Vec<FoundTool>) -> Measurement {
    Measurement { shown: Some(Shown { tools, ..Shown::default() }), ..measurement() }
}

/// An image that deleted these tools.
fn hiding(shadowed_tools: Vec<FoundTool>) -> Measurement {
    Measurement { stored: Some(Stored { shadowed_tools, ..stored() }), ..measurement() }
}

#[expect(clippy::unnecessary_wraps, reason = "rules hold their limits as options")]
fn limit<T>(warn: Option<T>, fail: Option<T>) -> Option<Limit<T>> {
    Some(Limit { warn, fail, place: Some(place(5)) })
}

fn glob(text: &str) -> GlobMatcher {
    Glob::new(text).expect("a glob").compile_matcher()
}

fn allow(rule: Rule) -> Allow {
    Allow {
        targets: vec![glob("a*")],
        rule,
        matches: Vec::new(),
        origin: None,
        up_to: None,
        reason: "because".to_owned(),
        until: None,
        place: place(40),
    }
}

fn report(rules: Rules, measurement: &Measurement, allows: &[Allow]) -> TargetReport {
    compared(rules, measurement, allows, None)
}

/// A report beside a baseline.
fn compared(rules: Rules, measurement: &Measurement, allows: &[Allow], earlier: Option<&Earlier>) -> TargetReport {
    let budgets = Budgets { allows: allows.to_vec(), ..Budgets::default() };
    let against = earlier.map(against);
    let rulebook =
        Rulebook { budgets: &budgets, today: TODAY, against: against.as_ref(), only_new: false, left_out: None };
    judge(&target(rules), measured(measurement.clone()), &rulebook)
}

fn against(earlier: &Earlier) -> Against {
    Against::new("main.json", earlier.clone())
}

fn measured(measurement: Measurement) -> Measured {
    Measured {
        measurement,
        reference: None,
        from: ImageFrom::Built,
        digest: None,
        base: None,
        build: None,
        read: None,
        other_stage: None,
        difference: None,
        contents: None,
        tool_packages: None,
        notes: Vec::new(),
    }
}

fn of(report: &TargetReport, rule: Rule) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.rule == rule).collect()
}

fn status(report: &TargetReport, rule: Rule) -> Option<RuleStatus> {
    report.rules.iter().find(|outcome| outcome.rule == rule).map(|outcome| outcome.status)
}

fn sized(warn: Option<u64>, fail: Option<u64>) -> Rules {
    Rules { max_size: limit(warn.map(Bytes), fail.map(Bytes)), ..Rules::default() }
}

fn tool(name: &str, family: &str, paths: &[FoundPath]) -> FoundTool {
    FoundTool { name: name.to_owned(), family: family.to_owned(), applet: false, paths: paths.to_vec() }
}

fn at(path: &str, layer: usize, size: u64) -> FoundPath {
    let shares = vec![Share { layer, bytes: Bytes(size) }];
    FoundPath {
        path: path.into(),
        layer: Some(layer),
        touched_again: None,
        size: Bytes(size),
        shares,
        content: path.into(),
    }
}

fn forbid(severity: Severity, what: ToolPattern) -> Forbidden<ToolPattern> {
    Forbidden { what, severity, place: Some(place(6)) }
}

fn build_tools() -> Vec<Forbidden<ToolPattern>> {
    vec![forbid(Severity::Fail, ToolPattern::Group("build-tools".to_owned()))]
}

/// npm, npx and corepack of the base image; gcc of the Dockerfile.
fn with_tools() -> Measurement {
    let linked = |path: &str| FoundPath { content: b"/lib/npm".to_vec(), ..at(path, 0, 30) };
    showing(vec![
        tool("corepack", "npm", &[at("/bin/corepack", 0, 5)]),
        tool("gcc", "gcc", &[at("/bin/gcc", 1, 7)]),
        tool("npm", "npm", &[linked("/bin/npm")]),
        tool("npx", "npm", &[linked("/bin/npx")]),
        tool("sh", "sh", &[at("/bin/sh", 0, 1)]),
    ])
}

fn name(name: &str) -> ToolPattern {
    ToolPattern::Name(name.to_owned())
}
