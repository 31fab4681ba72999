//! Names the shared object as FoundationDB's, so that what is linked against either finds both; and keeps it
//! loaded, since its network thread may run when a binding lets go of it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libfdb_c.so,-z,nodelete");
}
