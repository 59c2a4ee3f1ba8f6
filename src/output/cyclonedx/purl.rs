//! What a package is called everywhere: its package URL.
//!
//! <https://github.com/package-url/purl-spec>, and the type of each ecosystem there. `distro` and `upstream`, the source package, are what
//! scanners look advisories up by.

use crate::domain::{Distro, Ecosystem, Package};

/// The package URL; `None` for a package without a name.
pub(super) fn of(package: &Package, distro: Option<&Distro>) -> Option<String> {
    if package.name.split('/').all(|part| matches!(part, "" | "." | "..")) {
        return None;
    }
    let id = distro.map(|distro| distro.id.as_str());
    let (kind, namespace) = match package.ecosystem {
        Ecosystem::Deb => ("deb", Some(id.unwrap_or("debian"))),
        Ecosystem::Apk => ("apk", Some(id.unwrap_or("alpine"))),
        Ecosystem::Rpm => ("rpm", id.map(vendor)),
        Ecosystem::Npm => ("npm", None),
        Ecosystem::Python => ("pypi", None),
        Ecosystem::Gem => ("gem", None),
        Ecosystem::Go => ("golang", None),
        Ecosystem::Cargo => ("cargo", None),
    };
    let name = match package.ecosystem {
        Ecosystem::Python => package.name.to_lowercase().replace('_', "-"),
        Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Go => package.name.to_lowercase(),
        Ecosystem::Npm | Ecosystem::Rpm | Ecosystem::Gem | Ecosystem::Cargo => package.name.clone(),
    };
    // Names of npm and Go have a namespace in front. No part may be a dot or two.
    let is_part = |part: &&str| !matches!(*part, "" | "." | "..");
    let path: Vec<String> = match package.ecosystem {
        Ecosystem::Npm | Ecosystem::Go => name.split('/').filter(is_part).map(encoded).collect(),
        _ => namespace.into_iter().map(encoded).chain([encoded(&name)]).collect(),
    };
    let (epoch, version) = match package.version.as_deref() {
        Some(version) if package.ecosystem == Ecosystem::Rpm => match version.split_once(':') {
            Some((epoch, rest)) => (Some(epoch), Some(rest)),
            None => (None, Some(version)),
        },
        version => (None, version),
    };
    let distro = distro.filter(|_| package.ecosystem.is_of_os()).map(|distro| {
        distro.version.as_ref().map_or_else(|| distro.id.clone(), |version| format!("{}-{version}", distro.id))
    });
    let architecture = package.architecture.as_deref().filter(|_| package.ecosystem.is_of_os());
    let source = package.source.as_deref().filter(|_| package.ecosystem.is_of_os());
    let qualifiers = [("arch", architecture), ("distro", distro.as_deref()), ("epoch", epoch), ("upstream", source)];
    let mut purl = format!("pkg:{kind}/{}", path.join("/"));
    if let Some(version) = version.filter(|version| !version.is_empty()) {
        purl.push('@');
        purl.push_str(&encoded(version));
    }
    let mut before = '?';
    for (key, value) in qualifiers {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            purl.extend([before.to_string().as_str(), key, "=", &encoded(value)]);
            before = '&';
        }
    }
    Some(purl)
}

/// The namespace of a distribution's rpms.
fn vendor(id: &str) -> &str {
    match id {
        "rhel" => "redhat",
        _ if id.starts_with("opensuse") => "opensuse",
        "sles" | "sle_hpc" => "suse",
        other => other,
    }
}

/// `text` as a part of a package URL: a colon needs no escape there.
pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(ecosystem: Ecosystem, name: &str, version: &str) -> Package {
        let words = ecosystem.is_of_os().then(|| ("amd64".to_owned(), "src".to_owned()));
        let (architecture, source) = words.unzip();
        Package { version: Some(version.to_owned()), architecture, source, ..Package::new(ecosystem, name) }
    }

    #[test]
    fn each_ecosystem_has_its_type() {
        let debian = Distro { id: "debian".to_owned(), version: Some("12".to_owned()) };
        let rhel = Distro { id: "rhel".to_owned(), version: None };
        let said =
            |ecosystem, name, version, distro| of(&package(ecosystem, name, version), distro).expect("has a name");
        let all = [
            said(Ecosystem::Deb, "libstdc++6", "1:12.2.0-14+b1", Some(&debian)),
            said(Ecosystem::Deb, "bash", "5.2", None),
            said(Ecosystem::Apk, "musl", "1.2.4-r2", None),
            said(Ecosystem::Rpm, "openssl-libs", "1:3.0.7-27.el9", Some(&rhel)),
            said(Ecosystem::Rpm, "bash", "5.1-9", None),
            said(Ecosystem::Npm, "@babel/core", "7.0.0", Some(&debian)),
            said(Ecosystem::Python, "Typing_Extensions", "4", None),
            said(Ecosystem::Gem, "rake", "13", None),
            said(Ecosystem::Go, "github.com/Masterminds/semver/v3", "v3.2.1", None),
            said(Ecosystem::Cargo, "serde", "1.0.1+x", None),
            said(Ecosystem::Npm, "a\n?&#@\u{202e}", "../<b>", None),
        ];
        insta::assert_snapshot!(all.join("\n"), @r"
    pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bb1?arch=amd64&distro=debian-12&upstream=src
    pkg:deb/debian/bash@5.2?arch=amd64&upstream=src
    pkg:apk/alpine/musl@1.2.4-r2?arch=amd64&upstream=src
    pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=amd64&distro=rhel&epoch=1&upstream=src
    pkg:rpm/bash@5.1-9?arch=amd64&upstream=src
    pkg:npm/%40babel/core@7.0.0
    pkg:pypi/typing-extensions@4
    pkg:gem/rake@13
    pkg:golang/github.com/masterminds/semver/v3@v3.2.1
    pkg:cargo/serde@1.0.1%2Bx
    pkg:npm/a%0A%3F%26%23%40%E2%80%AE@..%2F%3Cb%3E
    ");
        assert_eq!(of(&package(Ecosystem::Npm, "../", "1"), None), None);
    }
}
