//! From what a node advertises to where it is. A name is looked up on a thread of its own: the system's resolver blocks.

use std::net::{SocketAddr, ToSocketAddrs};

use futures::channel::oneshot;

use super::error::LinkError;
use crate::runtime::Bridge;

/// The address that a text of host and port stands for.
pub(super) async fn resolve(bridge: &Bridge, text: &str) -> Result<SocketAddr, LinkError> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let fails = |detail: String| LinkError::Address {
        address: text.to_owned(),
        detail,
    };
    let (sender, receiver) = oneshot::channel();
    let name = text.to_owned();
    let looking = std::thread::Builder::new().name("hunt-resolver".to_owned());
    looking
        .spawn(move || {
            let found = name.to_socket_addrs().map(|mut found| found.next());
            // Nobody waits any more if the node has left.
            let _ = sender.send(found);
        })
        .map_err(|error| fails(error.to_string()))?;
    match bridge.carry(receiver).await {
        Ok(Ok(Some(address))) => Ok(address),
        Ok(Ok(None)) => Err(fails("the name has no address".to_owned())),
        Ok(Err(error)) => Err(fails(error.to_string())),
        Err(_) => Err(fails("the look-up was given up".to_owned())),
    }
}

/// Whether a text has the form of host and port, which [`resolve`] needs.
pub(crate) fn is_host_and_port(text: &str) -> bool {
    text.parse::<SocketAddr>().is_ok()
        || text.rsplit_once(':').is_some_and(|(host, port)| {
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
            !host.is_empty()
                && host.chars().all(is_name)
                && port.parse::<u16>().is_ok_and(|port| port > 0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_told_from_anything_else() {
        for good in [
            "engine-1:7118",
            "a.example.org:1",
            "10.0.0.1:7118",
            "[::1]:7118",
        ] {
            assert!(is_host_and_port(good), "{good}");
        }
        for bad in [
            "",
            "engine-1",
            ":7118",
            "engine:0",
            "engine:70000",
            "http://a:1",
            "a b:1",
            "::1:x",
        ] {
            assert!(!is_host_and_port(bad), "{bad}");
        }
    }
}
