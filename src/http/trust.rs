//! Certificates that are trusted beside the machine's own.

use std::path::Path;

use reqwest::{Certificate, Identity};

use super::{HttpError, reasons};
use crate::files;

/// No file of CA certificates that makes sense is larger; what distributions ship is a fifth of it.
const LARGEST_CA_FILE: u64 = 1 << 20;

/// The certificates of a CA file in PEM.
///
/// # Errors
/// It cannot be read, is too large, or holds none.
pub fn certificates(file: &Path) -> Result<Vec<Certificate>, HttpError> {
    let failed = |why: String| HttpError::Unreachable(format!("cannot use the CA file {}: {why}", file.display()));
    match files::read(file, LARGEST_CA_FILE) {
        Err(error) => Err(failed(error.to_string())),
        Ok(pem) => match Certificate::from_pem_bundle(&pem) {
            Ok(found) if found.is_empty() => Err(failed("it holds no certificate".to_owned())),
            Ok(found) => Ok(found),
            Err(error) => Err(failed(reasons(&error))),
        },
    }
}

/// The certificate in `certificate` with its key in `key`, both in PEM: what is shown to a server that asks who is there.
///
/// # Errors
/// One cannot be read, is too large, or they are no such pair.
pub fn identity(certificate: &Path, key: &Path) -> Result<Identity, HttpError> {
    let failed = |file: &Path, why: String| {
        HttpError::Unreachable(format!("cannot use the client certificate {}: {why}", file.display()))
    };
    let read = |file: &Path| files::read(file, LARGEST_CA_FILE).map_err(|error| failed(file, error.to_string()));
    let pem = [read(key)?, b"\n".to_vec(), read(certificate)?].concat();
    Identity::from_pem(&pem).map_err(|error| failed(certificate, reasons(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_must_hold_certificates() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ca.pem");
        let why = |file: &Path| certificates(file).expect_err("unusable").to_string();
        assert!(why(&file).contains("ca.pem: No such file"), "{}", why(&file));
        std::fs::write(&file, "not a certificate").expect("written");
        assert!(why(&file).ends_with("it holds no certificate"), "{}", why(&file));
    }
}
