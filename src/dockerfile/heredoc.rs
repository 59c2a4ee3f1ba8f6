//! Here-documents of RUN, COPY and ADD.

/// One here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it; for COPY and ADD also the name of the file.
    pub name: String,
    /// Its lines, each with a line feed; leading tabs kept.
    pub body: String,
    /// Whether variables in it are replaced: the word was not quoted.
    pub expand: bool,
    /// Whether leading tabs do not count: `<<-`.
    pub strip_tabs: bool,
}

impl Heredoc {
    /// Takes lines, each with the offset of its end, up to the one that ends the document. Gives that offset, `None` when the
    /// lines ended first.
    pub(super) fn read<'a>(&mut self, lines: impl Iterator<Item = (&'a str, usize)>) -> Option<usize> {
        for (line, end) in lines {
            let word = if self.strip_tabs { line.trim_start_matches('\t') } else { line };
            if word == self.name {
                return Some(end);
            }
            self.body.push_str(line);
            self.body.push('\n');
        }
        None
    }
}

/// Whether the instruction may have here-documents; those of ONBUILD have when their trigger has.
fn may_have(text: &str) -> bool {
    let mut words = text.split_whitespace().map(str::to_ascii_uppercase);
    let keyword = words.find(|word| word != "ONBUILD");
    matches!(keyword.as_deref(), Some("RUN" | "COPY" | "ADD"))
}

/// The here-documents that a logical line announces, in order, their bodies not read yet.
pub(super) fn announced(text: &str, escape: char) -> Vec<Heredoc> {
    if !text.contains("<<") || !may_have(text) {
        return Vec::new();
    }
    words(text, escape).into_iter().filter_map(|word| parse(word, escape)).collect()
}

/// The words of a shell line, quotes kept.
fn words(text: &str, escape: char) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            found.extend(start.take().map(|start| &text[start..at]));
            continue;
        }
        start.get_or_insert(at);
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            Some('\'') => {}
            _ if c == escape => drop(chars.next()),
            _ => {}
        }
    }
    found.extend(start.map(|start| &text[start..]));
    found
}

/// `<<EOF`, `3<<EOF`, `<<-EOF`, `<<"EOF"`.
fn parse(word: &str, escape: char) -> Option<Heredoc> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (rest, strip_tabs) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    if rest.contains('<') {
        return None;
    }
    let quoted = |c: char| c == '"' || c == '\'' || c == escape;
    let name: String = rest.chars().filter(|c| !quoted(*c)).collect();
    (!name.is_empty()).then(|| Heredoc { expand: name == rest, name, body: String::new(), strip_tabs })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, bool, bool)> {
        announced(text, '\\').into_iter().map(|found| (found.name, found.expand, found.strip_tabs)).collect()
    }

    #[test]
    fn forms() {
        let one = |name: &str, expand, tabs| vec![(name.to_owned(), expand, tabs)];
        assert_eq!(names("RUN <<EOF"), one("EOF", true, false));
        assert_eq!(names("run 3<<-'EOF' cat"), one("EOF", false, true));
        assert_eq!(names("ONBUILD COPY <<\"a b\" /x"), one("a b", false, false));
        assert_eq!(names("COPY <<a <<b /dir/").len(), 2);
    }

    #[test]
    fn what_only_looks_like_one() {
        for text in
            ["RUN cat <<<EOF", "RUN echo $((1<<2))", "RUN a << b", "RUN echo '<<EOF'", "ENV a <<EOF", "RUN a<<EOF"]
        {
            assert!(names(text).is_empty(), "{text}");
        }
        assert!(names(r#"RUN ["sh", "-c", "cat <<EOF"]"#).is_empty());
    }

    #[test]
    fn tabs_before_the_end() {
        let mut document = announced("RUN <<-EOF", '\\').remove(0);
        let end = document.read([("\ta", 2), ("\tEOF", 7), ("b", 9)].into_iter());
        assert_eq!((end, document.body.as_str()), (Some(7), "\ta\n"));
    }
}
