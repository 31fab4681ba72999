//! One connection's TLS: turns what a socket carries into what is said over it, and back. It holds no socket: whoever has
//! one lends it for each step.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};

use crate::runtime::Socket;

/// One side of one connection.
pub(crate) struct Session(Connection);

/// A socket whose "not now" is an error, as rustls wants it; who waits is woken as ever.
struct Lent<'a, 'b> {
    socket: &'a Socket,
    context: &'a Context<'b>,
}

impl Session {
    /// The side of who was called.
    pub(crate) fn server(config: Arc<ServerConfig>) -> Result<Self, rustls::Error> {
        ServerConnection::new(config).map(|connection| Self(connection.into()))
    }

    /// The side of who calls `name`.
    pub(crate) fn client(
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> Result<Self, rustls::Error> {
        ClientConnection::new(config, name).map(|connection| Self(connection.into()))
    }

    /// Ready once both sides trust each other as far as they have to.
    pub(crate) fn poll_handshake(
        &mut self,
        socket: &Socket,
        context: &Context<'_>,
    ) -> Poll<io::Result<()>> {
        let mut lent = Lent { socket, context };
        loop {
            self.push(&mut lent)?;
            if !self.0.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            match self.pull(&mut lent)? {
                Some(0) => return Poll::Ready(Err(ErrorKind::UnexpectedEof.into())),
                Some(_) => {}
                // Woken by whichever comes first: room for what is to be sent, or something to read.
                None => return Poll::Pending,
            }
        }
    }

    /// Takes what the other side said; 0 once it says no more.
    pub(crate) fn poll_read(
        &mut self,
        socket: &Socket,
        context: &Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut lent = Lent { socket, context };
        loop {
            match self.0.reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // The other side's end without a farewell may be somebody's in between.
                said => return Poll::Ready(said),
            }
            let pulled = self.pull(&mut lent)?;
            // What was read may want an answer of the protocol's own.
            self.push(&mut lent)?;
            if pulled.is_none() {
                return Poll::Pending;
            }
        }
    }

    /// Says something; how much of it was taken. What was taken is sent by itself, or by [`Session::poll_flush`].
    pub(crate) fn poll_write(
        &mut self,
        socket: &Socket,
        context: &Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut lent = Lent { socket, context };
        let mut taken = self.0.writer().write(bytes)?;
        self.push(&mut lent)?;
        if taken == 0 && !bytes.is_empty() {
            // There was no room; now there may be.
            taken = self.0.writer().write(bytes)?;
            self.push(&mut lent)?;
        }
        match taken {
            0 if !bytes.is_empty() => Poll::Pending,
            taken => Poll::Ready(Ok(taken)),
        }
    }

    /// Ready once all that was said is handed to the kernel.
    pub(crate) fn poll_flush(
        &mut self,
        socket: &Socket,
        context: &Context<'_>,
    ) -> Poll<io::Result<()>> {
        match self.push(&mut Lent { socket, context })? {
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    }

    /// Says farewell; to be flushed.
    pub(crate) fn close(&mut self) {
        self.0.send_close_notify();
    }

    /// Sends what waits; whether all is sent.
    fn push(&mut self, lent: &mut Lent<'_, '_>) -> io::Result<bool> {
        while self.0.wants_write() {
            match self.0.write_tls(lent) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Reads what came; how much, or none if nothing did.
    fn pull(&mut self, lent: &mut Lent<'_, '_>) -> io::Result<Option<usize>> {
        let count = match self.0.read_tls(lent) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            read => read?,
        };
        if let Err(error) = self.0.process_new_packets() {
            // The other side is told why, as well as can be.
            let _ = self.push(lent);
            return Err(io::Error::new(ErrorKind::InvalidData, error));
        }
        Ok(Some(count))
    }
}

impl Read for Lent<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        or_would_block(self.socket.poll_receive(self.context, buffer))
    }
}

impl Write for Lent<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        or_would_block(self.socket.poll_send(self.context, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn or_would_block(done: Poll<io::Result<usize>>) -> io::Result<usize> {
    match done {
        Poll::Ready(done) => done,
        Poll::Pending => Err(ErrorKind::WouldBlock.into()),
    }
}
