//! GitLab: the note on a merge request, and the jobs that we give away.

mod contract;
mod job;
mod notes;
mod private_ca;
mod templates;

use imgbudget::forge::gitlab::{GitLab, Server};
use imgbudget::forge::sticky::{Outcome, Wish, post};
use imgbudget::forge::{Body, ForgeError, Token};

use crate::support::fake_gitlab::{IID, PROJECT};

/// The real client for a server at `api`.
fn client(api: &str, project: &str, token: &str, ca: Option<&std::path::Path>) -> Result<GitLab, ForgeError> {
    let environment = [("IMGBUDGET_GITLAB_TOKEN".to_owned(), token.to_owned())].into();
    let token = Token::from_environment(&environment, &imgbudget::forge::gitlab::TOKEN_VARIABLES).unwrap().unwrap();
    let web = "https://gitlab.example.com/acme/shop".to_owned();
    GitLab::new(Server { api: api.to_owned(), project: project.to_owned(), web }, &token, ca)
}

/// A text with our marker.
fn body(text: &str) -> Body {
    Body::new(&"budgets.toml".parse().unwrap(), text, text)
}

/// Puts `text` in place as `token`.
fn put(api: &str, token: &str, text: &str) -> Result<Outcome, ForgeError> {
    put_with(&client(api, PROJECT, token, None)?, text, Wish::Create)
}

fn put_with(gitlab: &GitLab, text: &str, wish: Wish) -> Result<Outcome, ForgeError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let thread = gitlab.merge_request(IID).await?;
        post(&thread, &body(text), wish).await
    })
}
