//! One listening socket per core, all on the same port: the kernel spreads connections over them.

use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, SockAddr, Socket, Type};

/// Connections that the kernel holds until they are accepted; `net.core.somaxconn` may say less.
const BACKLOG: i32 = 4_096;

/// Why the engine can't listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port.
    #[error(
        "{0} is taken by another program (perhaps another hunt-engine): stop it, or choose another address with --listen"
    )]
    Taken(SocketAddr),
    /// The address is not one of this machine.
    #[error(
        "{0} is not an address of this machine: choose one that is (0.0.0.0 means all) with --listen"
    )]
    NotHere(SocketAddr),
    /// Low ports need a right.
    #[error(
        "listening on {0} needs a right that this process lacks: choose a port above 1023 with --listen"
    )]
    Forbidden(SocketAddr),
    /// The ports after the first end before the cores do.
    #[error(
        "{cores} cores need a port each from {address} on, but ports end at 65535: choose a lower one"
    )]
    NoPort {
        /// The first.
        address: SocketAddr,
        /// How many are needed.
        cores: usize,
    },
    /// Anything else.
    #[error("can't listen on {address}: {source}")]
    Other {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Binds a socket for each core; port 0 means any free one. Returns the address with its port.
pub fn bind_each_core(
    address: SocketAddr,
    cores: usize,
) -> Result<(SocketAddr, Vec<TcpListener>), ListenError> {
    // With SO_REUSEPORT a second engine could share the port unnoticed; a bind without it can't.
    bind(address, false).map_err(|error| ListenError::new(address, error))?;
    let mut address = address;
    let mut listeners = Vec::with_capacity(cores);
    for _ in 0..cores {
        let listener = listen(address).map_err(|error| ListenError::new(address, error))?;
        address = listener
            .local_addr()
            .map_err(|error| ListenError::new(address, error))?;
        listeners.push(listener);
    }
    Ok((address, listeners))
}

/// Binds a socket for each core, each on a port of its own: `address`'s and the ones after it, or any free ones for port 0.
pub fn bind_own_ports(
    address: SocketAddr,
    cores: usize,
) -> Result<Vec<(SocketAddr, TcpListener)>, ListenError> {
    let port = |core: usize| match address.port() {
        0 => Some(0),
        first => first.checked_add(u16::try_from(core).ok()?),
    };
    (0..cores)
        .map(|core| {
            let port = port(core).ok_or(ListenError::NoPort { address, cores })?;
            let own = SocketAddr::new(address.ip(), port);
            let bound = bind(own, false).and_then(|socket| {
                socket.listen(BACKLOG)?;
                let listener = TcpListener::from(socket);
                Ok((listener.local_addr()?, listener))
            });
            bound.map_err(|error| ListenError::new(own, error))
        })
        .collect()
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = bind(address, true)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn bind(address: SocketAddr, reuse_port: bool) -> std::io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // Connections of the last run that the kernel still remembers must not keep this one from starting.
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(reuse_port)?;
    socket.bind(&SockAddr::from(address))?;
    Ok(socket)
}

impl ListenError {
    fn new(address: SocketAddr, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::AddrInUse => Self::Taken(address),
            std::io::ErrorKind::AddrNotAvailable => Self::NotHere(address),
            std::io::ErrorKind::PermissionDenied => Self::Forbidden(address),
            _ => Self::Other { address, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: &str = "127.0.0.1:0";

    #[test]
    fn every_core_gets_a_socket_of_the_same_port() {
        let (address, listeners) =
            bind_each_core(ANY.parse().expect("an address"), 3).expect("a free port");
        assert_ne!(address.port(), 0);
        assert!(
            listeners
                .iter()
                .all(|listener| listener.local_addr().is_ok_and(|local| local == address))
        );
        assert_eq!(listeners.len(), 3);
    }

    #[test]
    fn a_second_engine_on_the_port_is_refused() {
        let (address, _listeners) =
            bind_each_core(ANY.parse().expect("an address"), 1).expect("a free port");
        let error = bind_each_core(address, 1).expect_err("the port is taken");
        assert!(
            matches!(error, ListenError::Taken(taken) if taken == address),
            "{error}"
        );
    }

    #[test]
    fn a_port_of_any_other_program_is_taken_too() {
        let other = TcpListener::bind(ANY).expect("a free port");
        let address = other.local_addr().expect("bound");
        assert!(matches!(
            bind_each_core(address, 1),
            Err(ListenError::Taken(_))
        ));
    }

    #[test]
    fn each_core_has_a_port_of_its_own() {
        let any: SocketAddr = ANY.parse().expect("an address");
        let bound = bind_own_ports(any, 3).expect("free ports");
        let mut ports: Vec<u16> = bound.iter().map(|(address, _)| address.port()).collect();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 3);
        let taken = bind_own_ports(bound[0].0, 1).expect_err("another listens there");
        assert!(matches!(taken, ListenError::Taken(_)), "{taken}");
        let last = SocketAddr::new(any.ip(), u16::MAX);
        let past = bind_own_ports(last, 2).expect_err("no port is left");
        assert!(past.to_string().contains("ports end at 65535"), "{past}");
    }

    #[test]
    fn a_foreign_address_is_named() {
        let error =
            bind_each_core("192.0.2.1:7117".parse().expect("an address"), 1).expect_err("not here");
        assert!(
            error
                .to_string()
                .contains("192.0.2.1:7117 is not an address of this machine"),
            "{error}"
        );
    }
}
