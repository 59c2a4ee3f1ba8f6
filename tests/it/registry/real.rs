//! A registry as it is run, with its own ways of letting people in.

use serde_json::{Value, json};

use super::{app, describe, layer, screen, with_env};
use crate::support::fake_registry::{IDENTITY, OCI_INDEX, PASSWORD, USER, index};
use crate::support::images::{Image, Layer};
use crate::support::npm::live;
use crate::support::real_registry::{RealRegistry, TokenServer, cutting};

/// `DOCKER_AUTH_CONFIG` with one login.
fn config(registry: &RealRegistry, login: &Value) -> String {
    json!({ "auths": { registry.name(): login } }).to_string()
}

/// A folder that holds `team/app:1` and `public/app:1`, pushed to a registry that is open.
async fn pushed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let registry = RealRegistry::start(folder.path(), &Value::Null);
    for repository in ["team/app", "public/app"] {
        registry.push(repository, "1", &app()).await;
    }
    folder
}

#[tokio::test]
async fn a_real_registry_gives_images_of_several_platforms_and_their_layers() {
    if !live("a_real_registry_gives_images_of_several_platforms_and_their_layers") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let registry = RealRegistry::start(folder.path(), &Value::Null);
    let images = ["linux/amd64", "linux/arm64"].map(|platform| app().platform(platform));
    for image in &images {
        registry.push("team/app", "single", image).await;
    }
    let list = index(&images.each_ref().map(Image::descriptor));
    let pushed = registry.push_manifest("team/app", "1", OCI_INDEX, list).await;
    let (registries, reference) = (with_env(&[]), format!("{}/team/app:1", registry.name()));
    for (platform, image) in ["linux/amd64", "linux/arm64"].into_iter().zip(&images) {
        let found = describe(&registries, &reference, Some(platform)).await.expect("an image");
        assert_eq!((found.digest.to_string(), found.config.id.to_string()), (pushed.clone(), image.id()));
        for (number, blob) in image.blobs().enumerate() {
            assert_eq!(layer(&registries, &found, number).await.expect("a layer"), blob);
        }
    }
    let none = describe(&registries, &reference.replace(":1", ":2"), None).await.expect_err("no such tag");
    assert!(none.chain().contains("has no image"), "{}", none.chain());
}

#[tokio::test]
async fn a_real_registry_goes_on_where_the_connection_broke() {
    if !live("a_real_registry_goes_on_where_the_connection_broke") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let registry = RealRegistry::start(folder.path(), &Value::Null);
    let content: Vec<u8> = (0..2_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let image = Image::new().layer(Layer::new().file("large", 0o644, content));
    registry.push("app", "1", &image).await;
    let direct = format!("{}/app:1", registry.name());
    let mut found = describe(&with_env(&[]), &direct, None).await.expect("an image");
    // The first connection only asks for TLS.
    let broken = cutting(registry.name(), vec![u64::MAX, 900_000, 300_000]);
    found.reference = format!("{broken}/app:1").parse().expect("valid");
    assert_eq!(Some(layer(&with_env(&[]), &found, 0).await.expect("a layer")), image.blobs().next());
}

#[tokio::test]
async fn a_real_registry_asks_for_a_password() {
    if !live("a_real_registry_asks_for_a_password") {
        return;
    }
    let folder = pushed().await;
    let registry = RealRegistry::start(folder.path(), &RealRegistry::with_password(folder.path()));
    let reference = format!("{}/team/app:1", registry.name());
    let login = config(&registry, &json!({ "username": USER, "password": PASSWORD }));
    let registries = with_env(&[("DOCKER_AUTH_CONFIG", &login)]);
    let image = describe(&registries, &reference, None).await.expect("an image");
    layer(&registries, &image, 0).await.expect("a layer");
    let none = describe(&with_env(&[]), &reference, None).await.expect_err("no login");
    insta::assert_snapshot!(screen(&none), @r"
    127.0.0.1:PORT/team/app:1: 127.0.0.1:PORT asks for a login (HTTP 401)
    hint: Log in: `docker login 127.0.0.1:PORT`, or set DOCKER_AUTH_CONFIG. Check the name, too: many registries answer so for what they do not have.
    ");
    let login = config(&registry, &json!({ "username": USER, "password": "canary-wrong" }));
    let wrong = describe(&with_env(&[("DOCKER_AUTH_CONFIG", &login)]), &reference, None).await.expect_err("wrong");
    insta::assert_snapshot!(screen(&wrong), @r"
    127.0.0.1:PORT/team/app:1: 127.0.0.1:PORT refuses the login for it (HTTP 401)
    hint: Log in again: `docker login 127.0.0.1:PORT`. The login needs to be allowed to pull.
    ");
}

#[tokio::test]
async fn a_real_registry_believes_the_tokens_that_are_had_for_it() {
    if !live("a_real_registry_believes_the_tokens_that_are_had_for_it") {
        return;
    }
    let folder = pushed().await;
    let tokens = TokenServer::start(folder.path());
    let registry = RealRegistry::start(folder.path(), &tokens.auth(folder.path()));
    let (team, public) = (format!("{}/team/app:1", registry.name()), format!("{}/public/app:1", registry.name()));
    for login in [json!({ "username": USER, "password": PASSWORD }), json!({ "identitytoken": IDENTITY })] {
        let login = config(&registry, &login);
        let registries = with_env(&[("DOCKER_AUTH_CONFIG", &login)]);
        for reference in [&team, &public] {
            let image = describe(&registries, reference, None).await.expect("an image");
            for (number, blob) in app().blobs().enumerate() {
                assert_eq!(layer(&registries, &image, number).await.expect("a layer"), blob);
            }
        }
    }
    insta::assert_snapshot!(tokens.granted().join("\n"), @r"
    GET repository:team/app:pull
    GET repository:public/app:pull
    POST repository:team/app:pull
    POST repository:public/app:pull
    ");
    let nobody = with_env(&[]);
    describe(&nobody, &public, None).await.expect("an image");
    let none = describe(&nobody, &team, None).await.expect_err("no login");
    insta::assert_snapshot!(screen(&none), @r"
    127.0.0.1:PORT/team/app:1: 127.0.0.1:PORT asks for a login (HTTP 401)
    hint: Log in: `docker login 127.0.0.1:PORT`, or set DOCKER_AUTH_CONFIG. Check the name, too: many registries answer so for what they do not have.
    ");
}
