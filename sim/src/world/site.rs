//! Where a random fault can happen, as numbers; as text only when one does.

use std::fmt;
use std::hash::Hasher;
use std::str::FromStr;

use siphasher::sip::SipHasher13;

/// A core of a node, or a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Endpoint {
    /// A core; nodes are numbered from 1.
    Core { node: u16, core: u16 },
    /// A client.
    Client(u32),
}

/// One opportunity for a fault: of which kind, whose, and its how-manieth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Site {
    pub(crate) of: SiteKind,
    pub(crate) nth: u64,
}

/// What the fault would happen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SiteKind {
    /// A commit of a core.
    Commit(Endpoint),
    /// A read.
    Read(Endpoint),
    /// A question for a read version.
    ReadVersion(Endpoint),
    /// A watch.
    Watch(Endpoint),
    /// An operation that can tell the planted lie.
    Lie(Endpoint),
    /// A message on its way.
    Message { from: Endpoint, to: Endpoint },
    /// A place in the engine's code.
    Buggify { place: Place, at: Endpoint },
}

/// A place in the engine's code; two are the same if their names are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    name: &'static str,
    key: u64,
}

impl Place {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            key: hash_of(name),
        }
    }

    /// What stands for the name.
    pub(crate) fn key(self) -> u64 {
        self.key
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Place {}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

/// A site as the words that its fate is hashed from.
pub(crate) type SiteWords = [u64; 4];

impl Site {
    /// The words.
    pub(crate) fn words(&self) -> SiteWords {
        let [kind, first, second] = match self.of {
            SiteKind::Commit(at) => [1, at.word(), 0],
            SiteKind::Read(at) => [2, at.word(), 0],
            SiteKind::ReadVersion(at) => [3, at.word(), 0],
            SiteKind::Watch(at) => [4, at.word(), 0],
            SiteKind::Lie(at) => [5, at.word(), 0],
            SiteKind::Message { from, to } => [6, from.word(), to.word()],
            SiteKind::Buggify { place, at } => [7, place.key, at.word()],
        };
        [kind, first, second, self.nth]
    }
}

impl Endpoint {
    fn word(self) -> u64 {
        match self {
            Self::Core { node, core } => u64::from(node) << 16 | u64::from(core),
            Self::Client(id) => 1 << 40 | u64::from(id),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core { node, core } => write!(f, "{node}.{core}"),
            Self::Client(id) => write!(f, "c{id}"),
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.of {
            SiteKind::Commit(at) => write!(f, "commit/{at}")?,
            SiteKind::Read(at) => write!(f, "read/{at}")?,
            SiteKind::ReadVersion(at) => write!(f, "version/{at}")?,
            SiteKind::Watch(at) => write!(f, "watch/{at}")?,
            SiteKind::Lie(at) => write!(f, "lie/{at}")?,
            SiteKind::Message { from, to } => write!(f, "net/{from}>{to}")?,
            SiteKind::Buggify { place, at } => write!(f, "buggify/{}/{at}", place.name)?,
        }
        write!(f, "/{}", self.nth)
    }
}

/// The words of the site that `id` names; none if it names no site.
pub(crate) fn words_of(id: &str) -> Option<SiteWords> {
    let (rest, nth) = id.rsplit_once('/')?;
    let (kind, rest) = rest.split_once('/')?;
    let [kind, first, second] = match kind {
        "commit" => [1, endpoint(rest)?, 0],
        "read" => [2, endpoint(rest)?, 0],
        "version" => [3, endpoint(rest)?, 0],
        "watch" => [4, endpoint(rest)?, 0],
        "lie" => [5, endpoint(rest)?, 0],
        "net" => {
            let (from, to) = rest.split_once('>')?;
            [6, endpoint(from)?, endpoint(to)?]
        }
        "buggify" => {
            let (name, at) = rest.rsplit_once('/')?;
            [7, hash_of(name), endpoint(at)?]
        }
        _ => return None,
    };
    Some([kind, first, second, nth.parse().ok()?])
}

fn endpoint(text: &str) -> Option<u64> {
    let endpoint: Endpoint = text.parse().ok()?;
    Some(endpoint.word())
}

impl FromStr for Endpoint {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(client) = text.strip_prefix('c') {
            return Ok(Self::Client(client.parse()?));
        }
        let (node, core) = text.split_once('.').unwrap_or((text, ""));
        Ok(Self::Core {
            node: node.parse()?,
            core: core.parse()?,
        })
    }
}

/// The same on every machine and in every build.
fn hash_of(name: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(name.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_found_again_by_its_name() {
        let at = Endpoint::Core { node: 2, core: 1 };
        let client = Endpoint::Client(5);
        let kinds = [
            SiteKind::Commit(at),
            SiteKind::Read(at),
            SiteKind::ReadVersion(at),
            SiteKind::Watch(at),
            SiteKind::Lie(at),
            SiteKind::Message {
                from: client,
                to: at,
            },
            SiteKind::Message {
                from: at,
                to: client,
            },
            SiteKind::Buggify {
                place: Place::new("evict_clean"),
                at,
            },
        ];
        let sites = kinds.map(|of| Site { of, nth: 57 });
        for site in &sites {
            assert_eq!(words_of(&site.to_string()), Some(site.words()), "{site}");
        }
        assert_eq!(sites[0].to_string(), "commit/2.1/57");
        assert_eq!(sites[5].to_string(), "net/c5>2.1/57");
        assert_eq!(sites[7].to_string(), "buggify/evict_clean/2.1/57");
    }

    #[test]
    fn what_names_no_site_is_told() {
        for id in [
            "",
            "commit",
            "commit/2/57",
            "commit/2.1/x",
            "comit/2.1/5",
            "net/2.1/5",
        ] {
            assert_eq!(words_of(id), None, "{id}");
        }
    }
}
