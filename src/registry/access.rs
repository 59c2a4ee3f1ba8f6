//! What is shown to a registry for one repository: a token, a password, or nothing. One for the run, renewed when it is refused.

use reqwest::header::HeaderValue;
use tokio::sync::Mutex;

use super::challenge::Challenge;
use super::host::Host;
use super::token::{self, basic};
use super::{Shared, unusable};
use crate::Error;

/// The access to one repository.
#[derive(Debug, Default)]
pub(super) struct Access(Mutex<Held>);

/// What is held at a time.
#[derive(Debug, Default)]
struct Held {
    /// How often it was renewed.
    age: u32,
    pass: Option<HeaderValue>,
    has_login: bool,
    /// It could not be had: asking again would only count as one more wrong password.
    failure: Option<Error>,
}

/// The value of `Authorization`, and how old it is.
#[derive(Debug, Clone)]
pub(super) struct Pass {
    pub(super) header: Option<HeaderValue>,
    /// Whether a login stands behind it.
    pub(super) has_login: bool,
    age: u32,
}

impl Access {
    /// What is shown with the next request. Where the registry has asked for a login before, one is had at once.
    pub(super) async fn pass(&self, shared: &Shared, host: &Host, repository: &str) -> Result<Pass, Error> {
        let mut held = self.0.lock().await;
        if held.age == 0
            && let Some(challenge) = host.challenge()
        {
            held.renew(shared, host, repository, &challenge).await?;
        }
        held.pass()
    }

    /// What is shown after `refused` was refused with `challenge`; `None` when there is nothing else to show.
    pub(super) async fn after(
        &self,
        refused: &Pass,
        challenge: &Challenge,
        shared: &Shared,
        host: &Host,
        repository: &str,
    ) -> Result<Option<Pass>, Error> {
        let mut held = self.0.lock().await;
        // Somebody may have renewed it in the meantime.
        if held.age == refused.age {
            held.renew(shared, host, repository, challenge).await?;
        }
        held.pass().map(|pass| Some(pass).filter(|pass| pass.header.is_some() && pass.header != refused.header))
    }
}

impl Held {
    fn pass(&self) -> Result<Pass, Error> {
        match &self.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(Pass { header: self.pass.clone(), has_login: self.has_login, age: self.age }),
        }
    }

    async fn renew(
        &mut self,
        shared: &Shared,
        host: &Host,
        repository: &str,
        challenge: &Challenge,
    ) -> Result<(), Error> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let login = shared.logins.of(host.name.as_str(), repository).await;
        self.has_login = login.is_some();
        let pass = match challenge {
            Challenge::Basic => login.as_ref().map(|login| basic(login).ok_or_else(|| no_password(host))).transpose(),
            Challenge::Bearer { realm, service } => {
                let wanted = token::Wanted { realm, service: service.as_deref(), repository };
                token::fetch(shared, host, &wanted, login.as_ref()).await.map(Some)
            }
        };
        self.age = self.age.saturating_add(1);
        match pass {
            Ok(pass) => self.pass = pass,
            Err(error) => self.failure = Some(error),
        }
        Ok(())
    }
}

fn no_password(host: &Host) -> Error {
    let name = &host.name;
    unusable(format!("{name} asks for a password, and the login for it is a token"))
        .with_hint(format!("Log in with user and password: `docker login {name}`."))
}
