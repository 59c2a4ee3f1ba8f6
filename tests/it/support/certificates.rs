//! Certificates of an authority that no machine knows, made by openssl.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A server with a certificate for 127.0.0.1, signed by `ca.pem` in `folder`.
pub(crate) fn certified(folder: &Path) -> Arc<rustls::ServerConfig> {
    make(folder, "server", "subjectAltName=IP:127.0.0.1");
    serve(folder, None)
}

/// One that also wants to be shown a certificate of its authority, which `client.pem` and `client.key` are.
pub(crate) fn certified_both_ways(folder: &Path) -> Arc<rustls::ServerConfig> {
    make(folder, "server", "subjectAltName=IP:127.0.0.1");
    make(folder, "client", "extendedKeyUsage=clientAuth");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    serve(folder, Some(verifier.unwrap()))
}

/// A key on P-256 and a certificate of it, for a day or two.
const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder).output();
    let output = output.expect("openssl, for a CA of the test's own");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// An authority, `ca.pem` with `ca.key` in `folder`, when there is none.
pub(crate) fn authority(folder: &Path) {
    if !folder.join("ca.pem").exists() {
        openssl(folder, &format!("req -x509 {KEY} -keyout ca.key -out ca.pem -subj /CN=imgbudget-test-ca"));
    }
}

/// A certificate of the authority.
fn make(folder: &Path, name: &str, extension: &str) {
    authority(folder);
    let request = format!(
        "req -x509 {KEY} -CA ca.pem -CAkey ca.key -keyout {name}.key -out {name}.pem -subj /CN={name} \
         -addext {extension} -addext basicConstraints=critical,CA:FALSE"
    );
    openssl(folder, &request);
}

fn serve(
    folder: &Path,
    clients: Option<Arc<dyn rustls::server::danger::ClientCertVerifier>>,
) -> Arc<rustls::ServerConfig> {
    let chain = CertificateDer::pem_file_iter(folder.join("server.pem")).unwrap().collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = match clients {
        Some(verifier) => config.with_client_cert_verifier(verifier),
        None => config.with_no_client_auth(),
    };
    Arc::new(config.with_single_cert(chain, key).unwrap())
}
