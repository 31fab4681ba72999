//! Which protocol a client speaks: HTTP/2 begins with 24 bytes that no HTTP/1.1 request can begin with.

use std::future::poll_fn;
use std::io;

use bytes::Bytes;

use super::stream::Stream;

/// RFC 9113, section 3.4.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Bytes taken by the read that decides; most requests fit whole.
const FIRST_READ_BYTES: usize = 1_024;
const _: () = assert!(
    FIRST_READ_BYTES >= PREFACE.len(),
    "a whole preface must fit the read that looks for it"
);

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// Reads until the protocol is clear and gives what was read back to the stream; `None` if the client left before.
pub(crate) async fn sniff(stream: &mut Stream) -> io::Result<Option<Protocol>> {
    let mut buffer = [0; FIRST_READ_BYTES];
    let mut filled = 0;
    loop {
        let count =
            poll_fn(|context| stream.poll_read_slice(context, &mut buffer[filled..])).await?;
        if count == 0 {
            return Ok(None);
        }
        filled += count;
        if let Some(protocol) = tell(&buffer[..filled]) {
            stream.rewind(Bytes::copy_from_slice(&buffer[..filled]));
            return Ok(Some(protocol));
        }
    }
}

fn tell(start: &[u8]) -> Option<Protocol> {
    if start.starts_with(PREFACE) {
        Some(Protocol::Http2)
    } else if PREFACE.starts_with(start) {
        None
    } else {
        Some(Protocol::Http1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(start: &str, expected: Option<Protocol>) {
        assert_eq!(tell(start.as_bytes()), expected, "{start:?}");
    }

    #[test]
    fn the_preface_tells_the_protocols_apart() {
        check("GET / HTTP/1.1\r\n", Some(Protocol::Http1));
        check(
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0",
            Some(Protocol::Http2),
        );
        check("PRI * HTTP/2.0\r\n\r\nXX", Some(Protocol::Http1));
        check("PUT", Some(Protocol::Http1));
    }

    #[test]
    fn a_part_of_the_preface_tells_nothing() {
        check("P", None);
        check("PRI * HTTP/2.0\r\n\r\nSM\r\n\r", None);
    }
}
