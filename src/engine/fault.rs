//! What bollard's errors mean for a person.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};

use bollard::errors::Error as Fault;

use super::allowance::Endless;
use super::endpoint::Endpoint;
use crate::{Class, Error};

/// The errors of the operating system in and below `fault`.
fn io_errors(fault: &Fault) -> impl Iterator<Item = &io::Error> {
    // bollard's own kind for them does not show itself among its causes.
    let own = if let Fault::IOError { err } = fault { Some(err) } else { None };
    let mut cause: Option<&(dyn StdError + 'static)> = Some(fault);
    let causes = std::iter::from_fn(move || {
        let error = cause?;
        cause = error.source();
        Some(error)
    });
    own.into_iter().chain(causes.filter_map(|error| error.downcast_ref()))
}

/// The kind of the error of the operating system below `fault`, if there is one.
pub(crate) fn io_kind(fault: &Fault) -> Option<ErrorKind> {
    io_errors(fault).map(io::Error::kind).find(|kind| *kind != ErrorKind::Other)
}

/// Whether the engine's answer had more than its allowance.
pub(crate) fn is_endless(fault: &Fault) -> bool {
    io_errors(fault).filter_map(io::Error::get_ref).any(<dyn StdError + Send + Sync>::is::<Endless>)
}

/// What went wrong at the bottom: `Connection refused`. The layers above it only say that something did.
pub(crate) fn said(fault: &(dyn StdError + 'static)) -> String {
    let mut cause = fault;
    while let Some(below) = cause.source() {
        cause = below;
    }
    cause.to_string()
}

/// The engine answered `status` with a message of its own.
pub(crate) fn refusal(fault: &Fault) -> Option<(u16, &str)> {
    match fault {
        Fault::DockerResponseServerError { status_code, message } => Some((*status_code, message.trim())),
        _ => None,
    }
}

/// An error of the engine while `doing` something: it refused, it broke off, or it went silent.
pub(crate) fn error(fault: Fault, endpoint: &Endpoint, doing: &str) -> Error {
    if let Some((status, message)) = refusal(&fault) {
        let why = if message.is_empty() { format!("HTTP status {status}") } else { message.to_owned() };
        let error = Error::new(Class::Engine, format!("the engine refused to {doing}: {why}"));
        return match status {
            401 | 403 => error.with_hint(format!("Something in front of {endpoint} forbids this request.")),
            _ => error,
        };
    }
    if is_endless(&fault) {
        return endless(endpoint, doing);
    }
    match fault {
        Fault::RequestTimeoutError => lost(endpoint, doing, "it did not answer in time"),
        Fault::JsonDataError { .. } | Fault::JsonSerdeError { .. } => {
            Error::new(Class::Engine, format!("cannot {doing}: the engine's answer is not understood"))
                .with_hint(format!("Is there a Docker or Podman engine at {endpoint}?"))
                .caused_by(fault)
        }
        Fault::IOError { .. } | Fault::HyperResponseError { .. } | Fault::HyperLegacyError { .. } => {
            lost(endpoint, doing, &said(&fault))
        }
        other => Error::new(Class::Engine, format!("cannot {doing}")).caused_by(other),
    }
}

/// The engine's answer had more than its allowance.
pub(crate) fn endless(endpoint: &Endpoint, doing: &str) -> Error {
    Error::new(Class::Engine, format!("cannot {doing}: {Endless}"))
        .with_hint(format!("Is there a Docker or Podman engine at {endpoint}?"))
}

/// The engine went away.
pub(crate) fn lost(endpoint: &Endpoint, doing: &str, why: &str) -> Error {
    Error::new(Class::Engine, format!("the engine at {endpoint} went away, so imgbudget cannot {doing}: {why}"))
        .with_hint("Look at the daemon's log (`journalctl -u docker`), and run again when it is up.")
}
