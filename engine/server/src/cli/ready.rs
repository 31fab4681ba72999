//! What `serve` prints when it is ready: where it is, and how to try it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::settings::StoreLocation;

/// Tokens made for this run.
pub(super) struct DevTokens {
    pub(super) player: String,
    pub(super) service: String,
    pub(super) operator: String,
}

/// The page.
pub(super) struct ReadyPage<'a> {
    pub(super) address: SocketAddr,
    /// Clients have to speak TLS.
    pub(super) is_tls: bool,
    /// Where each core speaks the binary protocol; empty if it is off.
    pub(super) wire: &'a [SocketAddr],
    pub(super) store: &'a StoreLocation,
    pub(super) cpus: &'a [usize],
    pub(super) shards: u16,
    pub(super) memory_bytes: u64,
    pub(super) connections_per_core_max: usize,
    pub(super) dev: Option<&'a DevTokens>,
}

impl fmt::Display for ReadyPage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        let url = format!("{scheme}://{}", reachable(self.address));
        let cpus = self
            .cpus
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(",");
        writeln!(f, "hunt-engine is ready on {url}")?;
        if let (Some(first), Some(last)) = (self.wire.first(), self.wire.last()) {
            writeln!(
                f,
                "  wire        {first} to port {}, one for each core",
                last.port()
            )?;
        }
        writeln!(f, "  store       {}", self.store)?;
        writeln!(f, "  cores       {cpus}, {} shards", self.shards)?;
        writeln!(f, "  memory      {} MiB", self.memory_bytes >> 20)?;
        writeln!(
            f,
            "  connections up to {} on each core",
            self.connections_per_core_max
        )?;
        writeln!(
            f,
            "  API         {url}/v1/openapi.json · {url}/readyz · {url}/metrics"
        )?;
        match self.dev {
            Some(tokens) => write_tokens(f, &url, tokens),
            None => write!(
                f,
                "\nTry: curl -H \"Authorization: Bearer $(hunt-engine token --role operator)\" {url}/v1/hunts"
            ),
        }
    }
}

fn write_tokens(f: &mut fmt::Formatter<'_>, url: &str, tokens: &DevTokens) -> fmt::Result {
    let DevTokens {
        player,
        service,
        operator,
    } = tokens;
    writeln!(
        f,
        "\nDevelopment: the key was made for this run and is gone with it. Tokens, good for a day:"
    )?;
    writeln!(f, "  export OPERATOR={operator}")?;
    writeln!(f, "  export SERVICE={service}")?;
    writeln!(f, "  export PLAYER={player}   # the player ada")?;
    writeln!(f, "\nTry:")?;
    writeln!(
        f,
        "  curl -X PUT  -H \"Authorization: Bearer $OPERATOR\" {url}/v1/hunts/harbour-lights --data-binary @examples/harbour-lights.json"
    )?;
    writeln!(
        f,
        "  curl -X POST -H \"Authorization: Bearer $OPERATOR\" {url}/v1/hunts/harbour-lights/open"
    )?;
    writeln!(
        f,
        "  curl -X POST -H \"Authorization: Bearer $PLAYER\" {url}/v1/hunts/harbour-lights/clues/pharos/solve -d '{{\"answer\":\"Pharos\"}}'"
    )?;
    write!(
        f,
        "  curl         -H \"Authorization: Bearer $SERVICE\" \"{url}/v1/feed\""
    )
}

/// An address that a client on this machine can use.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
