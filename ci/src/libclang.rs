//! Building `store-fdb` reads FoundationDB's header with clang's library, which a bare machine lacks.

use std::env;
use std::path::{Path, PathBuf};

use crate::step::Verdict;

/// Where it is looked for, besides what the linker's folders hold.
const LIBCLANG_PATH: &str = "LIBCLANG_PATH";

/// The verdict of a step that can't do without; none if it is there.
pub(crate) fn missing() -> Option<Verdict> {
    let why = "libclang is not there, which building store-fdb needs: apt-get install libclang-dev";
    (!is_there()).then(|| Verdict::Skipped(why.to_owned()))
}

/// Whether it is there.
pub(crate) fn is_there() -> bool {
    let mut folders: Vec<PathBuf> = env::var_os(LIBCLANG_PATH)
        .into_iter()
        .map(Into::into)
        .collect();
    folders.extend(
        [
            "/usr/lib",
            "/usr/lib64",
            "/usr/local/lib",
            "/usr/lib/x86_64-linux-gnu",
        ]
        .map(Into::into),
    );
    let versions = std::fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .flatten();
    let llvm = versions.filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm"));
    folders.extend(llvm.map(|entry| entry.path().join("lib")));
    folders.iter().any(|folder| has_libclang(folder))
}

fn has_libclang(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .any(|name| name.starts_with("libclang") && name.contains(".so") && !name.contains("cpp"))
}
