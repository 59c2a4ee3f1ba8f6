//! What one source file names. It is read as tokens and not as a syntax tree: a path is then found wherever it stands, in a `use` group,
//! a type, an attribute or the arguments of a macro that only the macro understands.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path that a source names, as far as it matters here, from the root of the crate or from that of another crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) line: usize,
    /// Whether it starts at the root of this crate.
    pub(super) ours: bool,
    /// Whether it starts with `::`, at a crate whatever else is called so.
    pub(super) global: bool,
    /// Its components; `*` for a glob, nothing at all when the root itself is given a name.
    pub(super) path: Vec<String>,
}

/// A name of a file that stands for a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binding {
    pub(super) name: String,
    /// Whether the path starts at the root of this crate.
    pub(super) ours: bool,
    pub(super) path: Vec<String>,
}

/// Reads the paths out of one source file.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) named: Vec<Named>,
    /// Lines with `async` or `await`.
    pub(super) waits: Vec<usize>,
    /// Modules of this file that exist in tests only and have a file of their own.
    pub(super) test_modules: Vec<Vec<String>>,
    /// Other modules that have a file of their own.
    pub(super) modules: Vec<Vec<String>>,
    /// What `use` gives a name to.
    pub(super) bindings: Vec<Binding>,
}

impl Reader {
    pub(super) fn read(source: &str, module: &[String]) -> Result<Self, String> {
        let tokens: TokenStream = source.parse().map_err(|error| format!("does not parse: {error}"))?;
        let mut reader = Self::default();
        reader.walk(&trees(tokens), module);
        Ok(reader)
    }

    /// Walks tokens that stand in `module`.
    fn walk(&mut self, tokens: &[TokenTree], module: &[String]) {
        let mut in_test = false; // between `#[cfg(test)]` and the end of the item it is on
        for (at, token) in tokens.iter().enumerate() {
            let previous = at.checked_sub(1).and_then(|before| tokens.get(before));
            match token {
                TokenTree::Group(group) if is_attribute(&tokens[..at], group.delimiter()) => {
                    let inner = trees(group.stream());
                    in_test |= is_cfg_test(&inner);
                    self.walk(&inner, module);
                }
                TokenTree::Group(group) => {
                    let name = match (at.checked_sub(2).map(|before| &tokens[before]), previous) {
                        (Some(word), Some(TokenTree::Ident(name))) if is_word(word, "mod") => Some(name.to_string()),
                        _ => None,
                    };
                    if !in_test {
                        let module: Vec<String> = module.iter().cloned().chain(name).collect();
                        self.walk(&trees(group.stream()), &module);
                    }
                    in_test &= group.delimiter() != Delimiter::Brace;
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => {
                    if let [.., word, TokenTree::Ident(name)] = &tokens[..at]
                        && is_word(word, "mod")
                    {
                        let modules = if in_test { &mut self.test_modules } else { &mut self.modules };
                        modules.push(joined(module, &name.to_string()));
                    }
                    in_test = false;
                }
                TokenTree::Ident(_) if in_test => {}
                TokenTree::Ident(word) => {
                    let line = word.span().start().line;
                    match word.to_string().as_str() {
                        "async" | "await" => self.waits.push(line),
                        "use" => self.bind(&tokens[at + 1..], module, &[], Root::Unknown),
                        _ if continues_path(&tokens[..at]) => {}
                        "crate" | "imgbudget" if is_path(tokens, at) => self.tree(&tokens[at + 3..], &[], true),
                        "crate" if tokens.get(at + 1).is_some_and(|next| is_word(next, "as")) => {
                            self.named.push(Named { line, ours: true, global: false, path: Vec::new() });
                        }
                        "self" if is_path(tokens, at) => self.tree(&tokens[at + 3..], module, true),
                        "super" if is_path(tokens, at) => {
                            self.tree(&tokens[at + 3..], parent(module), true);
                        }
                        _ => {
                            let first = self.named.len();
                            self.tree(&tokens[at..], &[], false);
                            let global =
                                matches!(&tokens[..at], [.., a, b] if is_punct(Some(a), ':') && is_punct(Some(b), ':'));
                            self.named[first..].iter_mut().for_each(|named| named.global = global);
                        }
                    }
                }
                TokenTree::Literal(literal) if !in_test => {
                    let text = literal.to_string();
                    if let Some(path) = text.trim_matches('"').strip_prefix("crate::") {
                        let path = path.split("::").map(str::to_owned).collect();
                        self.named.push(Named { line: literal.span().start().line, ours: true, global: false, path });
                    }
                }
                _ => {}
            }
        }
    }

    /// Takes the names that a tree of `use` gives, `a::{b as c, d}`, below `base`.
    fn bind(&mut self, tokens: &[TokenTree], module: &[String], base: &[String], root: Root) {
        let Some(first) = tokens.first() else { return };
        match first {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let inner = trees(group.stream());
                for part in inner.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',')) {
                    self.bind(part, module, base, root);
                }
            }
            TokenTree::Punct(colon) if colon.as_char() == ':' => {
                self.bind(tokens.get(2..).unwrap_or_default(), module, base, Root::Outside);
            }
            TokenTree::Ident(word) => {
                let word = word.to_string();
                let (base, root) = match (word.as_str(), root) {
                    ("crate" | "imgbudget", Root::Unknown) => (Vec::new(), Root::Ours),
                    ("self", Root::Unknown) => (module.to_vec(), Root::Ours),
                    ("super", Root::Unknown) => (parent(module).to_vec(), Root::Ours),
                    ("super", Root::Ours) => (parent(base).to_vec(), Root::Ours),
                    ("self", _) => (base.to_vec(), root),
                    (name, Root::Unknown) => (joined(base, name), Root::Outside),
                    (name, _) => (joined(base, name), root),
                };
                if is_path(tokens, 0) {
                    self.bind(&tokens[3..], module, &base, root);
                } else {
                    let name = match tokens.get(1..3) {
                        Some([as_word, TokenTree::Ident(name)]) if is_word(as_word, "as") => Some(name.to_string()),
                        _ => base.last().cloned(),
                    };
                    let ours = root == Root::Ours;
                    self.bindings.extend(name.map(|name| Binding { name, ours, path: base }));
                }
            }
            _ => {}
        }
    }

    /// Takes one tree of a path, `a::{b, c::*} …`, that stands below `base`.
    fn tree(&mut self, tokens: &[TokenTree], base: &[String], ours: bool) {
        let Some(first) = tokens.first() else { return };
        let line = first.span().start().line;
        let mut take = |path: Vec<String>| self.named.push(Named { line, ours, global: false, path });
        match first {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let inner = trees(group.stream());
                for part in inner.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',')) {
                    self.tree(part, base, ours);
                }
            }
            TokenTree::Punct(star) if star.as_char() == '*' => take(joined(base, "*")),
            TokenTree::Ident(word) => match (word.to_string().as_str(), is_path(tokens, 0)) {
                ("super", true) if ours => {
                    self.tree(&tokens[3..], parent(base), ours);
                }
                ("self", true) => self.tree(&tokens[3..], base, ours),
                ("self", false) => take(base.to_vec()),
                (name, true) => self.tree(&tokens[3..], &joined(base, name), ours),
                (name, false) => take(joined(base, name)),
            },
            _ => take(base.to_vec()),
        }
    }
}

/// Where a tree of `use` starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Root {
    Unknown,
    Ours,
    Outside,
}

fn parent(module: &[String]) -> &[String] {
    module.split_last().map_or(&[], |(_, rest)| rest)
}

fn trees(stream: TokenStream) -> Vec<TokenTree> {
    stream.into_iter().collect()
}

fn joined(base: &[String], name: &str) -> Vec<String> {
    base.iter().cloned().chain([name.to_owned()]).collect()
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

/// Whether `::` and something follow the token at `at`.
fn is_path(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens.get(at + 1), ':') && is_punct(tokens.get(at + 2), ':') && tokens.len() > at + 3
}

/// Whether what follows `before` is a later part of a path, or a field or method, and so names nothing by itself.
fn continues_path(before: &[TokenTree]) -> bool {
    match before {
        // `use ::crate_name` and `<T as ::crate_name::Trait>` start with `::`: what stands before tells them apart.
        [.., TokenTree::Ident(word), TokenTree::Punct(a), TokenTree::Punct(b)]
            if a.as_char() == ':' && b.as_char() == ':' =>
        {
            word != "use" && word != "as"
        }
        // `-> ::crate_name` starts one, too; `Vec<T>::new` does not.
        [before @ .., TokenTree::Punct(angle), TokenTree::Punct(a), TokenTree::Punct(b)]
            if a.as_char() == ':' && b.as_char() == ':' =>
        {
            angle.as_char() == '>' && !is_punct(before.last(), '-')
        }
        [.., TokenTree::Punct(dot)] => dot.as_char() == '.',
        _ => false,
    }
}

/// Whether a bracket after these tokens is an attribute: `#[…]` or `#![…]`.
fn is_attribute(before: &[TokenTree], delimiter: Delimiter) -> bool {
    let hash = |token: &TokenTree| is_punct(Some(token), '#');
    delimiter == Delimiter::Bracket
        && match before {
            [.., sharp, bang] if is_punct(Some(bang), '!') => hash(sharp),
            [.., last] => hash(last),
            [] => false,
        }
}

fn is_cfg_test(attribute: &[TokenTree]) -> bool {
    matches!(attribute, [cfg, TokenTree::Group(group)] if is_word(cfg, "cfg") && group.stream().to_string() == "test")
}
