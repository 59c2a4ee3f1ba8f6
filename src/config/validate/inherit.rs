//! defaults < profile < target: a key replaces what is inherited whole, `extend-…` adds to it, and `false` takes it away.

use crate::config::raw::{self, Setting};
use crate::domain::{Forbidden, Rules};

/// The rules of tables laid over one another, the weakest first.
pub(super) fn rules<'a>(layers: impl IntoIterator<Item = &'a raw::Rules>) -> Rules {
    let mut rules = Rules::default();
    for layer in layers {
        replace(&mut rules.max_size, layer.max_size.as_ref());
        replace(&mut rules.max_compressed_size, layer.max_compressed_size.as_ref());
        replace(&mut rules.max_own_size, layer.max_own_size.as_ref());
        replace(&mut rules.max_layers, layer.max_layers.as_ref());
        replace(&mut rules.max_layer_size, layer.max_layer_size.as_ref());
        replace(&mut rules.max_wasted, layer.max_wasted.as_ref());
        replace(&mut rules.max_growth, layer.max_growth.as_ref());
        replace(&mut rules.max_own_growth, layer.max_own_growth.as_ref());
        replace(&mut rules.max_os_packages, layer.max_os_packages.as_ref());
        lists(&mut rules.forbid_tools, layer.forbid_tools.as_ref(), &layer.extend_forbid_tools);
        lists(&mut rules.forbid_paths, layer.forbid_paths.as_ref(), &layer.extend_forbid_paths);
        if layer.require_non_root.is_some() {
            rules.require_non_root.clone_from(&layer.require_non_root);
        }
        if layer.shadowed_tools.is_some() {
            rules.shadowed_tools.clone_from(&layer.shadowed_tools);
        }
        if layer.busybox_applets.is_some() {
            rules.busybox_applets.clone_from(&layer.busybox_applets);
        }
    }
    rules
}

fn replace<T: Clone>(inherited: &mut Option<T>, own: Option<&Setting<T>>) {
    match own {
        Some(Setting::On(limit)) => *inherited = Some(limit.clone()),
        Some(Setting::Off) => *inherited = None,
        None => {}
    }
}

fn lists<T: Clone + PartialEq>(
    inherited: &mut Vec<Forbidden<T>>,
    own: Option<&Vec<Forbidden<T>>>,
    added: &[Forbidden<T>],
) {
    if let Some(own) = own {
        inherited.clone_from(own);
    }
    for entry in added {
        // An entry that is inherited already gets the severity and the place of the one that is nearer.
        inherited.retain(|other| other.what != entry.what);
        inherited.push(entry.clone());
    }
}
