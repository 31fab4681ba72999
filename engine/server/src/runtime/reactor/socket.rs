//! A TCP connection on this core.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::{AsyncRead, AsyncWrite};
use socket2::{Domain, Protocol, SockAddr, Type};

use super::{Reactor, Source};

/// A connected socket, registered with the core that made it; it stays on that core.
pub struct Socket {
    /// Goes before the socket is closed.
    source: Source,
    socket: TcpStream,
}

impl Socket {
    /// Takes a connection over.
    pub(crate) fn new(socket: TcpStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let source = Reactor::current()?.register(&socket)?;
        Ok(Self { source, socket })
    }

    /// Connects to `address`. Small messages are sent at once.
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let domain = Domain::for_address(address);
        let socket = socket2::Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        match socket.connect(&SockAddr::from(address)) {
            Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => return Err(error),
            _ => {}
        }
        let connecting = Self::new(socket.into())?;
        // Before the first event nothing is known of the connection's fate.
        let write = &connecting.source.readiness.write;
        write.clear();
        std::future::poll_fn(|context| write.poll_ready(context)).await;
        match connecting.socket.take_error()? {
            Some(error) => Err(error),
            None => Ok(connecting),
        }
    }

    /// Whether small messages are sent at once.
    pub(crate) fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.socket.set_nodelay(nodelay)
    }

    /// Closes one side, or both.
    pub(crate) fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }

    /// Takes bytes that came; 0 once the peer sends no more.
    pub(crate) fn poll_receive(
        &self,
        context: &Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let readiness = &self.source.readiness;
        let count = ready!(
            readiness
                .read
                .poll_call(context, || (&self.socket).read(buffer))
        )?;
        // A buffer that was not filled took all there was, and what comes is told. After the peer's end nothing is told
        // any more: only a read can find it.
        if count > 0 && count < buffer.len() && !readiness.has_ended() {
            readiness.read.clear();
        }
        Poll::Ready(Ok(count))
    }

    /// Hands bytes to the kernel; returns how many it took.
    pub(crate) fn poll_send(&self, context: &Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let write = &self.source.readiness.write;
        write.poll_call(context, || (&self.socket).write(bytes))
    }
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_receive(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_send(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.shutdown(Shutdown::Write))
    }
}
