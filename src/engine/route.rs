//! The way that requests take to an engine: one connection each, over a unix socket, TCP or TLS, and all that comes back is metered.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bollard::errors::Error as Fault;
use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderValue};
use hyper::{Response, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

use super::allowance::{Allowance, Metered};
use super::endpoint::{Address, Endpoint, Tls};
use crate::{Class, Error};

/// How to reach one engine. Nothing is sent before a client is asked something.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// A socket on this machine.
    Unix(PathBuf),
    /// `host:port`, in the clear.
    Plain(String),
    /// `host:port`, encrypted.
    Encrypted { authority: String, host: ServerName<'static>, config: Arc<rustls::ClientConfig> },
}

trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

impl Route {
    /// The route to `endpoint`; certificates are read here.
    ///
    /// # Errors
    /// Certificates or a key that cannot be used.
    pub(crate) fn to(endpoint: &Endpoint) -> Result<Self, Error> {
        Ok(match &endpoint.address {
            Address::Unix(path) => Self::Unix(path.clone()),
            Address::Tcp { authority, tls: None } => Self::Plain(authority.clone()),
            Address::Tcp { authority, tls: Some(tls) } => Self::Encrypted {
                authority: authority.clone(),
                host: server_name(authority).ok_or_else(|| {
                    Error::new(Class::Engine, format!("{endpoint} has no host name that a certificate could be for"))
                })?,
                config: Arc::new(encrypted(tls, endpoint)?),
            },
        })
    }

    /// A client whose answers may have as much as `allowance`, and may take `patience` to begin.
    pub(crate) fn client(&self, allowance: &Allowance, patience: Duration) -> Result<Docker, Fault> {
        let (route, allowance) = (self.clone(), allowance.clone());
        let transport = move |request| send(route.clone(), allowance.clone(), request);
        let base = format!("http://{}", self.authority());
        Docker::connect_with_custom_transport(transport, Some(base), patience.as_secs(), API_DEFAULT_VERSION)
    }

    fn authority(&self) -> &str {
        match self {
            Self::Unix(_) => "localhost",
            Self::Plain(authority) | Self::Encrypted { authority, .. } => authority,
        }
    }

    async fn connect(&self) -> io::Result<Box<dyn Connection>> {
        let tcp = async |authority: &str| {
            let connection = TcpStream::connect(authority).await?;
            connection.set_nodelay(true)?;
            Ok::<_, io::Error>(connection)
        };
        Ok(match self {
            Self::Unix(path) => Box::new(UnixStream::connect(path).await?),
            Self::Plain(authority) => Box::new(tcp(authority).await?),
            Self::Encrypted { authority, host, config } => {
                let connector = TlsConnector::from(Arc::clone(config));
                Box::new(connector.connect(host.clone(), tcp(authority).await?).await?)
            }
        })
    }
}

async fn send(route: Route, allowance: Allowance, mut request: BollardRequest) -> Result<Response<Incoming>, Fault> {
    // BuildKit's session is a conversation that lasts as long as the build; nothing of it is put together here.
    let is_session = request.uri().path().ends_with("/session");
    let connection = Metered::new(route.connect().await?, (!is_session).then_some(allowance));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(connection)).await?;
    // It ends with the answer, or with whoever waits for it; its errors reach them, too.
    tokio::spawn(connection.with_upgrades());
    let host = HeaderValue::from_str(route.authority()).map_err(io::Error::other)?;
    request.headers_mut().insert(HOST, host);
    if let Some(path) = request.uri().path_and_query() {
        *request.uri_mut() = Uri::from(path.clone());
    }
    Ok(sender.send_request(request).await?)
}

/// The host of `host:port`, as certificates name it.
fn server_name(authority: &str) -> Option<ServerName<'static>> {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(host.to_owned()).ok()
}

/// What Docker's own client does with `ca.pem`, `cert.pem` and `key.pem`: the authorities of the machine are trusted, too.
fn encrypted(tls: &Tls, endpoint: &Endpoint) -> Result<rustls::ClientConfig, Error> {
    let unusable = |path: &Path, error: Box<dyn std::error::Error + Send + Sync>| {
        Error::new(Class::Engine, format!("cannot use {}, which TLS to {endpoint} needs", path.display()))
            .with_hint("DOCKER_CERT_PATH names the directory with ca.pem, cert.pem and key.pem.")
            .caused_by(error)
    };
    let certificates = |path: &Path| {
        let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match read {
            Ok(found) if found.is_empty() => Err(unusable(path, "it holds no certificate".into())),
            Ok(found) => Ok(found),
            Err(error) => Err(unusable(path, error.into())),
        }
    };
    let mut authorities = rustls::RootCertStore::empty();
    authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    authorities.add_parsable_certificates(certificates(&tls.ca)?);
    let certificate = certificates(&tls.cert)?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| unusable(&tls.key, error.into()))?;
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_root_certificates(authorities).with_client_auth_cert(certificate, key))
        .map_err(|error| unusable(&tls.cert, error.into()))
}
