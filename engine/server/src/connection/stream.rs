//! hyper's reads and writes over a socket of the runtime.
//!
//! Reads go through one buffer per core and are copied: what arrives is far smaller than the space that hyper offers,
//! so the copy costs less than clearing that space would, and a connection that waits holds no buffer here.
//! Nothing is buffered for writing: `poll_write` hands bytes to the kernel or to nobody, so a dropped future loses
//! none that it reported as written. Under TLS the session holds what it has sealed until `poll_flush`.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use hyper::rt::ReadBufCursor;

use super::activity::Activity;
use crate::runtime::Socket;
use crate::tls::Session;

/// Most bytes taken from the kernel by one read.
pub(crate) const READ_BYTES_MAX: usize = 64 << 10;

thread_local! {
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES_MAX].into());
}

/// A TCP connection as hyper wants it.
pub struct Stream {
    /// Goes before the socket does.
    activity: Watched,
    socket: Socket,
    /// What was read to tell the protocols apart.
    prefix: Bytes,
    /// What is said is not what goes over the socket.
    tls: Option<Box<Session>>,
}

/// Knows the socket for as long as the stream holds it.
struct Watched(Rc<Activity>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.set_socket(None);
    }
}

impl Stream {
    /// A client's connection.
    pub fn client(socket: Socket) -> Self {
        Self::new(socket, Rc::new(Activity::new(Instant::now())))
    }

    pub(crate) fn new(socket: Socket, activity: Rc<Activity>) -> Self {
        activity.set_socket(Some(socket.as_raw_fd()));
        Self {
            activity: Watched(activity),
            socket,
            prefix: Bytes::new(),
            tls: None,
        }
    }

    /// From now on the session is between hyper and the socket; comes back once both sides trust each other.
    pub(crate) async fn secure(&mut self, session: Box<Session>) -> io::Result<()> {
        // A handshake that dribbles in is cut off as a head is.
        self.activity.0.bytes_read(Instant::now);
        let tls = self.tls.insert(session);
        poll_fn(|context| tls.poll_handshake(&self.socket, context)).await?;
        self.activity.0.greeted();
        Ok(())
    }

    /// Hyper shall read `prefix` first.
    pub(crate) fn rewind(&mut self, prefix: Bytes) {
        self.prefix = prefix;
    }

    pub(crate) fn poll_read_slice(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let count = match &mut self.tls {
            None => ready!(self.socket.poll_receive(context, buffer))?,
            Some(tls) => ready!(tls.poll_read(&self.socket, context, buffer))?,
        };
        if count > 0 {
            self.activity.0.bytes_read(Instant::now);
        }
        Poll::Ready(Ok(count))
    }

    /// Reads at most `room` bytes, and [`READ_BYTES_MAX`], to the end of `buffer`.
    pub(crate) fn poll_read_onto(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut Vec<u8>,
        room: usize,
    ) -> Poll<io::Result<usize>> {
        self.poll_read_shared(context, room, |bytes| buffer.extend_from_slice(bytes))
    }

    /// Reads at most `room` bytes through the core's buffer, and hands them to `take`.
    fn poll_read_shared(
        &mut self,
        context: &mut Context<'_>,
        room: usize,
        take: impl FnOnce(&[u8]),
    ) -> Poll<io::Result<usize>> {
        READ_BUFFER.with_borrow_mut(|shared| {
            let space = room.min(shared.len());
            let count = ready!(self.poll_read_slice(context, &mut shared[..space]))?;
            take(&shared[..count]);
            Poll::Ready(Ok(count))
        })
    }
}

/// Gives back what an empty `buffer` holds beyond `kept` bytes. Not by shrinking it, which would copy what is no longer there.
pub(crate) fn give_back(buffer: &mut Vec<u8>, kept: usize) {
    if buffer.is_empty() && buffer.capacity() > kept {
        *buffer = Vec::new();
    }
}

impl Stream {
    fn note_written(&self, is_taken: bool) {
        if is_taken {
            self.activity.0.bytes_written();
        } else {
            self.activity.0.write_blocked(Instant::now);
        }
    }
}

impl hyper::rt::Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut to: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.prefix.is_empty() {
            let count = to.remaining().min(self.prefix.len());
            to.put_slice(&self.prefix.split_to(count));
            return Poll::Ready(Ok(()));
        }
        let room = to.remaining();
        let read = self.poll_read_shared(context, room, |bytes| to.put_slice(bytes));
        read.map_ok(|_| ())
    }
}

impl hyper::rt::Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let stream = &mut *self;
        let written = match &mut stream.tls {
            None => stream.socket.poll_send(context, bytes),
            Some(tls) => tls.poll_write(&stream.socket, context, bytes),
        };
        stream.note_written(written.is_ready());
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let stream = &mut *self;
        let Some(tls) = &mut stream.tls else {
            return Poll::Ready(Ok(()));
        };
        let flushed = tls.poll_flush(&stream.socket, context);
        stream.note_written(flushed.is_ready());
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(tls) = &mut self.tls {
            tls.close();
        }
        ready!(self.as_mut().poll_flush(context))?;
        Poll::Ready(self.socket.shutdown(Shutdown::Write))
    }
}
