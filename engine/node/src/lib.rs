//! The shard loop: decide, commit, reply, recover; generic over one Host.
