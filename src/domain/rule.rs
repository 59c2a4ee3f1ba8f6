//! The rules by name. Their codes are stable: `allow`, JSON, SARIF, JUnit and the comment use them.

use std::fmt;
use std::str::FromStr;

/// A rule. Its sentence and its help are in the catalogue, its judgement is one file in `policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The image is another stage of its Dockerfile than the budget expects.
    WrongStage,
    /// Content size of the image: `max-size`.
    Size,
    /// What a registry stores and a node pulls: `max-compressed-size`.
    CompressedSize,
    /// Layers above the base image: `max-own-size`.
    OwnSize,
    /// Number of layers, those of the base included: `max-layers`.
    Layers,
    /// The largest layer: `max-layer-size`.
    LayerSize,
    /// Bytes that the final file system does not show: `max-wasted`.
    Wasted,
    /// Growth against the baseline: `max-growth`.
    Growth,
    /// Growth of the layers above the base image: `max-own-growth`.
    OwnGrowth,
    /// Number of packages of the operating system: `max-os-packages`.
    OsPackages,
    /// A tool in the final file system: `forbid-tools`.
    ForbiddenTool,
    /// A tool deleted by a later layer, so that its bytes still ship: `shadowed-tools`.
    ShadowedTool,
    /// A path in the final file system: `forbid-paths`.
    ForbiddenPath,
    /// The image runs as root: `require-non-root`.
    RootUser,
    /// All targets together: `fleet.max-size`.
    FleetSize,
    /// An exception past its date: `allow.until`.
    ExpiredAllow,
    /// The budget itself was loosened since the baseline: `policy.budget-changes`.
    BudgetChanged,
    /// A target that no rule judges.
    NoBudget,
}

impl Rule {
    /// Every rule, in the order in which reports show them.
    pub const ALL: [Self; 18] = [
        Self::WrongStage,
        Self::Size,
        Self::CompressedSize,
        Self::OwnSize,
        Self::Layers,
        Self::LayerSize,
        Self::Wasted,
        Self::Growth,
        Self::OwnGrowth,
        Self::OsPackages,
        Self::ForbiddenTool,
        Self::ShadowedTool,
        Self::ForbiddenPath,
        Self::RootUser,
        Self::FleetSize,
        Self::ExpiredAllow,
        Self::BudgetChanged,
        Self::NoBudget,
    ];

    /// The stable code, in kebab case.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongStage => "wrong-stage",
            Self::Size => "size",
            Self::CompressedSize => "compressed-size",
            Self::OwnSize => "own-size",
            Self::Layers => "layers",
            Self::LayerSize => "layer-size",
            Self::Wasted => "wasted",
            Self::Growth => "growth",
            Self::OwnGrowth => "own-growth",
            Self::OsPackages => "os-packages",
            Self::ForbiddenTool => "forbidden-tool",
            Self::ShadowedTool => "shadowed-tool",
            Self::ForbiddenPath => "forbidden-path",
            Self::RootUser => "root-user",
            Self::FleetSize => "fleet-size",
            Self::ExpiredAllow => "expired-allow",
            Self::BudgetChanged => "budget-changed",
            Self::NoBudget => "no-budget",
        }
    }
}

/// The text is no rule's code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no rule is called `{0}`")]
pub struct RuleError(pub String);

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        Self::ALL.into_iter().find(|rule| rule.code() == text).ok_or_else(|| RuleError(text.to_owned()))
    }
}

impl Rule {
    /// Whether it compares a size with that of the baseline.
    #[must_use]
    pub fn is_of_growth(self) -> bool {
        matches!(self, Self::Growth | Self::OwnGrowth)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_read_back() {
        for rule in Rule::ALL {
            assert_eq!(rule.code().parse(), Ok(rule));
        }
    }
}
