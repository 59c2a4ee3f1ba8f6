//! What is left out when a forge allows less than there is to say.

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shed {
    /// Whether targets that have nothing new to say have a row, among what is folded.
    pub(super) passing: bool,
    /// Whether there is anything folded.
    pub(super) folded: bool,
    /// Causes below one heading; the rest is counted.
    pub(super) findings: usize,
    /// Rows, and headings; the rest is counted.
    pub(super) rows: usize,
}

impl Shed {
    const ALL: Self = Self { passing: true, folded: true, findings: 6, rows: usize::MAX };
    const OPEN: Self = Self { passing: false, folded: false, ..Self::ALL };

    /// From everything to next to nothing.
    pub(super) const STEPS: [Self; 11] = [
        Self::ALL,
        Self { passing: false, ..Self::ALL },
        Self::OPEN,
        Self { findings: 3, ..Self::OPEN },
        Self { findings: 1, ..Self::OPEN },
        Self { findings: 1, rows: 100, ..Self::OPEN },
        Self { findings: 1, rows: 50, ..Self::OPEN },
        Self { findings: 0, rows: 50, ..Self::OPEN },
        Self { findings: 0, rows: 20, ..Self::OPEN },
        Self { findings: 0, rows: 5, ..Self::OPEN },
        Self { findings: 0, rows: 0, ..Self::OPEN },
    ];
}
