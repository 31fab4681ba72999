//! `hunt-bench`.

use std::process::ExitCode;

/// As the engine has it, so that its parts cost here what they cost there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    bench::cli::main()
}
