//! The one sentence about what a run was compared with.

use crate::domain::{Baseline, BaselineState};
use crate::text;

/// The most targets that are named.
const MOST: usize = 5;

/// `main.json (4f2a9c1), 12 commits behind; not in this run: web, tool`.
pub(super) fn sentence(baseline: &Baseline) -> String {
    let name = text::line(&baseline.name());
    let mut said = match &baseline.state {
        BaselineState::Missing(why) => return format!("none yet ({name}: {})", text::line_within(why, 200)),
        BaselineState::OtherDefinition(which) => {
            let which = text::line(which);
            return format!("{name} was measured by another definition of size ({which}), so nothing is compared");
        }
        BaselineState::Found => name,
    };
    match baseline.behind {
        None | Some(0) => {}
        Some(1) => said.push_str(", 1 commit behind"),
        Some(behind) => said.extend([", ", &behind.to_string(), " commits behind"]),
    }
    if !baseline.not_in_run.is_empty() {
        let mut names: Vec<String> = baseline
            .not_in_run
            .iter()
            .take(MOST)
            .map(|(name, platform)| match platform {
                Some(platform) => format!("{name} ({})", text::line(&platform.to_string())),
                None => name.to_string(),
            })
            .collect();
        if let Some(more) = baseline.not_in_run.len().checked_sub(MOST).filter(|more| *more > 0) {
            names.push(format!("{more} more"));
        }
        said.extend(["; not in this run: ", &names.join(", ")]);
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::How;

    fn said(state: BaselineState, commit: Option<&str>, behind: Option<u64>, missed: u8) -> String {
        let target = |n: u8| {
            let platform = (n == 0).then(|| "linux/amd64".parse().expect("a platform"));
            (format!("t{n}").parse().expect("a name"), platform)
        };
        sentence(&Baseline {
            source: "main.json".to_owned(),
            how: How::File,
            state,
            commit: commit.map(str::to_owned),
            behind,
            not_in_run: (0..missed).map(target).collect(),
        })
    }

    #[test]
    fn every_state_has_its_words() {
        let commit = Some("4f2a9c1d0123456789012345678901234567890a");
        let found = || BaselineState::Found;
        assert_eq!(said(found(), None, None, 0), "main.json");
        assert_eq!(said(found(), commit, Some(0), 0), "main.json (4f2a9c1)");
        assert_eq!(said(found(), commit, Some(1), 0), "main.json (4f2a9c1), 1 commit behind");
        assert_eq!(
            said(found(), commit, Some(12), 2),
            "main.json (4f2a9c1), 12 commits behind; not in this run: t0 (linux/amd64), t1"
        );
        assert_eq!(
            said(found(), None, None, 7),
            "main.json; not in this run: t0 (linux/amd64), t1, t2, t3, t4, 2 more"
        );
        assert_eq!(
            said(BaselineState::Missing("no such file".to_owned()), None, None, 0),
            "none yet (main.json: no such file)"
        );
        assert_eq!(
            said(BaselineState::OtherDefinition("content/0".to_owned()), None, None, 0),
            "main.json was measured by another definition of size (content/0), so nothing is compared"
        );
        assert_eq!(said(found(), Some("\u{1b}[2J\n"), None, 0), "main.json");
    }
}
