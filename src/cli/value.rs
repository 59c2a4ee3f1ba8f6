//! Values of flags that have a form of their own.

use std::path::PathBuf;
use std::str::FromStr;

use crate::domain::platform::PlatformError;
use crate::domain::{Format, ImageRef, Platform, TargetName};

/// `NAME=VALUE`, or `VALUE` alone for a run without a budgets.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSource {
    /// The target it belongs to.
    pub name: Option<TargetName>,
    /// A reference or a path, as typed.
    pub value: String,
}

impl FromStr for NamedSource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (Some(name.parse::<TargetName>().map_err(|error| error.to_string())?), value),
            None => (None, text),
        };
        if value.is_empty() {
            return Err("nothing follows the `=`; write NAME=VALUE".to_owned());
        }
        Ok(Self { name, value: value.to_owned() })
    }
}

/// `FORMAT=PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteTo {
    /// The form.
    pub format: Format,
    /// The file.
    pub path: PathBuf,
}

impl FromStr for WriteTo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Format::ALL.map(Format::as_str).join(", ");
        let (format, path) =
            text.split_once('=').ok_or_else(|| format!("write FORMAT=PATH, with FORMAT one of {}", known()))?;
        let format = Format::ALL
            .into_iter()
            .find(|candidate| candidate.as_str() == format)
            .ok_or_else(|| format!("no format is called `{format}`; there are {}", known()))?;
        if path.is_empty() {
            return Err("no path follows the `=`".to_owned());
        }
        if path == "-" {
            return Err(format!(
                "for standard output write --format {}; `./-` is a file of that name",
                format.as_str()
            ));
        }
        Ok(Self { format, path: path.into() })
    }
}

/// Where the layer cache is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheAt {
    /// Nowhere.
    Off,
    /// In this directory.
    Directory(PathBuf),
}

impl FromStr for CacheAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("a directory is missing; `off` turns the cache off".to_owned()),
            "off" => Ok(Self::Off),
            directory => Ok(Self::Directory(directory.into())),
        }
    }
}

/// `90`, `90s`, `15m`, `1h`: a bound on time, never zero.
pub(super) fn duration(text: &str) -> Result<std::time::Duration, String> {
    let wrong = || format!("`{text}` is not a duration; write 90s, 15m or 1h");
    let (number, factor) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) => (
            number,
            if text.ends_with('s') {
                1
            } else if text.ends_with('m') {
                60
            } else {
                3600
            },
        ),
        None => (text, 1),
    };
    let seconds = number.parse::<u32>().map_err(|_| wrong())?;
    if seconds == 0 {
        return Err("a duration of zero leaves no time for anything".to_owned());
    }
    Ok(std::time::Duration::from_secs(u64::from(seconds) * factor))
}

/// `linux/arm64`, once for each flag.
pub(super) fn platform(text: &str) -> Result<Platform, String> {
    text.parse().map_err(|error: PlatformError| match text.split_once(',') {
        Some((one, other)) => format!("it is given once for each: --platform {one} --platform {other}"),
        None => format!("{error}; write os/architecture, such as linux/amd64, linux/arm64 or linux/arm/v7"),
    })
}

/// `registry.example.com` or `registry.example.com:5000`, as a reference begins, in lower case.
pub(super) fn registry(text: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` is not a registry; write HOST or HOST:PORT, such as registry.example.com:5000");
    let reference: ImageRef = format!("{text}/x").parse().map_err(|_| wrong())?;
    match reference.registry {
        Some(host) if reference.repository == "x" => Ok(host.to_ascii_lowercase()),
        // A host of one word is no host in a reference either, and Docker looks for it on Docker Hub.
        _ => Err(wrong()),
    }
}

/// `^[1-9][0-9]{0,9}$`: the number of a pull request.
pub(super) fn pull_request(text: &str) -> Result<u64, String> {
    let plain = (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).ok_or_else(|| format!("`{text}` is not the number of a pull request"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pull_requests() {
        assert_eq!(pull_request("1"), Ok(1));
        assert_eq!(pull_request("9999999999"), Ok(9_999_999_999));
        for wrong in ["", "0", "01", "+1", "-1", "1 ", "12345678901", "1/../2", "#1"] {
            assert!(pull_request(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn platforms() {
        assert!(platform("linux/arm/v7").is_ok());
        assert!(platform("arm64").is_err_and(|why| why.contains("such as linux/amd64")));
        let both = platform("linux/amd64,linux/arm64");
        assert!(both.is_err_and(|why| why.ends_with("--platform linux/amd64 --platform linux/arm64")));
    }

    #[test]
    fn sources() {
        let source = "api=localhost:5000/a:1".parse::<NamedSource>().expect("valid");
        assert_eq!(
            (source.name.map(|n| n.to_string()).as_deref(), source.value.as_str()),
            (Some("api"), "localhost:5000/a:1")
        );
        assert!("acme/api".parse::<NamedSource>().is_ok_and(|source| source.name.is_none()));
        assert!("api=".parse::<NamedSource>().is_err());
        assert!("a/b=c".parse::<NamedSource>().is_err());
    }

    #[test]
    fn writes() {
        assert!("json=a=b.json".parse::<WriteTo>().is_ok_and(|write| write.path.as_os_str() == "a=b.json"));
        for wrong in ["json", "json=", "json=-", "yaml=x"] {
            assert!(wrong.parse::<WriteTo>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn caches() {
        assert_eq!("off".parse(), Ok(CacheAt::Off));
        assert_eq!("./off".parse(), Ok(CacheAt::Directory("./off".into())));
        assert!("".parse::<CacheAt>().is_err());
    }

    #[test]
    fn durations() {
        assert_eq!(duration("15m"), Ok(std::time::Duration::from_mins(15)));
        assert_eq!(duration("90"), Ok(std::time::Duration::from_secs(90)));
        for wrong in ["", "s", "-1", "0", "1d", "1.5h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
