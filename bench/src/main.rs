//! `hunt-bench`.

use std::process::ExitCode;

/// As the engine has it, so that its parts cost here what they cost there.
#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> ExitCode {
    bench::cli::main()
}
