//! Frames: `length (u32, little-endian) | version (u8) | kind (u8) | body`, where the length counts all behind it.

/// The version of the frames and the greeting; letters have their own.
pub(super) const VERSION: u8 = 1;

/// Bytes of length, version and kind.
pub(super) const HEAD_BYTES: usize = LENGTH_BYTES + 2;
const LENGTH_BYTES: usize = 4;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// The first frame of who dialled.
    Hello = 1,
    /// Its answer.
    Challenge = 2,
    /// That one has the secret.
    Proof = 3,
    /// Why one wants no link: a text. The only kind that is read in any version, so it stays as it is.
    Refusal = 4,
    /// A message to a core.
    Letter = 5,
    /// Are you there?
    Ping = 6,
    /// I am.
    Pong = 7,
}

/// Bytes that are no frame. There is no way to find the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// A length that no frame has here.
    #[error(
        "a frame of {bytes} bytes, where it may have 2 to {max}: this is no node, or one of another version"
    )]
    Length {
        /// What it says.
        bytes: usize,
        /// What it may be at most.
        max: usize,
    },
    /// Another version.
    #[error(
        "it speaks version {0} of the links between nodes, this node version {VERSION}: upgrade the older one"
    )]
    Version(u8),
    /// A kind that there is not.
    #[error("there is no frame of kind {0}: this is no node, or one of another version")]
    Kind(u8),
}

/// One frame within a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// What it is.
    pub(super) kind: Kind,
    /// Its body, not yet decoded.
    pub(super) body: &'a [u8],
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Hello,
        Self::Challenge,
        Self::Proof,
        Self::Refusal,
        Self::Letter,
        Self::Ping,
        Self::Pong,
    ];

    fn of(byte: u8) -> Result<Self, FrameError> {
        Self::ALL
            .into_iter()
            .find(|kind| *kind as u8 == byte)
            .ok_or(FrameError::Kind(byte))
    }
}

/// Takes the first frame off `buffer`: the frame and how many bytes it took, or nothing if it is not complete yet. What a
/// frame can't be is refused as soon as that is seen, before it is waited for.
pub(super) fn split(buffer: &[u8], max: usize) -> Result<Option<(Frame<'_>, usize)>, FrameError> {
    let Some((length, rest)) = buffer.split_first_chunk::<LENGTH_BYTES>() else {
        return Ok(None);
    };
    let bytes = u32::from_le_bytes(*length) as usize;
    if !(2..=max).contains(&bytes) {
        return Err(FrameError::Length { bytes, max });
    }
    let Some(&[version, kind]) = rest.first_chunk() else {
        return Ok(None);
    };
    if version != VERSION && kind != Kind::Refusal as u8 {
        return Err(FrameError::Version(version));
    }
    let kind = Kind::of(kind)?;
    let Some(frame) = rest.get(..bytes) else {
        return Ok(None);
    };
    let body = &frame[2..];
    Ok(Some((Frame { kind, body }, LENGTH_BYTES + bytes)))
}

/// Appends a frame whose body `write` appends; nothing is left behind if that fails.
pub(super) fn append<E>(
    buffer: &mut Vec<u8>,
    kind: Kind,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let start = buffer.len();
    buffer.extend([0; LENGTH_BYTES]);
    buffer.extend([VERSION, kind as u8]);
    if let Err(error) = write(buffer) {
        buffer.truncate(start);
        return Err(error);
    }
    let bytes = u32::try_from(buffer.len() - start - LENGTH_BYTES)
        .expect("what is written into a frame is bounded far below 4 GiB");
    buffer[start..start + LENGTH_BYTES].copy_from_slice(&bytes.to_le_bytes());
    Ok(())
}

/// Appends a frame that has this body.
pub(super) fn append_body(buffer: &mut Vec<u8>, kind: Kind, body: &[u8]) {
    let written: Result<(), std::convert::Infallible> = append(buffer, kind, |buffer| {
        buffer.extend_from_slice(body);
        Ok(())
    });
    let Ok(()) = written;
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 64;

    #[test]
    fn a_frame_is_found_once_it_is_complete() {
        let mut buffer = Vec::new();
        append_body(&mut buffer, Kind::Ping, b"abc");
        assert_eq!(buffer, [5, 0, 0, 0, 1, 6, b'a', b'b', b'c']);
        for cut in 0..buffer.len() {
            assert_eq!(split(&buffer[..cut], MAX), Ok(None), "{cut} bytes");
        }
        buffer.push(9);
        let (frame, used) = split(&buffer, MAX).expect("valid").expect("complete");
        assert_eq!((frame.kind, frame.body, used), (Kind::Ping, &b"abc"[..], 9));
    }

    #[test]
    fn a_length_that_no_frame_has_is_refused_before_it_is_waited_for() {
        for bytes in [0, 1, MAX + 1, u32::MAX as usize] {
            let length = (bytes as u32).to_le_bytes();
            let refused = FrameError::Length { bytes, max: MAX };
            assert_eq!(split(&length, MAX), Err(refused));
        }
    }

    #[test]
    fn another_protocol_and_another_version_are_told_from_their_first_bytes() {
        assert!(matches!(
            split(b"GET / HTTP/1.1", 1 << 20),
            Err(FrameError::Length { .. })
        ));
        assert_eq!(split(&[9, 0, 0, 0, 2, 1], MAX), Err(FrameError::Version(2)));
        assert_eq!(split(&[9, 0, 0, 0, 1, 47], MAX), Err(FrameError::Kind(47)));
    }

    #[test]
    fn a_refusal_is_understood_in_any_version() {
        let refusal = [4, 0, 0, 0, 9, Kind::Refusal as u8, b'n', b'o'];
        let (frame, _) = split(&refusal, MAX).expect("valid").expect("complete");
        assert_eq!((frame.kind, frame.body), (Kind::Refusal, &b"no"[..]));
    }

    #[test]
    fn a_body_that_fails_leaves_no_bytes_behind() {
        let mut buffer = vec![1];
        let failed = append(&mut buffer, Kind::Letter, |body| {
            body.extend([0; 9]);
            Err("no")
        });
        assert_eq!((failed, buffer), (Err("no"), vec![1]));
    }
}
