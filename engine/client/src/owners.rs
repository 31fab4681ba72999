//! Which core owns which hunt, as an engine says.

use wire::{HuntId, Owner, Welcome};

use crate::Endpoint;

/// The owners of all shards. A hint: every core takes every command and hands it to its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    by_shard: Vec<Endpoint>,
}

impl Owners {
    /// What the engine that listens at `connected` said in its welcome.
    pub fn of(connected: &Endpoint, welcome: &Welcome) -> Self {
        // A list of another length would place every hunt wrongly.
        match welcome.owners.len() == usize::from(welcome.shards) {
            true => Self::new(connected, &welcome.owners),
            false => Self::default(),
        }
    }

    /// By shard; an empty host is the one that `connected` names.
    pub fn new(connected: &Endpoint, owners: &[Owner]) -> Self {
        let endpoint = |owner: &Owner| Endpoint {
            host: match owner.host.as_str() {
                "" => connected.host.clone(),
                host => host.to_owned(),
            },
            port: owner.port,
        };
        Self {
            by_shard: owners.iter().map(endpoint).collect(),
        }
    }

    /// Where the hunt's owner listens; none if nobody said.
    pub fn endpoint(&self, hunt: &HuntId) -> Option<&Endpoint> {
        self.by_shard.get(self.shard(hunt)?)
    }

    /// Endpoints by shard.
    pub fn by_shard(&self) -> &[Endpoint] {
        &self.by_shard
    }

    fn shard(&self, hunt: &HuntId) -> Option<usize> {
        let shards = u16::try_from(self.by_shard.len()).ok()?;
        (shards > 0).then(|| usize::from(hunt.shard(shards)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(host: &str, port: u16) -> Owner {
        Owner {
            host: host.to_owned(),
            port,
        }
    }

    #[test]
    fn a_hunt_belongs_to_the_owner_of_its_shard() {
        let connected: Endpoint = "engine.example:7118".parse().expect("an address");
        let owners = Owners::new(&connected, &[owner("", 1), owner("b", 2)]);
        for number in 0..16 {
            let hunt = HuntId::new(&format!("h-{number}")).expect("an id");
            let expected = ["engine.example:1", "b:2"][usize::from(hunt.shard(2))];
            let found = owners.endpoint(&hunt).expect("it has an owner");
            assert_eq!(found.to_string(), expected);
        }
    }

    #[test]
    fn nobody_said_is_nobody() {
        let hunt = HuntId::new("h").expect("an id");
        assert_eq!(Owners::default().endpoint(&hunt), None);
    }
}
