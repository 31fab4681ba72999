//! Rust source with its comments and literals blanked, so that a scan sees only code.

/// Replaces every comment, string and character literal by spaces. Line breaks stay, so a line
/// keeps its number. Follows the lexical rules of the Rust Reference, "Comments" and "Tokens".
pub(crate) fn code_only(source: &str) -> String {
    let mut blanker = Blanker {
        rest: source,
        code: String::with_capacity(source.len()),
    };
    while !blanker.rest.is_empty() {
        blanker.next();
    }
    blanker.code
}

/// The words of code, each with its line's number, from 1.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let not_word = |c: char| !(c.is_alphanumeric() || c == '_');
    code.lines().enumerate().flat_map(move |(i, line)| {
        line.split(not_word)
            .filter(|word| !word.is_empty())
            .map(move |word| (i + 1, word))
    })
}

struct Blanker<'a> {
    rest: &'a str,
    code: String,
}

impl Blanker<'_> {
    fn next(&mut self) {
        let rest = self.rest;
        if rest.starts_with("//") {
            self.blank(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.blank(block_comment(rest));
        } else if let Some(length) = literal(rest) {
            self.blank(length);
        } else {
            self.keep();
        }
    }

    /// Keeps one character, or a whole word: the `r` of `for"` opens no raw string.
    fn keep(&mut self) {
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        let length = end.unwrap_or(self.rest.len()).max(first);
        self.code.push_str(&self.rest[..length]);
        self.rest = &self.rest[length..];
    }

    fn blank(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at(length);
        self.code
            .extend(gone.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

/// The length of the comment, which may hold others.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of the string or character literal that starts here, if one does.
fn literal(rest: &str) -> Option<usize> {
    let prefix = rest
        .find(|c| !matches!(c, 'b' | 'c' | 'r'))
        .filter(|length| *length <= 2)?;
    let body = &rest[prefix..];
    let length = if rest[..prefix].ends_with('r') {
        raw_string(body)?
    } else if body.starts_with('"') {
        quoted(body, '"')?
    } else if body.starts_with('\'') && is_character(body) {
        quoted(body, '\'')?
    } else {
        return None;
    };
    Some(prefix + length)
}

/// `'a'` and `'\n'` are characters, `'a` is a lifetime.
fn is_character(body: &str) -> bool {
    let mut after = body.chars().skip(1);
    match after.next() {
        Some('\\') => true,
        Some(_) => after.next() == Some('\''),
        None => false,
    }
}

fn quoted(body: &str, quote: char) -> Option<usize> {
    let mut characters = body.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        if c == '\\' {
            characters.next();
        } else if c == quote {
            return Some(at + c.len_utf8());
        }
    }
    Some(body.len())
}

fn raw_string(body: &str) -> Option<usize> {
    let hashes = body.find(|c| c != '#')?;
    let text = body[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let open = hashes + 1;
    Some(
        text.find(&close)
            .map_or(body.len(), |at| open + at + close.len()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &str) {
        let code = code_only(source);
        let squeezed: Vec<&str> = code.split_whitespace().collect();
        assert_eq!(squeezed.join(" "), expected, "{source}");
        assert_eq!(code.lines().count(), source.lines().count(), "{source}");
    }

    #[test]
    fn comments_are_blanked() {
        check("a // x\nb", "a b");
        check("a /* x /* y */\n z */ b", "a b");
        check("/// x\n//! y\nfn f() {}", "fn f() {}");
        check("a /* never closed", "a");
    }

    #[test]
    fn literals_are_blanked() {
        check(r#"f("x // y", b)"#, "f( , b)");
        check(r#"f("say \"x\"", b"x", c"x")"#, "f( , , )");
        check("f(r\"x\\\", br#\"x \" y\"#)", "f( , )");
        check(r"f('x', '\'', b'x', 'ä')", "f( , , , )");
    }

    #[test]
    fn what_only_looks_like_a_literal_is_kept() {
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check("r#async + for\"x\"", "r#async + for");
        check("bar / *b", "bar / *b");
    }

    #[test]
    fn words_know_their_line() {
        let found: Vec<_> = words("fn a_b()\n{c.d2}").collect();
        assert_eq!(found, [(1, "fn"), (1, "a_b"), (2, "c"), (2, "d2")]);
    }
}
