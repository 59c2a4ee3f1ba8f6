//! What the page may do: apply this one style, run this one script, and nothing else. No address may be asked for anything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::Sha256;

/// How the page looks.
pub(super) const STYLE: &str = include_str!("style.css");

/// What the page does, its parts one after the other.
pub(super) const SCRIPT: &str = concat!(
    "\"use strict\";(() => {\n",
    include_str!("script/model.js"),
    include_str!("script/layout.js"),
    include_str!("script/light.js"),
    include_str!("script/draw.js"),
    include_str!("script/keys.js"),
    include_str!("script/search.js"),
    include_str!("script/start.js"),
    "})();\n",
);

/// The policy, for a `<meta http-equiv>`: style and script by their hashes.
/// <https://www.w3.org/TR/CSP3/#grammardef-hash-source>
pub(super) fn policy() -> String {
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    )
}

fn hash(text: &str) -> String {
    let mut sha256 = Sha256::new();
    sha256.update(text);
    STANDARD.encode(sha256.finish().as_bytes())
}
