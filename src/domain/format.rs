//! The forms a report can take.

/// A form of the report, for `--format` and `--write`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// The table and the findings, for a terminal.
    Table,
    /// `imgbudget.report/1`, for programs.
    Json,
    /// The comment's text, for a pull request or a step summary.
    Markdown,
    /// JUnit XML, for lists of tests.
    Junit,
    /// GitLab Code Quality, for lines of a merge request.
    Codequality,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// OpenMetrics text, for numbers over time.
    Metrics,
    /// A page that shows where the bytes are, for a browser.
    Html,
    /// CycloneDX 1.6, for scanners of packages.
    Cyclonedx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 9] = [
        Self::Table,
        Self::Json,
        Self::Markdown,
        Self::Junit,
        Self::Codequality,
        Self::Sarif,
        Self::Metrics,
        Self::Html,
        Self::Cyclonedx,
    ];

    /// The word that names it on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Junit => "junit",
            Self::Codequality => "codequality",
            Self::Sarif => "sarif",
            Self::Metrics => "metrics",
            Self::Html => "html",
            Self::Cyclonedx => "cyclonedx",
        }
    }
}
