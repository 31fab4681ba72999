//! RESP2, Redis's protocol, as far as the harness meets it.

/// One reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// `+OK`, or a bulk string.
    Text(&'a [u8]),
    /// `-ERR …`
    Error(&'a [u8]),
    /// `:7`
    Number(i64),
    /// No value.
    Null,
}

/// Appends a command.
pub fn append(out: &mut Vec<u8>, words: &[&[u8]]) {
    out.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        out.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

/// Takes the first reply off what came. Arrays are not understood: no command of the harness is answered by one.
pub fn parse(input: &[u8]) -> Result<Option<(Reply<'_>, usize)>, String> {
    let Some(end) = memchr::memmem::find(input, b"\r\n") else {
        return Ok(None);
    };
    let (Some((kind, line)), after) = (input[..end].split_first(), end + 2) else {
        return Err("an empty line is no Redis reply".to_owned());
    };
    let number = || {
        let text = std::str::from_utf8(line).ok();
        text.and_then(|text| text.parse::<i64>().ok())
            .ok_or_else(|| format!("{:?} is no number", String::from_utf8_lossy(line)))
    };
    Ok(match kind {
        b'+' => Some((Reply::Text(line), after)),
        b'-' => Some((Reply::Error(line), after)),
        b':' => Some((Reply::Number(number()?), after)),
        b'$' => match usize::try_from(number()?) {
            Err(_) => Some((Reply::Null, after)),
            Ok(length) => input
                .get(after..after + length + 2)
                .map(|text| (Reply::Text(&text[..length]), after + length + 2)),
        },
        other => return Err(format!("a Redis reply begins with {:?}", *other as char)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_found_once_they_are_complete() {
        let all = b"+OK\r\n-ERR no\r\n:-7\r\n$3\r\nabc\r\n$-1\r\n";
        let mut found = Vec::new();
        let (mut from, mut to) = (0, 0);
        while from < all.len() {
            to += 1;
            if let Some((reply, used)) = parse(&all[from..to]).unwrap() {
                found.push(reply);
                from += used;
            }
        }
        let expected = [
            Reply::Text(b"OK"),
            Reply::Error(b"ERR no"),
            Reply::Number(-7),
            Reply::Text(b"abc"),
            Reply::Null,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_reply_is_told() {
        assert!(parse(b"HTTP/1.1 400\r\n").is_err());
        assert!(parse(b":x\r\n").is_err());
        assert!(parse(b"\r\n").is_err());
    }
}
