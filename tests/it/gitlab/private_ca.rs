//! A GitLab of one's own, whose certificate was signed by nobody that the machine knows.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use imgbudget::forge::ForgeError;
use imgbudget::forge::sticky::{Outcome, Wish};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{client, put_with};
use crate::support::fake_gitlab::{FakeGitLab, PROJECT, TOKEN};
use crate::support::npm::live;

#[test]
fn a_private_ca_is_trusted_when_the_runner_names_it_and_not_before() {
    if !live("a_private_ca_is_trusted_when_the_runner_names_it_and_not_before") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let gitlab = FakeGitLab::start_tls(certified(folder.path()));
    let with_ca = client(&gitlab.api(), PROJECT, TOKEN, Some(&folder.path().join("ca.pem"))).unwrap();
    assert!(matches!(put_with(&with_ca, "a", Wish::Create), Ok(Outcome::Created(_))));
    let without = client(&gitlab.api(), PROJECT, TOKEN, None).unwrap();
    let Err(ForgeError::Unreachable(why)) = put_with(&without, "a", Wish::Create) else { panic!("it was trusted") };
    assert!(why.to_lowercase().contains("certificate"), "{why}");
    assert_eq!(gitlab.notes().len(), 1);
}

/// A server with a certificate for 127.0.0.1, signed by `ca.pem` in `folder`.
fn certified(folder: &Path) -> Arc<rustls::ServerConfig> {
    let openssl = |arguments: &str| {
        let output = Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder).output();
        let output = output.expect("openssl, for a CA of the test's own");
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
    openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=imgbudget-test-ca"));
    openssl(&format!(
        "req -x509 {key} -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem -subj /CN=gitlab \
         -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE"
    ));
    let chain = CertificateDer::pem_file_iter(folder.join("server.pem")).unwrap().collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
}
