//! GitLab: notes of a merge request, on gitlab.com or a server of one's own.
//!
//! The token is a project's, a group's or a person's access token. A job token reads notes and cannot write them, so there is no
//! falling back to it.

use std::path::Path;

use reqwest::header::HeaderValue;
use reqwest::{Method, Url};
use serde::{Deserialize, Serialize};

use super::thread::LARGEST_ANSWER;
use super::{Comment, ForgeError, Page, Posted, Thread, Token};
use crate::http::{self, Answer, HttpError, client};

/// The environment variables that hold the token.
pub const TOKEN_VARIABLES: [&str; 1] = ["IMGBUDGET_GITLAB_TOKEN"];

/// The most characters that a note may have (GitLab's "Application limits": comments and descriptions).
pub const LONGEST_NOTE: usize = 1_000_000;

/// Where a project's API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// `$CI_API_V4_URL`: `https://gitlab.com/api/v4`, or below any folder of a server of one's own.
    pub api: String,
    /// The project that the merge request goes to, `$CI_MERGE_REQUEST_PROJECT_ID`; not `$CI_PROJECT_ID`, which is the fork. Its
    /// number, or its path with or without `%2F`.
    pub project: String,
    /// `$CI_MERGE_REQUEST_PROJECT_URL`, for links to notes; empty when not known.
    pub web: String,
}

/// A project on GitLab, with a token.
#[derive(Clone)]
pub struct GitLab {
    client: http::Client,
    api: Url,
    project: String,
    web: String,
    token: HeaderValue,
}

impl std::fmt::Debug for GitLab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GitLab")
            .field("api", &self.api.as_str())
            .field("project", &self.project)
            .finish_non_exhaustive()
    }
}

/// A merge request's conversation, and who we are in it.
#[derive(Debug)]
pub struct MergeRequest<'a> {
    gitlab: &'a GitLab,
    iid: u64,
    me: u64,
}

#[derive(Deserialize)]
struct Note {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    /// Deleted accounts are replaced by the ghost user; a null is survived all the same.
    #[serde(default)]
    author: Option<User>,
    /// Written by GitLab itself ("changed the description").
    #[serde(default)]
    system: bool,
}

#[derive(Deserialize)]
struct User {
    id: u64,
}

#[derive(Serialize)]
struct NewBody<'a> {
    body: &'a str,
}

impl GitLab {
    /// A client for `server`. Nothing is sent yet. `ca` is a file of certificates in PEM that are trusted beside the machine's own,
    /// `$CI_SERVER_TLS_CA_FILE`.
    ///
    /// # Errors
    /// An address that a token must not be sent to, a project that cannot be one, a CA file that cannot be read, or no CA at all.
    pub fn new(server: Server, token: &Token, ca: Option<&Path>) -> Result<Self, ForgeError> {
        let api = http::secure(&server.api)?;
        let project = project(&server.project).ok_or_else(|| {
            ForgeError::Unreachable(format!("`{}` is not a project's number or path", server.project))
        })?;
        let mut token = HeaderValue::from_str(token.expose())
            .map_err(|_| ForgeError::Unreachable("the token cannot stand in a header".to_owned()))?;
        token.set_sensitive(true);
        let client = http::Client::new(ca.map(http::certificates).transpose()?.unwrap_or_default())?;
        Ok(Self { client, api, project, web: server.web, token })
    }

    /// The conversation of merge request `iid`, the number that people see.
    pub async fn merge_request(&self, iid: u64) -> Result<MergeRequest<'_>, ForgeError> {
        let me: User = self.get(&self.address(&["user"])?).await?.json()?;
        Ok(MergeRequest { gitlab: self, iid, me: me.id })
    }

    /// The address of a resource; every segment is escaped, the slashes of a project's path too.
    fn address(&self, segments: &[&str]) -> Result<Url, ForgeError> {
        let mut url = self.api.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.path_segments_mut()
            .map_err(|()| ForgeError::Unreachable(format!("nothing can stand below `{}`", self.api)))?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }

    async fn get(&self, url: &Url) -> Result<Answer, ForgeError> {
        Ok(http::reading(|| self.send(Method::GET, url, None)).await?)
    }

    async fn send(&self, method: Method, url: &Url, body: Option<&str>) -> Result<Answer, HttpError> {
        let mut request = self.client.request(method, url.clone()).header("PRIVATE-TOKEN", self.token.clone());
        if let Some(body) = body {
            request = request.json(&NewBody { body });
        }
        client::send(request, LARGEST_ANSWER).await
    }
}

/// What a person with GitLab can do about an error.
#[must_use]
pub fn hint(error: &ForgeError) -> Option<&'static str> {
    match error {
        ForgeError::Unauthorised => {
            Some("check that IMGBUDGET_GITLAB_TOKEN has not expired and belongs to this server")
        }
        ForgeError::Forbidden => {
            Some("the token needs the scope `api` and the role Reporter or higher in the target project")
        }
        ForgeError::NotFound => Some(
            "check that the token belongs to the target project or a group above it, and that the merge request exists",
        ),
        _ => None,
    }
}

/// A project as one segment of a path, unescaped. `None` for what could leave that place.
fn project(text: &str) -> Option<String> {
    let path = text.trim().replace("%2F", "/").replace("%2f", "/");
    let number = !path.is_empty() && path.bytes().all(|b| b.is_ascii_digit());
    let plain = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            && !part.bytes().all(|b| b == b'.')
    };
    (number || (path.contains('/') && path.split('/').all(plain))).then_some(path)
}

impl MergeRequest<'_> {
    fn notes(&self) -> Result<Url, ForgeError> {
        let iid = self.iid.to_string();
        self.gitlab.address(&["projects", &self.gitlab.project, "merge_requests", &iid, "notes"])
    }

    fn note(&self, id: u64) -> Result<Url, ForgeError> {
        let (iid, id) = (self.iid.to_string(), id.to_string());
        self.gitlab.address(&["projects", &self.gitlab.project, "merge_requests", &iid, "notes", &id])
    }

    /// A note's address on the web. The API does not name it.
    fn link(&self, id: u64) -> String {
        match self.gitlab.web.trim_end_matches('/') {
            "" => String::new(),
            web => format!("{web}/-/merge_requests/{}#note_{id}", self.iid),
        }
    }

    /// What was stored. 202 means that GitLab saw nothing but quick actions, did them, and stored no note; 201 with a note is the
    /// only success.
    fn posted(&self, answer: &Answer) -> Result<Posted, ForgeError> {
        if answer.status.as_u16() == 202 {
            return Err(ForgeError::QuickAction);
        }
        let note: Note = answer.json()?;
        Ok(Posted { id: note.id, url: self.link(note.id) })
    }
}

impl Thread for MergeRequest<'_> {
    async fn page(&self, number: u32) -> Result<Page, ForgeError> {
        let mut url = self.notes()?;
        url.query_pairs_mut()
            .append_pair("activity_filter", "only_comments")
            .append_pair("order_by", "created_at")
            .append_pair("sort", "asc")
            .append_pair("per_page", "100")
            .append_pair("page", &number.to_string());
        let answer = self.gitlab.get(&url).await?;
        let notes: Vec<Note> = answer.json()?;
        let comments = notes
            .into_iter()
            .map(|note| Comment {
                id: note.id,
                ours: !note.system && note.author.is_some_and(|author| author.id == self.me),
                body: note.body.unwrap_or_default(),
                url: self.link(note.id),
            })
            .collect();
        Ok(Page {
            comments,
            next: numbered(&answer, "x-next-page").or_else(|| answer.linked_page("next")),
            last: numbered(&answer, "x-total-pages").or_else(|| answer.linked_page("last")),
        })
    }

    async fn create(&self, body: &str) -> Result<Posted, ForgeError> {
        let (url, body) = (self.notes()?, without_quick_actions(body));
        let answer = http::writing(|| self.gitlab.send(Method::POST, &url, Some(&body))).await?;
        self.posted(&answer)
    }

    async fn update(&self, id: u64, body: &str) -> Result<Posted, ForgeError> {
        let (url, body) = (self.note(id)?, without_quick_actions(body));
        let answer = http::reading(|| self.gitlab.send(Method::PUT, &url, Some(&body))).await?;
        self.posted(&answer)
    }

    async fn delete(&self, id: u64) -> Result<(), ForgeError> {
        let url = self.note(id)?;
        http::writing(|| self.gitlab.send(Method::DELETE, &url, None)).await?;
        Ok(())
    }
}

/// A page number in one of GitLab's own headers, which are empty at the end and absent where counting would be dear.
fn numbered(answer: &Answer, header: &str) -> Option<u32> {
    answer.headers.get(header)?.to_str().ok()?.trim().parse().ok()
}

/// The text with no line that GitLab would obey: `/merge` at the start of a line acts in our name. Nothing that we render begins a
/// line so; this is the last gate before the wire, and a backslash there is not shown in Markdown.
fn without_quick_actions(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive(['\n', '\r']) {
        let bare = line.trim_start();
        if bare.starts_with('/') {
            safe.push_str(&line[..line.len() - bare.len()]);
            safe.push('\\');
            safe.push_str(bare);
        } else {
            safe.push_str(line);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gitlab(api: &str, project: &str) -> Result<GitLab, ForgeError> {
        let environment = [("T".to_owned(), "canary".to_owned())].into();
        let token = Token::from_environment(&environment, &["T"]).expect("fine").expect("set");
        GitLab::new(Server { api: api.to_owned(), project: project.to_owned(), web: String::new() }, &token, None)
    }

    #[test]
    fn a_projects_path_is_one_segment() {
        for (api, project, expected) in [
            ("https://gitlab.com/api/v4", "278964", "https://gitlab.com/api/v4/projects/278964"),
            ("https://host/git/api/v4/", "a/b/c.d", "https://host/git/api/v4/projects/a%2Fb%2Fc.d"),
            ("https://host:8443/api/v4?x#y", "a%2Fb", "https://host:8443/api/v4/projects/a%2Fb"),
        ] {
            let gitlab = gitlab(api, project).expect(api);
            let url = gitlab.address(&["projects", &gitlab.project]).expect(api);
            assert_eq!(url.as_str(), expected);
        }
        for wrong in ["", "a", "..", "a/..", "a//b", "1?x=2", "a b/c", "a/b#c", "-1", "a%252Fb"] {
            assert!(gitlab("https://gitlab.com/api/v4", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_token_is_never_shown_and_never_sent_in_the_clear() {
        let fine = gitlab("https://gitlab.com/api/v4", "1").expect("fine");
        assert!(!format!("{fine:?} {:?}", fine.token).contains("canary"));
        let error = gitlab("http://gitlab.example.com/api/v4", "1").expect_err("no TLS");
        assert_eq!(
            error.to_string(),
            "the API could not be reached: a token is sent over https only, not to `http://gitlab.example.com/api/v4`"
        );
    }

    #[test]
    fn no_line_is_a_command() {
        let text = "<!-- m -->\n/merge\n  /close\r/approve\r\nsrc/a /b\n\n\u{a0}/assign me\n//\n";
        let safe = without_quick_actions(text);
        assert_eq!(safe, "<!-- m -->\n\\/merge\n  \\/close\r\\/approve\r\nsrc/a /b\n\n\u{a0}\\/assign me\n\\//\n");
        assert_eq!(without_quick_actions(&safe), safe);
    }
}
