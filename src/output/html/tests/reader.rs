//! A page as a browser reads it, element by element.

use std::cell::RefCell;

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// An element, and the text that follows its start tag until the next tag.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
}

impl Element {
    /// The value of an attribute.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is of a class.
    pub(super) fn is(&self, class: &str) -> bool {
        self.value("class").is_some_and(|classes| classes.split(' ').any(|known| known == class))
    }
}

/// What is in a page.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) elements: Vec<Element>,
    pub(super) comments: usize,
    /// The text between elements that begin a line, in order.
    lines: Vec<String>,
}

impl Page {
    /// What stands in each element of a name.
    pub(super) fn texts_of(&self, name: &str) -> Vec<String> {
        self.elements.iter().filter(|element| element.name == name).map(|element| element.text.clone()).collect()
    }

    /// All that is read.
    pub(super) fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// All that is read, without the pictures.
    pub(super) fn outline(&self) -> String {
        let lines = self.lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// Reads a page; a page that is not well-formed fails the test.
pub(super) fn read(html: &str) -> Page {
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(html.into());
    let _ = tokenizer.feed(&input);
    assert!(input.is_empty());
    tokenizer.end();
    let state = tokenizer.sink.0.into_inner();
    assert!(state.open.is_empty(), "{:?} are not closed", state.open);
    state.page
}

#[derive(Default)]
struct Sink(RefCell<State>);

#[derive(Default)]
struct State {
    page: Page,
    open: Vec<String>,
}

const VOID: [&str; 2] = ["meta", "input"];
/// What begins a line for who reads.
const BLOCKS: [&str; 14] =
    ["p", "li", "tr", "h1", "h2", "h3", "section", "title", "div", "header", "nav", "article", "button", "a"];

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let name = tag.name.to_string();
                if tag.kind == TagKind::EndTag {
                    assert_eq!(state.open.pop().as_deref(), Some(name.as_str()), "is closed");
                    if ["td", "th", "dt", "span"].contains(&name.as_str())
                        && let Some(line) = state.page.lines.last_mut()
                    {
                        line.push(' ');
                    }
                    return TokenSinkResult::Continue;
                }
                let attributes = tag.attrs.iter().map(|it| (it.name.local.to_string(), it.value.to_string())).collect();
                if !VOID.contains(&name.as_str()) {
                    state.open.push(name.clone());
                }
                if BLOCKS.contains(&name.as_str()) {
                    state.page.lines.push(String::new());
                }
                let raw = match name.as_str() {
                    "script" => Some(RawKind::ScriptData),
                    "style" => Some(RawKind::Rawtext),
                    "title" => Some(RawKind::Rcdata),
                    _ => None,
                };
                state.page.elements.push(Element { name, attributes, text: String::new() });
                return raw.map_or(TokenSinkResult::Continue, TokenSinkResult::RawData);
            }
            Token::CharacterTokens(text) => {
                let is_read =
                    !state.open.iter().any(|open| ["script", "style", "svg", "title"].contains(&open.as_str()));
                if let Some(element) = state.page.elements.last_mut() {
                    element.text.push_str(&text);
                }
                if is_read && let Some(line) = state.page.lines.last_mut() {
                    line.push_str(&text);
                }
            }
            Token::CommentToken(_) => state.page.comments += 1,
            Token::NullCharacterToken => panic!("a page has no NUL"),
            Token::ParseError(error) => panic!("{error}"),
            Token::DoctypeToken(_) | Token::EOFToken => {}
        }
        TokenSinkResult::Continue
    }
}
