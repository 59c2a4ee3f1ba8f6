//! Registries whose certificate was signed by nobody that the machine knows.

use std::fs;
use std::path::Path;

use super::{app, describe, registries, screen};
use crate::support::certificates::{certified, certified_both_ways};
use crate::support::fake_registry::FakeRegistry;
use crate::support::npm::live;

/// `certs.d/HOST` in `folder`.
fn certs_d(folder: &Path, registry: &FakeRegistry, files: &[(&str, &str)]) -> std::path::PathBuf {
    let certs = folder.join("certs.d");
    let own = certs.join(registry.name());
    fs::create_dir_all(&own).expect("made");
    for (from, to) in files {
        fs::copy(folder.join(from), own.join(to)).expect("copied");
    }
    certs
}

#[tokio::test]
async fn a_private_authority_is_trusted_where_docker_has_it_for_that_registry() {
    if !live("a_private_authority_is_trusted_where_docker_has_it_for_that_registry") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let registry = FakeRegistry::start_tls(certified(folder.path()));
    registry.push("app", "1", &app());
    let reference = format!("{}/app:1", registry.name());
    let error = describe(&registries(), &reference, None).await.expect_err("it is not trusted");
    insta::assert_snapshot!(screen(&error), @r"
    127.0.0.1:PORT/app:1: 127.0.0.1:PORT: the server could not be reached: client error (Connect): invalid peer certificate: UnknownIssuer
    hint: Put the certificate of its authority into /etc/docker/certs.d/127.0.0.1:PORT/ca.crt, or name it in SSL_CERT_FILE.
    ");
    assert_eq!(registry.requests(), Vec::<String>::new());
    let certs = certs_d(folder.path(), &registry, &[("ca.pem", "ca.crt")]);
    describe(&registries().with_certificates([certs]), &reference, None).await.expect("an image");
    let ca = folder.path().join("ca.pem");
    describe(&registries().with_authorities([ca]), &reference, None).await.expect("an image");
    fs::write(folder.path().join("broken.crt"), "nonsense").expect("written");
    let certs = certs_d(folder.path(), &registry, &[("broken.crt", "ca.crt")]);
    let error = describe(&registries().with_certificates([certs]), &reference, None).await.expect_err("unusable");
    let text = screen(&error).replace(&folder.path().display().to_string(), "…");
    insta::assert_snapshot!(text, @r"
    127.0.0.1:PORT: the server could not be reached: cannot use the CA file …/certs.d/127.0.0.1:PORT/ca.crt: it holds no certificate
    hint: Registries have their certificates in /etc/docker/certs.d, by host and port.
    ");
}

#[tokio::test]
async fn a_registry_that_asks_who_is_there_is_shown_the_certificate_and_where_it_leads_to_is_not() {
    if !live("a_registry_that_asks_who_is_there_is_shown_the_certificate_and_where_it_leads_to_is_not") {
        return;
    }
    let (folder, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let registry = FakeRegistry::start_tls(certified_both_ways(folder.path()));
    registry.push("app", "1", &app());
    let reference = format!("{}/app:1", registry.name());
    let pair = [("ca.pem", "ca.crt"), ("client.pem", "client.cert"), ("client.key", "client.key")];
    let certs = certs_d(folder.path(), &registry, &pair);
    describe(&registries().with_certificates([certs.clone()]), &reference, None).await.expect("an image");
    for file in ["ca.pem", "ca.key"] {
        fs::copy(folder.path().join(file), other.path().join(file)).expect("copied");
    }
    // Of the same authority and as strict, so that it can only be the certificate that is not shown.
    let storage = FakeRegistry::start_tls(certified_both_ways(other.path()));
    registry.fail_always("/blobs/", crate::support::fake_registry::Fault::Redirect(storage.origin()));
    let error = describe(&registries().with_certificates([certs]), &reference, None).await.expect_err("no client");
    assert!(error.chain().contains("ertificate"), "{}", error.chain());
    assert_eq!(storage.requests(), Vec::<String>::new());
}
