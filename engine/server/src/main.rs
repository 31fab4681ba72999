//! `hunt-engine`: serves treasure hunts, and looks after their store.

/// Its own thread caches keep cores from sharing a lock.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    server::cli::main()
}
