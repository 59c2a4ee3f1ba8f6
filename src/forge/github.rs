//! GitHub: comments of a pull request over REST, and who we are over GraphQL.
//!
//! octocrab makes the requests and our client carries them; addresses, structs and retries are ours, because its typed calls stop at
//! a comment of a deleted account and its own retry repeats a POST that may have been stored.

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use octocrab::Octocrab;
use reqwest::{Method, Url};
use serde::{Deserialize, Serialize};

use super::thread::LARGEST_ANSWER;
use super::{Comment, ForgeError, Page, Posted, Thread, Token};
use crate::http::{self, Answer, HttpError, reasons};

/// Where a repository's API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// `https://api.github.com`, or `$GITHUB_API_URL` of an Enterprise server.
    pub api: String,
    /// `https://api.github.com/graphql`, or `$GITHUB_GRAPHQL_URL`: on Enterprise it is not below the REST address.
    pub graphql: String,
    /// `owner/name`.
    pub repository: String,
}

/// A repository on GitHub, with a token.
#[derive(Clone)]
pub struct GitHub {
    client: Octocrab,
    api: Url,
    graphql: Url,
    repository: String,
    /// Whether the token belongs to an app.
    bot: Option<bool>,
}

impl std::fmt::Debug for GitHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GitHub")
            .field("api", &self.api.as_str())
            .field("repository", &self.repository)
            .finish_non_exhaustive()
    }
}

/// A pull request's conversation, and who we are in it.
#[derive(Debug)]
pub struct PullRequest<'a> {
    github: &'a GitHub,
    number: u64,
    me: Author,
}

/// Who wrote a comment. Apps have `[bot]` after their login in REST and not in GraphQL, so that a person who took the bare login
/// must be told from the app by kind.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Author {
    login: String,
    /// Known from the token's prefix; `None` when the prefix says nothing.
    bot: Option<bool>,
}

#[derive(Deserialize)]
struct RestComment {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    html_url: String,
    /// Null for deleted accounts.
    user: Option<RestUser>,
}

#[derive(Deserialize)]
struct RestUser {
    login: String,
    #[serde(default, rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct RestPull {
    number: u64,
    state: String,
    head: RestHead,
}

#[derive(Deserialize)]
struct RestHead {
    sha: String,
}

#[derive(Serialize)]
struct NewBody<'a> {
    body: &'a str,
}

#[derive(Deserialize)]
struct ViewerAnswer {
    data: Option<ViewerData>,
}

#[derive(Deserialize)]
struct ViewerData {
    viewer: Viewer,
}

#[derive(Deserialize)]
struct Viewer {
    login: String,
}

impl GitHub {
    /// A client for `server`. Nothing is sent yet.
    ///
    /// # Errors
    /// An address that a token must not be sent to, a repository that is not `owner/name`, or no CA store on the machine.
    pub fn new(server: Server, token: &Token) -> Result<Self, ForgeError> {
        let (api, graphql) = (http::secure(&server.api)?, http::secure(&server.graphql)?);
        if !crate::ci::is_repository(&server.repository) {
            return Err(ForgeError::Unreachable(format!("`{}` is not owner/name", server.repository)));
        }
        // The base is where octocrab sends the token to, and nowhere else.
        let client = Octocrab::builder()
            .base_uri(api.as_str().trim_end_matches('/'))
            .map_err(|error| ForgeError::Unreachable(reasons(&error)))?
            .personal_token(token.expose().to_owned())
            .build_with_reqwest(http::Client::new(Vec::new())?.carrier())
            .map_err(|error| ForgeError::Unreachable(reasons(&error)))?;
        Ok(Self { client, api, graphql, repository: server.repository, bot: bot_token(token) })
    }

    /// The conversation of pull request `number`.
    pub async fn pull_request(&self, number: u64) -> Result<PullRequest<'_>, ForgeError> {
        Ok(PullRequest { github: self, number, me: self.me().await? })
    }

    /// The open pull request whose head is `sha`, if there is exactly that: GitHub's own word, never a file's.
    pub async fn pull_request_of(&self, sha: &str) -> Result<Option<u64>, ForgeError> {
        if !crate::ci::is_commit(sha) {
            return Ok(None);
        }
        let answer = self.get(self.address(&["commits", sha, "pulls"], &[("per_page", "100")])?).await?;
        Ok(open_with_head(answer.json()?, sha))
    }

    /// The open pull request from `branch` of `owner`'s repository whose head is `sha`, if there is one. Unlike the pull requests of a
    /// commit it finds those of forks, whose commits the repository does not know.
    pub async fn pull_request_from(&self, owner: &str, branch: &str, sha: &str) -> Result<Option<u64>, ForgeError> {
        // The branch is a stranger's word: it is a value of the query and nothing else.
        let query = [("per_page", "100"), ("state", "open"), ("head", &format!("{owner}:{branch}"))];
        let answer = self.get(self.address(&["pulls"], &query)?).await?;
        Ok(open_with_head(answer.json()?, sha))
    }

    async fn me(&self) -> Result<Author, ForgeError> {
        let query = serde_json::json!({ "query": "query { viewer { login } }" });
        let answer = http::reading(|| self.send(Method::POST, &self.graphql, Some(&query))).await?;
        let login = answer
            .json::<ViewerAnswer>()?
            .data
            .ok_or_else(|| ForgeError::Unreadable("GraphQL does not say who is asking".to_owned()))?
            .viewer
            .login;
        Ok(Author { login: login.trim_end_matches("[bot]").to_owned(), bot: self.bot })
    }

    /// The address of a part of the repository; every segment is escaped.
    fn address(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Url, ForgeError> {
        let mut url = self.api.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.path_segments_mut()
            .map_err(|()| ForgeError::Unreachable(format!("nothing can stand below `{}`", self.api)))?
            .pop_if_empty()
            .push("repos")
            .extend(self.repository.split('/'))
            .extend(segments);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    async fn get(&self, url: Url) -> Result<Answer, ForgeError> {
        Ok(http::reading(|| self.send(Method::GET, &url, None::<&()>)).await?)
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Answer, HttpError> {
        let unreachable = |error: &dyn std::error::Error| HttpError::Unreachable(reasons(error));
        let request = ::http::Request::builder().method(method).uri(url.as_str());
        let request = self.client.build_request(request, body).map_err(|error| unreachable(&error))?;
        let (head, body) = self.client.execute(request).await.map_err(|error| unreachable(&error))?.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                HttpError::Unreadable(format!("it is longer than {LARGEST_ANSWER} bytes"))
            } else {
                unreachable(error.as_ref())
            }
        })?;
        Ok(Answer { status: head.status, headers: head.headers, body: body.to_bytes().to_vec() })
    }
}

/// The number of the open pull request whose head is `sha`, the oldest of several.
fn open_with_head(pulls: Vec<RestPull>, sha: &str) -> Option<u64> {
    pulls.into_iter().filter(|pull| pull.state == "open" && pull.head.sha == sha).map(|pull| pull.number).min()
}

/// Tokens say what they are (GitHub's "About authentication": token formats): `ghs_` belongs to an app, the others to a person.
fn bot_token(token: &Token) -> Option<bool> {
    let text = token.expose();
    if text.starts_with("ghs_") {
        Some(true)
    } else {
        ["ghp_", "gho_", "ghu_", "github_pat_"].iter().any(|prefix| text.starts_with(prefix)).then_some(false)
    }
}

impl Author {
    fn is(&self, user: &RestUser) -> bool {
        let bot = user.kind == "Bot";
        let login = if bot { user.login.trim_end_matches("[bot]") } else { &user.login };
        login.eq_ignore_ascii_case(&self.login) && self.bot.is_none_or(|me| me == bot)
    }
}

impl PullRequest<'_> {
    fn comments(&self, query: &[(&str, &str)]) -> Result<Url, ForgeError> {
        self.github.address(&["issues", &self.number.to_string(), "comments"], query)
    }

    fn comment(&self, id: u64) -> Result<Url, ForgeError> {
        self.github.address(&["issues", "comments", &id.to_string()], &[])
    }
}

impl Thread for PullRequest<'_> {
    async fn page(&self, number: u32) -> Result<Page, ForgeError> {
        let url = self.comments(&[("per_page", "100"), ("page", &number.to_string())])?;
        let answer = self.github.get(url).await?;
        let comments: Vec<RestComment> = answer.json()?;
        let comments = comments
            .into_iter()
            .map(|comment| Comment {
                id: comment.id,
                ours: comment.user.is_some_and(|user| self.me.is(&user)),
                body: comment.body.unwrap_or_default(),
                url: comment.html_url,
            })
            .collect();
        Ok(Page { comments, next: answer.linked_page("next"), last: answer.linked_page("last") })
    }

    async fn create(&self, body: &str) -> Result<Posted, ForgeError> {
        let (url, body) = (self.comments(&[])?, NewBody { body });
        let answer = http::writing(|| self.github.send(Method::POST, &url, Some(&body))).await?;
        posted(&answer)
    }

    async fn update(&self, id: u64, body: &str) -> Result<Posted, ForgeError> {
        let (url, body) = (self.comment(id)?, NewBody { body });
        let answer = http::reading(|| self.github.send(Method::PATCH, &url, Some(&body))).await?;
        posted(&answer)
    }

    async fn delete(&self, id: u64) -> Result<(), ForgeError> {
        let url = self.comment(id)?;
        http::writing(|| self.github.send(Method::DELETE, &url, None::<&()>)).await?;
        Ok(())
    }
}

fn posted(answer: &Answer) -> Result<Posted, ForgeError> {
    let comment: RestComment = answer.json()?;
    Ok(Posted { id: comment.id, url: comment.html_url })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_not_the_person_of_its_name() {
        let user = |login: &str, kind: &str| RestUser { login: login.to_owned(), kind: kind.to_owned() };
        let app = Author { login: "github-actions".to_owned(), bot: Some(true) };
        assert!(app.is(&user("github-actions[bot]", "Bot")));
        assert!(!app.is(&user("github-actions", "User")));
        let person = Author { login: "Alice".to_owned(), bot: Some(false) };
        assert!(person.is(&user("alice", "User")));
        assert!(!person.is(&user("alice[bot]", "Bot")));
        assert!(!person.is(&user("alice[bot]", "User")));
    }
}
