//! How much of an image its rules ask for, so that nothing else is fetched.

use crate::domain::Rules;

/// How much has to be read of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// Its manifest and its config: they say how large the compressed layers are, how many there are, and whom it runs as.
    Manifest,
    /// What is in its layers.
    Contents,
}

/// What judging by these rules needs. A size is shown and compared where there is a baseline (`is_compared`) and where there are no rules,
/// so those need the layers, too.
#[must_use]
pub fn needs(rules: &Rules, is_compared: bool) -> Needs {
    // Every rule is named, so that a new one has to decide.
    let Rules {
        max_size,
        max_compressed_size,
        max_own_size,
        max_layers,
        max_layer_size,
        max_wasted,
        max_growth,
        max_own_growth,
        max_os_packages,
        forbid_tools,
        shadowed_tools: _,
        busybox_applets: _,
        forbid_paths,
        require_non_root,
        enforce_from: _,
    } = rules;
    let by_manifest = max_compressed_size.is_some()
        || max_layers.is_some()
        || require_non_root.as_ref().is_some_and(|(level, _)| level.severity().is_some());
    let by_layers = max_size.is_some()
        || max_own_size.is_some()
        || max_layer_size.is_some()
        || max_wasted.is_some()
        || max_growth.is_some()
        || max_own_growth.is_some()
        || max_os_packages.is_some()
        || !forbid_tools.is_empty()
        || !forbid_paths.is_empty();
    if is_compared || by_layers || !by_manifest { Needs::Contents } else { Needs::Manifest }
}
