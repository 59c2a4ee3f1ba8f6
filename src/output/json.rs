//! `json`: the wire form, for programs.

use std::io::{self, Write};

use crate::domain::Report;
use crate::{report, text};

pub(super) fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(text::json(&report::to_json(report)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::fixture;
    use super::*;

    #[test]
    fn is_what_report_reads() {
        let mut out = Vec::new();
        render(&fixture(), &mut out).expect("memory takes it");
        assert_eq!(report::from_json(&out).expect("our own report"), fixture());
        let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert!(jsonschema::is_valid(&report::schema(), &value));
        assert_eq!(value["targets"][0]["findings"][0]["over_by"], 12_000_000);
        assert_eq!(value["targets"][0]["build"]["seconds"], 61);
    }
}
