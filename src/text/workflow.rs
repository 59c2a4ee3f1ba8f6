//! Text in the workflow commands of GitHub's runner.

/// The data part of a GitHub workflow command, where `%`, CR and LF would end or forge it.
#[must_use]
pub fn workflow_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a GitHub workflow command, which `:` and `,` would end as well.
#[must_use]
pub fn workflow_property(text: &str) -> String {
    workflow_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn workflow_properties_cannot_end(text in any::<String>()) {
            let shown = workflow_property(&text);
            prop_assert!(!shown.contains(['\r', '\n', ':', ',']));
        }

        #[test]
        fn workflow_data_cannot_end_its_command(text in any::<String>()) {
            let shown = workflow_data(&text);
            prop_assert!(!shown.contains(['\r', '\n']));
            prop_assert_eq!(shown.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%"), text);
        }
    }
}
