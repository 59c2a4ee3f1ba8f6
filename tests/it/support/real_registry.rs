//! distribution's registry, the one behind Docker's own image `registry`, as Debian packages it; with a token server of the test's own.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::{Client, StatusCode};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

use super::certificates;
use super::fake_registry::{IDENTITY, PASSWORD, USER};
use super::images::{Image, digest};

/// [`USER`] with [`PASSWORD`], as htpasswd writes them.
const HTPASSWD: &str = "robot:$2y$05$abcdefghijklmnopqrstuuTvmw3qcMpAvEgQGhbFMhqjD3R/evDDW\n";

/// A registry that runs; it is stopped when this goes. What was pushed stays in its folder.
pub(crate) struct RealRegistry {
    child: Child,
    port: u16,
}

/// A token server; it goes with the test process.
pub(crate) struct TokenServer {
    port: u16,
    granted: Arc<Mutex<Vec<String>>>,
}

impl RealRegistry {
    /// Starts one that keeps its images in `folder` and lets in whom `auth` lets in: a part of its configuration.
    pub(crate) fn start(folder: &Path, auth: &Value) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port();
        let mut config = json!({
            "version": "0.1",
            "log": { "level": "error", "accesslog": { "disabled": true } },
            "storage": { "filesystem": { "rootdirectory": folder.join("images") } },
            "http": { "addr": format!("127.0.0.1:{port}") },
        });
        if !auth.is_null() {
            config["auth"] = auth.clone();
        }
        // JSON is YAML.
        let file = folder.join("config.yml");
        fs::write(&file, config.to_string()).unwrap();
        let mut child = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry: scripts/test-tools.sh installs it");
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(child.try_wait().unwrap().is_none(), "docker-registry ended by itself");
            assert!(began.elapsed() < Duration::from_secs(60), "docker-registry does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        Self { child, port }
    }

    /// The part of its configuration for one user with a password.
    pub(crate) fn with_password(folder: &Path) -> Value {
        let file = folder.join("htpasswd");
        fs::write(&file, HTPASSWD).unwrap();
        json!({ "htpasswd": { "realm": "test", "path": file } })
    }

    /// `127.0.0.1:PORT`, as it stands in references.
    pub(crate) fn name(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Pushes an image as clients do: blobs first.
    pub(crate) async fn push(&self, repository: &str, tag: &str, image: &Image) -> String {
        for blob in image.blobs().chain([image.config()]) {
            self.push_blob(repository, blob).await;
        }
        self.push_manifest(repository, tag, "application/vnd.oci.image.manifest.v1+json", image.manifest()).await
    }

    /// Puts a manifest under a tag, and says its digest.
    pub(crate) async fn push_manifest(
        &self,
        repository: &str,
        tag: &str,
        media_type: &str,
        manifest: Vec<u8>,
    ) -> String {
        let address = format!("http://{}/v2/{repository}/manifests/{tag}", self.name());
        let digest = digest(&manifest);
        let request = client().put(address).header("Content-Type", media_type).body(manifest);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::CREATED);
        digest
    }

    async fn push_blob(&self, repository: &str, blob: Vec<u8>) {
        let address = format!("http://{}/v2/{repository}/blobs/uploads/", self.name());
        let begun = client().post(address).send().await.unwrap();
        assert_eq!(begun.status(), StatusCode::ACCEPTED);
        let location = begun.headers().get("location").unwrap().to_str().unwrap();
        let address = format!("{location}&digest={}", digest(&blob));
        assert_eq!(client().put(address).body(blob).send().await.unwrap().status(), StatusCode::CREATED);
    }
}

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

impl Drop for RealRegistry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a token is signed with: a key, and its certificate.
struct Signer {
    key: EcdsaKeyPair,
    certificate: String,
}

impl TokenServer {
    /// Starts one whose certificate is `ca.pem` in `folder`.
    pub(crate) fn start(folder: &Path) -> Self {
        certificates::authority(folder);
        let random = ring::rand::SystemRandom::new();
        let PrivateKeyDer::Pkcs8(key) = PrivateKeyDer::from_pem_file(folder.join("ca.key")).unwrap() else {
            panic!("openssl writes PKCS#8")
        };
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.secret_pkcs8_der(), &random).unwrap();
        let certificate = STANDARD.encode(CertificateDer::from_pem_file(folder.join("ca.pem")).unwrap());
        let signer = Signer { key, certificate };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let granted = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&granted);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &signer, &log);
            }
        });
        Self { port, granted }
    }

    /// The part of a registry's configuration that makes it believe this server.
    pub(crate) fn auth(&self, folder: &Path) -> Value {
        let bundle: PathBuf = folder.join("ca.pem");
        let realm = format!("http://127.0.0.1:{}/token", self.port);
        json!({ "token": { "realm": realm, "service": "test registry", "issuer": "test", "rootcertbundle": bundle } })
    }

    /// What was granted, in order: `GET repository:team/app:pull`.
    pub(crate) fn granted(&self) -> Vec<String> {
        self.granted.lock().unwrap().clone()
    }
}

/// One request for a token. Who logs in may pull from `team/…`, and everybody from `public/…`.
fn answer(stream: TcpStream, signer: &Signer, log: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut body) = (String::new(), String::new());
    while reader.read_line(&mut head).is_ok_and(|read| read > 2) {}
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    reader.by_ref().take(length.unwrap_or(0)).read_to_string(&mut body).unwrap();
    let target = head.split_whitespace().nth(1).unwrap_or_default();
    let form = if head.starts_with("POST") { format!("http://token/?{body}") } else { format!("http://token{target}") };
    let url = reqwest::Url::parse(&form).unwrap();
    let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let basic = format!("authorization: Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
    let logged_in = head.contains(&basic) || value("refresh_token").as_deref() == Some(IDENTITY);
    let (scope, service) = (value("scope").unwrap_or_default(), value("service").unwrap_or_default());
    let mut parts = scope.splitn(3, ':').map(str::to_owned);
    let (kind, name, actions) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let granted = name.starts_with("public/") || logged_in && name.starts_with("team/");
    let access = if granted { json!([{ "type": kind, "name": name, "actions": [actions] }]) } else { json!([]) };
    log.lock().unwrap().push(format!("{} {scope}", head.split(' ').next().unwrap_or_default()));
    let token = signer.sign(&service, &access);
    let text = json!({ "token": token, "access_token": token, "expires_in": 300 }).to_string();
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", text.len());
    // A client that goes away is no fault of the server.
    let _ = reader.get_mut().write_all(format!("{head}{text}").as_bytes());
}

impl Signer {
    /// A JSON Web Token as distribution checks it (its "Token Authentication Implementation").
    fn sign(&self, audience: &str, access: &Value) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let header = json!({ "typ": "JWT", "alg": "ES256", "x5c": [self.certificate] });
        let claims = json!({
            "iss": "test", "sub": USER, "aud": audience, "iat": now, "nbf": now - 60, "exp": now + 300, "jti": now.to_string(),
            "access": access,
        });
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.key.sign(&ring::rand::SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Stands before a server, and lets the first answers through up to so many bytes only. `127.0.0.1:PORT`.
pub(crate) fn cutting(server: String, after: Vec<u64>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut cuts = after.into_iter();
        for client in listener.incoming().flatten() {
            let most = cuts.next().unwrap_or(u64::MAX);
            let server = TcpStream::connect(&server).unwrap();
            let (mut to_server, mut from_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || {
                let _ = std::io::copy(&mut from_client, &mut to_server);
            });
            thread::spawn(move || {
                let (mut server, mut client) = (server.take(most), client);
                let _ = std::io::copy(&mut server, &mut client);
                let _ = client.shutdown(std::net::Shutdown::Both);
                let _ = server.into_inner().shutdown(std::net::Shutdown::Both);
            });
        }
    });
    name
}
