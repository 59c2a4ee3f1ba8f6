//! One comment, in place: found by marker and author, updated instead of repeated, left alone when it says the same.

use super::{Body, Comment, ForgeError, Posted, Thread};

/// Pages that are read from either end of a conversation before we give up looking.
const PAGES: u32 = 20;

/// What may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Post, or bring up to date.
    Create,
    /// Only bring a comment up to date that is there already.
    UpdateOnly,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A new comment.
    Created(Posted),
    /// Ours has a new text.
    Updated(Posted),
    /// Ours says the same already.
    Unchanged(Posted),
    /// There is none, and none was wished for.
    Nothing,
    /// The conversation is too long to tell whether we are in it, so nothing was posted.
    TooLong,
}

/// Puts `body` into the conversation.
///
/// # Errors
/// What the API said, when it could not be done. Reading is tried again by the thread; a new comment is tried a second time only
/// after the list was read again, since an answer that got lost may belong to a comment that was stored.
pub async fn post(thread: &impl Thread, body: &Body, wish: Wish) -> Result<Outcome, ForgeError> {
    let Search { ours, complete } = search(thread, body).await?;
    let Some((first, later)) = ours.split_first() else {
        return match wish {
            Wish::UpdateOnly => Ok(Outcome::Nothing),
            Wish::Create if !complete => Ok(Outcome::TooLong),
            Wish::Create => create(thread, body).await,
        };
    };
    for duplicate in later {
        // A duplicate that stays is ugly and no more; the next run tries again.
        let _ = thread.delete(duplicate.id).await;
    }
    if body.says_the_same(&first.body) {
        return Ok(Outcome::Unchanged(Posted { id: first.id, url: first.url.clone() }));
    }
    match thread.update(first.id, body.text()).await {
        Ok(posted) => Ok(Outcome::Updated(posted)),
        // Deleted meanwhile: whoever did that wants no comment that nothing calls for.
        Err(ForgeError::NotFound) if wish == Wish::UpdateOnly => Ok(Outcome::Nothing),
        // Deleted meanwhile, or written under a name that this token no longer has.
        Err(ForgeError::Forbidden | ForgeError::NotFound) => create(thread, body).await,
        Err(error) => Err(error),
    }
}

async fn create(thread: &impl Thread, body: &Body) -> Result<Outcome, ForgeError> {
    match thread.create(body.text()).await {
        Ok(posted) => Ok(Outcome::Created(posted)),
        Err(error) if error.is_passing() => {
            let stored = search(thread, body).await?.ours.into_iter().next();
            match stored {
                Some(comment) => Ok(Outcome::Created(Posted { id: comment.id, url: comment.url })),
                None => thread.create(body.text()).await.map(Outcome::Created),
            }
        }
        Err(error) => Err(error),
    }
}

struct Search {
    /// Ours, the lowest id first.
    ours: Vec<Comment>,
    /// Every page was read.
    complete: bool,
}

/// Reads forward from the first page; when that does not find us and pages are left, backward from the last.
async fn search(thread: &impl Thread, body: &Body) -> Result<Search, ForgeError> {
    let mine = |comment: &Comment| comment.ours && body.is_marked(&comment.body);
    let mut ours = Vec::new();
    let mut number = 1;
    let mut left = None;
    for turn in 1..=PAGES {
        let page = thread.page(number).await?;
        ours.extend(page.comments.into_iter().filter(mine));
        match page.next {
            // A page that follows itself would be read for ever.
            Some(next) if next > number && turn == PAGES => left = Some((next, page.last.unwrap_or(next).max(next))),
            Some(next) if next > number => number = next,
            _ => break,
        }
    }
    let mut complete = left.is_none();
    if let (true, Some((unread, last))) = (ours.is_empty(), left) {
        for number in (unread..=last).rev().take(PAGES as usize) {
            let page = thread.page(number).await?;
            ours.extend(page.comments.into_iter().filter(mine));
            complete = number == unread;
            if !ours.is_empty() {
                break;
            }
        }
    }
    ours.sort_by_key(|comment| comment.id);
    Ok(Search { ours, complete })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A conversation in memory, with what goes wrong as its settings.
    #[derive(Default)]
    struct Fake {
        comments: Mutex<Vec<Comment>>,
        calls: Mutex<Vec<String>>,
        page_size: usize,
        lose_first_answer: Mutex<bool>,
        refuse_update: bool,
        deleted_meanwhile: bool,
    }

    impl Fake {
        fn new(comments: Vec<Comment>, page_size: usize) -> Self {
            Self { comments: Mutex::new(comments), page_size, ..Self::default() }
        }

        fn call(&self, text: String) {
            self.calls.lock().expect("lock").push(text);
        }

        fn bodies(&self) -> Vec<String> {
            self.comments.lock().expect("lock").iter().map(|comment| comment.body.clone()).collect()
        }
    }

    impl Thread for Fake {
        async fn page(&self, number: u32) -> Result<Page, ForgeError> {
            self.call(format!("page {number}"));
            let comments = self.comments.lock().expect("lock");
            let pages: Vec<_> = comments.chunks(self.page_size).collect();
            let last = u32::try_from(pages.len()).expect("small");
            Ok(Page {
                comments: pages.get(number as usize - 1).map(|page| page.to_vec()).unwrap_or_default(),
                next: (number < last).then_some(number + 1),
                last: Some(last),
            })
        }

        async fn create(&self, body: &str) -> Result<Posted, ForgeError> {
            self.call("create".to_owned());
            let mut comments = self.comments.lock().expect("lock");
            let id = comments.len() as u64 + 1;
            comments.push(Comment { id, ours: true, body: body.to_owned(), url: String::new() });
            if std::mem::take(&mut *self.lose_first_answer.lock().expect("lock")) {
                return Err(ForgeError::Status(502));
            }
            Ok(Posted { id, url: String::new() })
        }

        async fn update(&self, id: u64, body: &str) -> Result<Posted, ForgeError> {
            self.call(format!("update {id}"));
            if self.refuse_update {
                return Err(ForgeError::Forbidden);
            }
            if self.deleted_meanwhile {
                return Err(ForgeError::NotFound);
            }
            let mut comments = self.comments.lock().expect("lock");
            let comment = comments.iter_mut().find(|comment| comment.id == id).ok_or(ForgeError::NotFound)?;
            comment.body = body.to_owned();
            Ok(Posted { id, url: String::new() })
        }

        async fn delete(&self, id: u64) -> Result<(), ForgeError> {
            self.call(format!("delete {id}"));
            self.comments.lock().expect("lock").retain(|comment| comment.id != id);
            Ok(())
        }
    }

    use super::super::Page;

    fn body(text: &str) -> Body {
        Body::new(&"k".parse().expect("valid"), text, text)
    }

    fn comment(id: u64, ours: bool, text: &str) -> Comment {
        Comment { id, ours, body: text.to_owned(), url: String::new() }
    }

    fn run(fake: &Fake, text: &str, wish: Wish) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
        runtime.block_on(post(fake, &body(text), wish)).expect("posts")
    }

    #[test]
    fn first_then_unchanged_then_updated() {
        let fake = Fake::new(vec![], 100);
        assert!(matches!(run(&fake, "a", Wish::UpdateOnly), Outcome::Nothing));
        assert!(matches!(run(&fake, "a", Wish::Create), Outcome::Created(_)));
        assert!(matches!(run(&fake, "a", Wish::Create), Outcome::Unchanged(_)));
        assert!(matches!(run(&fake, "b", Wish::UpdateOnly), Outcome::Updated(_)));
        assert_eq!(fake.bodies(), [body("b").text()]);
        assert_eq!(fake.calls.lock().expect("lock").join(","), "page 1,page 1,create,page 1,page 1,update 1");
    }

    #[test]
    fn a_strangers_marker_is_not_ours() {
        let fake = Fake::new(vec![comment(1, false, body("x").text())], 100);
        assert!(matches!(run(&fake, "a", Wish::Create), Outcome::Created(_)));
        assert_eq!(fake.bodies().len(), 2);
    }

    #[test]
    fn what_somebody_edited_is_put_right() {
        let edited = body("a").text().replace("\na", "\nall is well");
        for wish in [Wish::Create, Wish::UpdateOnly] {
            let fake = Fake::new(vec![comment(1, true, &edited)], 100);
            assert!(matches!(run(&fake, "a", wish), Outcome::Updated(_)));
            assert_eq!(fake.bodies(), [body("a").text()]);
            assert!(matches!(run(&fake, "a", wish), Outcome::Unchanged(_)));
        }
    }

    #[test]
    fn duplicates_go_and_the_oldest_stays() {
        let fake = Fake::new(vec![comment(3, true, body("x").text()), comment(2, true, body("y").text())], 1);
        assert!(matches!(run(&fake, "a", Wish::Create), Outcome::Updated(Posted { id: 2, .. })));
        assert_eq!(fake.bodies(), [body("a").text()]);
    }

    #[test]
    fn an_answer_that_got_lost_makes_no_second_comment() {
        let fake = Fake::new(vec![], 100);
        *fake.lose_first_answer.lock().expect("lock") = true;
        assert!(matches!(run(&fake, "a", Wish::Create), Outcome::Created(_)));
        assert_eq!(fake.bodies().len(), 1);
    }

    #[test]
    fn a_comment_that_may_not_be_edited_is_written_anew() {
        let mut fake = Fake::new(vec![comment(1, true, body("x").text())], 100);
        fake.refuse_update = true;
        assert!(matches!(run(&fake, "a", Wish::Create), Outcome::Created(_)));
    }

    #[test]
    fn a_comment_that_somebody_deletes_meanwhile_comes_back_only_when_called_for() {
        let mut fake = Fake::new(vec![comment(1, true, body("x").text())], 100);
        fake.deleted_meanwhile = true;
        assert!(matches!(run(&fake, "a", Wish::UpdateOnly), Outcome::Nothing));
        assert!(matches!(run(&fake, "a", Wish::Create), Outcome::Created(_)));
    }

    #[test]
    fn long_conversations_are_searched_from_both_ends() {
        let strangers = |count: u64| (1..=count).map(|id| comment(id, false, "hi")).collect::<Vec<_>>();
        let mut at_end = strangers(300);
        at_end.push(comment(301, true, body("x").text()));
        assert!(matches!(run(&Fake::new(at_end, 1), "a", Wish::Create), Outcome::Updated(_)));
        assert!(matches!(run(&Fake::new(strangers(300), 1), "a", Wish::Create), Outcome::TooLong));
        let forty = Fake::new(strangers(40), 1);
        assert!(matches!(run(&forty, "a", Wish::Create), Outcome::Created(_)));
        assert_eq!(forty.calls.lock().expect("lock").len(), 41);
    }
}
