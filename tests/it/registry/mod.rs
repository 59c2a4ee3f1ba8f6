//! The client of registries against a registry that a test can order about, and against a real one.

mod bad_days;
mod blobs;
mod certificates;
mod describe;
mod logins;
mod real;
mod run;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use imgbudget::Error;
use imgbudget::registry::{Patience, Registries, RegistryImage};

use crate::support::images::{Image, Layer, Stored};

/// Waits that a test can wait for.
const PATIENCE: Patience = Patience {
    answer: Duration::from_secs(5),
    silence: Duration::from_secs(5),
    backoff: Duration::from_millis(5),
    longest_wait: Duration::from_secs(2),
};

/// The registries of a run without any login.
fn registries() -> Registries {
    with_env(&[])
}

/// The registries of a run with this environment alone.
fn with_env(env: &[(&str, &str)]) -> Registries {
    let env: BTreeMap<String, String> = env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Registries::new(&env).expect("logins").with_certificates([]).with_patience(PATIENCE)
}

/// Describes `reference`, on the platform that is asked for.
async fn describe(registries: &Registries, reference: &str, platform: Option<&str>) -> Result<RegistryImage, Error> {
    let platform = platform.map(|platform| platform.parse().expect(platform));
    registries.describe(&reference.parse().expect(reference), platform.as_ref()).await
}

/// The blob of a layer, whole.
async fn layer(registries: &Registries, image: &RegistryImage, number: usize) -> Result<Vec<u8>, Error> {
    let pieces: Vec<Result<Bytes, Error>> = registries.layer(image, number).collect().await;
    pieces.into_iter().collect::<Result<Vec<_>, _>>().map(|pieces| pieces.concat())
}

/// An error as a person reads it, with what differs from run to run taken out.
fn screen(error: &Error) -> String {
    let text = format!("{}\nhint: {}", error.chain(), error.hint().unwrap_or("none"));
    let text =
        regex::Regex::new("sha256:[0-9a-f]{64}").expect("valid").replace_all(&text, "sha256:[digest]").into_owned();
    regex::Regex::new(r"127\.0\.0\.1:\d+").expect("valid").replace_all(&text, "127.0.0.1:PORT").into_owned()
}

/// An image of two gzipped layers.
fn app() -> Image {
    Image::new()
        .stored(Stored::Gzip)
        .layer(Layer::new().zeros("bin/base", 0o755, 5000))
        .layer(Layer::new().file("app", 0o755, "hello"))
        .user("app")
}
