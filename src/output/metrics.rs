//! `metrics`: OpenMetrics text (version 1.0), for whoever draws numbers over time; GitLab shows the difference in a merge request.
//!
//! Everything is a gauge but the verdict, which is a state set, and which image it is, which is an info. A number that is not known is
//! left out, never zero.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::provenance::Identity;
use crate::domain::{Amount, Finding, ImageIdentity, Report, Rule, RuleOutcome, Severity, TargetReport, Verdict};
use crate::text;

/// Label names with their values.
type Labels = Vec<(&'static str, String)>;

/// A metric family: what one name means, and its numbers.
struct Family {
    name: &'static str,
    kind: &'static str,
    unit: Option<&'static str>,
    help: &'static str,
    samples: Vec<(Labels, u64)>,
}

impl Family {
    fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, kind: "gauge", unit: None, help, samples: Vec::new() }
    }

    fn bytes(name: &'static str, help: &'static str) -> Self {
        Self { unit: Some("bytes"), ..Self::gauge(name, help) }
    }

    fn add(&mut self, target: &TargetReport, more: impl IntoIterator<Item = (&'static str, String)>, value: u64) {
        let platform = target.platform.as_ref().map(|platform| ("platform", platform.to_string()));
        let target = ("target", target.name.to_string());
        self.samples.push(([target].into_iter().chain(platform).chain(more).collect(), value));
    }

    /// A series may stand there only once: two platforms that could not be measured have the same labels, and the first is kept.
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.samples.is_empty() {
            return Ok(());
        }
        let name = self.name;
        writeln!(out, "# TYPE {name} {}", self.kind)?;
        if let Some(unit) = self.unit {
            writeln!(out, "# UNIT {name} {unit}")?;
        }
        writeln!(out, "# HELP {name} {}", self.help)?;
        let mut written = BTreeSet::new();
        for (labels, value) in &self.samples {
            let labels: Vec<String> =
                labels.iter().map(|(label, value)| format!("{label}=\"{}\"", label_value(value))).collect();
            let suffix = if self.kind == "info" { "_info" } else { "" };
            let series = format!("{name}{suffix}{{{}}}", labels.join(","));
            if !written.contains(&series) {
                writeln!(out, "{series} {value}")?;
                written.insert(series);
            }
        }
        Ok(())
    }
}

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for family in families(report) {
        family.write(out)?;
    }
    out.write_all(b"# EOF\n")
}

fn families(report: &Report) -> [Family; 9] {
    let mut verdicts = Family {
        kind: "stateset",
        ..Family::gauge("imgbudget_verdict", "What became of the target; the state that holds is 1.")
    };
    let mut images = Family { kind: "info", ..Family::gauge("imgbudget_image", "Which image was measured.") };
    let mut size = Family::bytes("imgbudget_image_size_bytes", "Content size of the image, over all layers.");
    let mut compressed =
        Family::bytes("imgbudget_image_compressed_size_bytes", "What a registry stores and a node pulls.");
    let mut estimate = Family::bytes(
        "imgbudget_image_compressed_size_estimate_bytes",
        "What a registry would store and a node pull, where that is not known exactly: it may be off by 3 %.",
    );
    let mut layers = Family::gauge("imgbudget_image_layers", "Layers of the image, those of the base included.");
    let mut sizes = Family::bytes("imgbudget_budget_bytes", "A limit in bytes, by rule and by what passing it does.");
    let mut counts =
        Family::gauge("imgbudget_budget_things", "A limit of layers or packages, by rule and by what passing it does.");
    let mut findings = Family::gauge("imgbudget_findings", "Findings by rule and severity.");
    for target in &report.targets {
        for verdict in [Verdict::Pass, Verdict::Warn, Verdict::Fail, Verdict::Error] {
            let state = [("imgbudget_verdict", verdict.to_string())];
            verdicts.add(target, state, u64::from(target.verdict == verdict));
        }
        if let Some(bytes) = target.size {
            size.add(target, [], bytes.0);
        }
        if let Some(image) = &target.image {
            images.add(target, identity(image), 1);
            layers.add(target, [], target.layers.len() as u64);
        }
        if let Some(size) = target.compressed_size {
            let family = if size.is_estimate { &mut estimate } else { &mut compressed };
            family.add(target, [], size.bytes.0);
        }
        for (rule, severity, limit) in target.rules.iter().flat_map(limits) {
            let family = match limit {
                Amount::Bytes(_) => &mut sizes,
                Amount::Count(_) => &mut counts,
            };
            family.add(target, by(rule, severity), limit.value());
        }
        for (rule, severity, number) in Rule::ALL.into_iter().flat_map(|rule| found(rule, target)) {
            findings.add(target, by(rule, severity), number);
        }
    }
    [verdicts, images, size, compressed, estimate, layers, sizes, counts, findings]
}

/// A label for each thing that is known of an image.
fn identity(image: &ImageIdentity) -> impl Iterator<Item = (&'static str, String)> {
    const LONGEST: usize = 1000;
    let Identity { reference, from, digest, created } = Identity::of(image);
    let reference = reference.map(|reference| text::line_within(&reference, LONGEST));
    let all = [("reference", reference), ("from", from), ("digest", digest), ("created", created)];
    all.into_iter().filter_map(|(name, value)| Some((name, value?)))
}

fn limits(outcome: &RuleOutcome) -> impl Iterator<Item = (Rule, Severity, Amount)> {
    let sides = [(Severity::Warn, outcome.warn), (Severity::Fail, outcome.fail)];
    let rule = outcome.rule;
    sides.into_iter().filter_map(move |(severity, limit)| Some((rule, severity, limit?)))
}

/// How many findings of a rule there are. A rule that was judged is counted even when it is kept: a series that comes and goes is no
/// curve.
fn found(rule: Rule, target: &TargetReport) -> impl Iterator<Item = (Rule, Severity, u64)> {
    let of_rule: Vec<&Finding> = target.findings.iter().filter(|finding| finding.rule == rule).collect();
    let is_judged = target.rules.iter().any(|outcome| outcome.rule == rule);
    let severities = [Severity::Note, Severity::Warn, Severity::Fail];
    severities.into_iter().filter_map(move |severity| {
        let number = of_rule.iter().filter(|finding| finding.severity == severity).count() as u64;
        (number > 0 || is_judged && severity != Severity::Note).then_some((rule, severity, number))
    })
}

fn by(rule: Rule, severity: Severity) -> Labels {
    let severity = match severity {
        Severity::Note => "note",
        Severity::Warn => "warn",
        Severity::Fail => "fail",
    };
    vec![("rule", rule.code().to_owned()), ("severity", severity.to_owned())]
}

/// Untrusted text between the quotes of a label. A line feed, which would have to be escaped too, is gone by then.
fn label_value(value: &str) -> String {
    text::line(value).replace('\\', r"\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::fixture::{HOSTILE, fixture, hostile, pushed};
    use super::*;

    fn rendered(report: &Report) -> String {
        let mut out = Vec::new();
        render(report, &mut out).expect("memory takes it");
        String::from_utf8(out).expect("UTF-8")
    }

    /// One sample: its family, labels and value.
    type Sample = (String, BTreeMap<String, String>, u64);

    /// Reads what the specification's grammar allows of what is used here, and nothing else.
    fn parse(text: &str) -> Result<Vec<Sample>, String> {
        let body = text.strip_suffix("# EOF\n").ok_or("does not end in # EOF")?;
        let (mut families, mut samples, mut series) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
        let (mut family, mut is_info) = (String::new(), false);
        for line in body.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').ok_or(line)?;
                name.clone_into(&mut family);
                is_info = kind == "info";
                if !matches!(kind, "gauge" | "stateset" | "info") || !families.insert(name) {
                    return Err(format!("a bad or second family: {line}"));
                }
            } else if let Some(rest) = line.strip_prefix("# UNIT ") {
                let (name, unit) = rest.split_once(' ').ok_or(line)?;
                if name != family || !name.ends_with(&format!("_{unit}")) {
                    return Err(format!("a unit that the name does not end in: {line}"));
                }
            } else if let Some(rest) = line.strip_prefix("# HELP ") {
                if rest.split_once(' ').is_none_or(|(name, _)| name != family) {
                    return Err(format!("help of another family: {line}"));
                }
            } else {
                let (name, rest) = line.split_once('{').ok_or(line)?;
                let wanted = if is_info { format!("{family}_info") } else { family.clone() };
                if name != wanted || !series.insert(line.rsplit_once(' ').ok_or(line)?.0) {
                    return Err(format!("a stray or second sample: {line}"));
                }
                let (labels, rest) = labels(rest)?;
                let value = rest.strip_prefix(' ').and_then(|value| value.parse().ok()).ok_or(line)?;
                samples.push((name.to_owned(), labels, value));
            }
        }
        Ok(samples)
    }

    /// `a="b",c="d"}`, and what follows.
    fn labels(mut text: &str) -> Result<(BTreeMap<String, String>, &str), String> {
        let mut labels = BTreeMap::new();
        loop {
            let (name, rest) = text.split_once("=\"").ok_or("no label")?;
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
                return Err(format!("`{name}` is no label"));
            }
            let mut value = String::new();
            let mut chars = rest.chars();
            loop {
                match chars.next().ok_or("an open quote")? {
                    '"' => break,
                    '\\' => value.push(match chars.next() {
                        Some('n') => '\n',
                        Some(c @ ('\\' | '"')) => c,
                        other => return Err(format!("a bad escape: {other:?}")),
                    }),
                    '\n' => return Err("a line feed".to_owned()),
                    c => value.push(c),
                }
            }
            if labels.insert(name.to_owned(), value).is_some() {
                return Err(format!("{name} twice"));
            }
            match chars.next() {
                Some(',') => text = chars.as_str(),
                Some('}') => return Ok((labels, chars.as_str())),
                other => return Err(format!("{other:?} after a label")),
            }
        }
    }

    #[test]
    fn the_file() {
        let mut report = fixture();
        report.targets.retain(|target| matches!(target.name.as_str(), "api" | "batch"));
        insta::assert_snapshot!(rendered(&report), @r#"
        # TYPE imgbudget_verdict stateset
        # HELP imgbudget_verdict What became of the target; the state that holds is 1.
        imgbudget_verdict{target="api",platform="linux/amd64",imgbudget_verdict="pass"} 0
        imgbudget_verdict{target="api",platform="linux/amd64",imgbudget_verdict="warn"} 0
        imgbudget_verdict{target="api",platform="linux/amd64",imgbudget_verdict="fail"} 1
        imgbudget_verdict{target="api",platform="linux/amd64",imgbudget_verdict="error"} 0
        imgbudget_verdict{target="batch",imgbudget_verdict="pass"} 0
        imgbudget_verdict{target="batch",imgbudget_verdict="warn"} 0
        imgbudget_verdict{target="batch",imgbudget_verdict="fail"} 0
        imgbudget_verdict{target="batch",imgbudget_verdict="error"} 1
        # TYPE imgbudget_image info
        # HELP imgbudget_image Which image was measured.
        imgbudget_image_info{target="api",platform="linux/amd64",from="built"} 1
        # TYPE imgbudget_image_size_bytes gauge
        # UNIT imgbudget_image_size_bytes bytes
        # HELP imgbudget_image_size_bytes Content size of the image, over all layers.
        imgbudget_image_size_bytes{target="api",platform="linux/amd64"} 162000000
        # TYPE imgbudget_image_compressed_size_bytes gauge
        # UNIT imgbudget_image_compressed_size_bytes bytes
        # HELP imgbudget_image_compressed_size_bytes What a registry stores and a node pulls.
        imgbudget_image_compressed_size_bytes{target="api",platform="linux/amd64"} 61000000
        # TYPE imgbudget_image_layers gauge
        # HELP imgbudget_image_layers Layers of the image, those of the base included.
        imgbudget_image_layers{target="api",platform="linux/amd64"} 4
        # TYPE imgbudget_budget_bytes gauge
        # UNIT imgbudget_budget_bytes bytes
        # HELP imgbudget_budget_bytes A limit in bytes, by rule and by what passing it does.
        imgbudget_budget_bytes{target="api",platform="linux/amd64",rule="size",severity="fail"} 150000000
        # TYPE imgbudget_budget_things gauge
        # HELP imgbudget_budget_things A limit of layers or packages, by rule and by what passing it does.
        imgbudget_budget_things{target="api",platform="linux/amd64",rule="layers",severity="warn"} 9
        imgbudget_budget_things{target="api",platform="linux/amd64",rule="layers",severity="fail"} 12
        # TYPE imgbudget_findings gauge
        # HELP imgbudget_findings Findings by rule and severity.
        imgbudget_findings{target="api",platform="linux/amd64",rule="size",severity="warn"} 0
        imgbudget_findings{target="api",platform="linux/amd64",rule="size",severity="fail"} 1
        imgbudget_findings{target="api",platform="linux/amd64",rule="layers",severity="warn"} 0
        imgbudget_findings{target="api",platform="linux/amd64",rule="layers",severity="fail"} 0
        imgbudget_findings{target="api",platform="linux/amd64",rule="forbidden-tool",severity="warn"} 0
        imgbudget_findings{target="api",platform="linux/amd64",rule="forbidden-tool",severity="fail"} 2
        imgbudget_findings{target="api",platform="linux/amd64",rule="shadowed-tool",severity="note"} 1
        imgbudget_findings{target="api",platform="linux/amd64",rule="shadowed-tool",severity="warn"} 0
        imgbudget_findings{target="api",platform="linux/amd64",rule="shadowed-tool",severity="fail"} 0
        imgbudget_findings{target="api",platform="linux/amd64",rule="forbidden-path",severity="warn"} 1
        imgbudget_findings{target="api",platform="linux/amd64",rule="forbidden-path",severity="fail"} 0
        # EOF
        "#);
    }

    #[test]
    fn an_estimate_is_no_size() {
        let shown = rendered(&pushed());
        parse(&shown).expect("OpenMetrics");
        let images = |line: &&str| line.contains("_compressed_size") || line.contains("imgbudget_image_info");
        insta::assert_snapshot!(shown.lines().filter(images).collect::<Vec<_>>().join("\n"), @r#"
        imgbudget_image_info{target="gateway",platform="linux/amd64",reference="registry.example.com/gateway:1.4",from="registry",digest="sha256:abababababababababababababababababababababababababababababababab",created="2026-11-03"} 1
        imgbudget_image_info{target="orders",platform="linux/amd64",reference="registry.example.com/orders:2",from="engine",digest="sha256:abababababababababababababababababababababababababababababababab",created="2026-11-03"} 1
        imgbudget_image_info{target="legacy",platform="linux/amd64",reference="registry.example.com/legacy:9",from="engine",digest="sha256:abababababababababababababababababababababababababababababababab",created="2026-11-03"} 1
        # TYPE imgbudget_image_compressed_size_bytes gauge
        # UNIT imgbudget_image_compressed_size_bytes bytes
        # HELP imgbudget_image_compressed_size_bytes What a registry stores and a node pulls.
        imgbudget_image_compressed_size_bytes{target="gateway",platform="linux/amd64"} 62000000
        # TYPE imgbudget_image_compressed_size_estimate_bytes gauge
        # UNIT imgbudget_image_compressed_size_estimate_bytes bytes
        # HELP imgbudget_image_compressed_size_estimate_bytes What a registry would store and a node pull, where that is not known exactly: it may be off by 3 %.
        imgbudget_image_compressed_size_estimate_bytes{target="orders",platform="linux/amd64"} 81000000
        "#);
    }

    #[test]
    fn reads_back() {
        let samples = parse(&rendered(&fixture())).expect("OpenMetrics");
        let value = |name: &str, target: &str| {
            let mut found = samples.iter().filter(|sample| sample.0 == name && sample.1["target"] == target);
            found.next().map(|sample| sample.2)
        };
        assert_eq!(value("imgbudget_image_size_bytes", "api"), Some(162_000_000));
        assert_eq!(value("imgbudget_image_size_bytes", "batch"), None, "what was not measured is not zero");
        let states: u64 = samples.iter().filter(|sample| sample.0 == "imgbudget_verdict").map(|sample| sample.2).sum();
        assert_eq!(states, 5, "one state a target");
    }

    #[test]
    fn no_series_twice() {
        let mut report = fixture();
        report.targets.push(report.targets[4].clone());
        assert_eq!(rendered(&report), rendered(&fixture()));
        report.targets.clear();
        assert_eq!(rendered(&report), "# EOF\n");
    }

    proptest! {
        #[test]
        fn hostile_text_stays_text(text in HOSTILE) {
            let samples = parse(&rendered(&hostile(&text)));
            prop_assert!(samples.is_ok(), "{samples:?}");
            let harmless = parse(&rendered(&hostile("x"))).unwrap_or_default();
            prop_assert_eq!(samples.unwrap_or_default().len(), harmless.len());
        }

        #[test]
        fn labels_read_back(value in HOSTILE) {
            let written = format!("a=\"{}\"}} 1", label_value(&value));
            let (read, rest) = labels(&written).expect("a label");
            prop_assert_eq!(&read["a"], &text::line(&value));
            prop_assert_eq!(rest, " 1");
        }
    }
}
