//! Gives the linker a `libfdb_c` in which there is nothing.
//!
//! The crate `foundationdb-sys` asks to be linked with that library. This crate defines all its functions itself
//! (`src/entry_points.rs`) and loads the real library when a store is opened; so neither building nor starting a program needs it.

use std::path::Path;
use std::{env, fs};

/// How an archive without members looks.
const EMPTY_ARCHIVE: &[u8] = b"!<arch>\n";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let folder = env::var_os("OUT_DIR").expect("cargo says where a build script may write");
    let archive = Path::new(&folder).join("libfdb_c.a");
    fs::write(&archive, EMPTY_ARCHIVE).expect("a build script may write into its own folder");
    println!("cargo:rustc-link-search=native={}", folder.display());
}
