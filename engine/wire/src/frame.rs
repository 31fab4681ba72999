//! Frames: `length (u32, little-endian) | kind (u8) | body`, where the length counts kind and body.

use crate::WireError;

/// Bytes of length and kind.
pub const FRAME_HEAD_BYTES: usize = 5;

/// Bytes that a frame may have after its length: 8,190 commands with the longest ids fit.
pub const FRAME_BYTES_MAX: usize = 4 << 20;

const LENGTH_BYTES: usize = 4;

/// What a frame is. Client's kinds are below 128, the engine's from there on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The first frame of a client.
    Hello = 1,
    /// Commands to carry out.
    Commands = 2,
    /// The feed, please.
    Subscribe = 3,
    /// More of the feed may come.
    Credit = 4,
    /// Are you there?
    Ping = 5,
    /// Who owns which shard by now?
    AskOwners = 6,
    /// The engine's answer to the hello.
    Welcome = 129,
    /// What commands were answered.
    Replies = 130,
    /// A part of the feed.
    Events = 131,
    /// A frame, or the connection, was refused.
    Error = 132,
    /// I am.
    Pong = 133,
    /// The engine is about to stop: finish what is under way, and go elsewhere.
    Draining = 134,
    /// Who owns which shard.
    Owners = 135,
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::Hello,
        Self::Commands,
        Self::Subscribe,
        Self::Credit,
        Self::Ping,
        Self::AskOwners,
        Self::Welcome,
        Self::Replies,
        Self::Events,
        Self::Error,
        Self::Pong,
        Self::Draining,
        Self::Owners,
    ];

    fn of(byte: u8) -> Result<Self, WireError> {
        Self::ALL
            .into_iter()
            .find(|kind| *kind as u8 == byte)
            .ok_or(WireError::UnknownKind(byte))
    }
}

/// One frame within a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its body, not yet decoded.
    pub body: &'a [u8],
}

/// Takes the first frame off `buffer`: the frame and how many bytes it took, or nothing if it is not complete yet.
///
/// An error leaves no way to find the next frame: the connection must be closed.
pub fn split(buffer: &[u8]) -> Result<Option<(Frame<'_>, usize)>, WireError> {
    let Some((length, rest)) = buffer.split_first_chunk::<LENGTH_BYTES>() else {
        return Ok(None);
    };
    let length = u32::from_le_bytes(*length) as usize;
    if length == 0 || length > FRAME_BYTES_MAX {
        return Err(WireError::FrameLength(length));
    }
    // The kind is checked as soon as it is there: what speaks another protocol is told at once.
    let Some((&kind, _)) = rest.split_first() else {
        return Ok(None);
    };
    let kind = Kind::of(kind)?;
    let Some(frame) = rest.get(..length) else {
        return Ok(None);
    };
    let body = &frame[1..];
    Ok(Some((Frame { kind, body }, LENGTH_BYTES + length)))
}

/// Appends a frame whose body `write` appends; nothing is left behind if it would be too long.
pub(crate) fn append(
    buffer: &mut Vec<u8>,
    kind: Kind,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), WireError>,
) -> Result<(), WireError> {
    let start = buffer.len();
    buffer.extend([0; LENGTH_BYTES]);
    buffer.push(kind as u8);
    let written = write(buffer).and_then(|()| {
        let length = buffer.len() - start - LENGTH_BYTES;
        match u32::try_from(length) {
            Ok(bytes) if length <= FRAME_BYTES_MAX => Ok(bytes),
            _ => Err(WireError::FrameLength(length)),
        }
    });
    match written {
        Ok(length) => {
            buffer[start..start + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
            Ok(())
        }
        Err(error) => {
            buffer.truncate(start);
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_found_once_it_is_complete() {
        let mut buffer = Vec::new();
        append(&mut buffer, Kind::Ping, |body| {
            body.extend(b"abc");
            Ok(())
        })
        .expect("it fits");
        assert_eq!(buffer, [4, 0, 0, 0, 5, b'a', b'b', b'c']);
        for cut in 0..buffer.len() {
            assert_eq!(split(&buffer[..cut]), Ok(None), "{cut} bytes");
        }
        buffer.push(9);
        let (frame, used) = split(&buffer).expect("valid").expect("complete");
        assert_eq!((frame.kind, frame.body, used), (Kind::Ping, &b"abc"[..], 8));
    }

    #[test]
    fn a_length_that_no_frame_has_is_refused_before_it_is_waited_for() {
        let huge = (FRAME_BYTES_MAX as u32 + 1).to_le_bytes();
        assert_eq!(
            split(&huge),
            Err(WireError::FrameLength(FRAME_BYTES_MAX + 1))
        );
        assert_eq!(split(&[0; 4]), Err(WireError::FrameLength(0)));
    }

    #[test]
    fn another_protocol_is_told_from_its_first_bytes() {
        // "GET " as a length is far above the limit, and no kind is 47.
        assert!(matches!(
            split(b"GET / HTTP/1.1"),
            Err(WireError::FrameLength(_))
        ));
        assert_eq!(split(&[9, 0, 0, 0, 47]), Err(WireError::UnknownKind(47)));
    }

    #[test]
    fn a_body_that_fails_leaves_no_bytes_behind() {
        let mut buffer = vec![1];
        let error = append(&mut buffer, Kind::Ping, |body| {
            body.extend(std::iter::repeat_n(0, FRAME_BYTES_MAX));
            Ok(())
        });
        assert_eq!(error, Err(WireError::FrameLength(FRAME_BYTES_MAX + 1)));
        assert_eq!(buffer, [1]);
    }
}
