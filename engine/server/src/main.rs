//! `hunt-engine`: serves treasure hunts, and looks after their store.

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> std::process::ExitCode {
    server::cli::main()
}
