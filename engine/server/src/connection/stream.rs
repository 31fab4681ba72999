//! hyper's reads and writes over a socket of the runtime.
//!
//! Reads go through one buffer per core and are copied: what arrives is far smaller than the space that hyper offers,
//! so the copy costs less than clearing that space would, and a connection that waits holds no buffer here.
//! Nothing is buffered for writing: `poll_write` hands bytes to the kernel or to nobody, so a dropped future loses
//! none that it reported as written.

use std::cell::RefCell;
use std::io;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use futures::{AsyncRead, AsyncWrite};
use glommio::net::TcpStream;
use hyper::rt::ReadBufCursor;

use super::activity::Activity;

/// Most bytes taken from the kernel by one read.
const READ_BYTES_MAX: usize = 32 << 10;

thread_local! {
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BYTES_MAX].into());
}

/// A TCP connection as hyper wants it.
pub struct Stream {
    /// Goes before the socket does.
    activity: Watched,
    socket: TcpStream,
    /// What was read to tell the protocols apart.
    prefix: Bytes,
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
    pub fn client(socket: TcpStream) -> Self {
        Self::new(socket, Rc::new(Activity::new(Instant::now())))
    }

    pub(crate) fn new(socket: TcpStream, activity: Rc<Activity>) -> Self {
        activity.set_socket(Some(socket.as_raw_fd()));
        Self {
            activity: Watched(activity),
            socket,
            prefix: Bytes::new(),
        }
    }

    /// Hyper shall read `prefix` first.
    pub(crate) fn rewind(&mut self, prefix: Bytes) {
        self.prefix = prefix;
    }

    pub(crate) fn into_socket(self) -> TcpStream {
        self.socket
    }

    pub(crate) fn poll_read_slice(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.socket).poll_read(context, buffer))?;
        if count > 0 {
            self.activity.0.bytes_read(Instant::now);
        }
        Poll::Ready(Ok(count))
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
        READ_BUFFER.with_borrow_mut(|buffer| {
            let space = to.remaining().min(buffer.len());
            let count = ready!(self.poll_read_slice(context, &mut buffer[..space]))?;
            to.put_slice(&buffer[..count]);
            Poll::Ready(Ok(()))
        })
    }
}

impl hyper::rt::Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        match &written {
            Poll::Ready(_) => self.activity.0.bytes_written(),
            Poll::Pending => self.activity.0.write_blocked(Instant::now),
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(context)
    }
}
