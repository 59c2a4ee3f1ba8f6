//! What bollard's errors mean for a person.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};

use bollard::errors::Error as Fault;

use super::endpoint::Endpoint;
use crate::{Class, Error};

/// The error of the operating system below `fault`, if there is one.
pub(crate) fn io_kind(fault: &Fault) -> Option<ErrorKind> {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(fault);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<io::Error>().filter(|io| io.kind() != ErrorKind::Other) {
            return Some(io.kind());
        }
        cause = error.source();
    }
    None
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

/// The engine went away.
pub(crate) fn lost(endpoint: &Endpoint, doing: &str, why: &str) -> Error {
    Error::new(Class::Engine, format!("the engine at {endpoint} went away, so imgbudget cannot {doing}: {why}"))
        .with_hint("Look at the daemon's log (`journalctl -u docker`), and run again when it is up.")
}
