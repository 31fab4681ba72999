//! FoundationDB's client library, loaded once per process, when a store is first opened.

use std::ffi::{CStr, CString, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::OpenError;
use crate::entry_points;

/// The API that this program speaks; the library must know it.
const API_VERSION: i32 = foundationdb_sys::FDB_API_VERSION as i32;

/// Whether a library is bound. A second one would be another client in the same process.
static LOADED: Mutex<bool> = Mutex::new(false);

/// Loads the library at `path`, or the one that the system finds under this name, unless one is loaded.
pub(crate) fn load(path: &Path) -> Result<(), OpenError> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if *loaded {
        return Ok(());
    }
    let library = open(path)?;
    // SAFETY: the library was opened just now and is never closed.
    let lookup = |name: &CStr| unsafe { libc::dlsym(library, name.as_ptr()) };
    // SAFETY: whoever names a file as FoundationDB's client library vouches that its `fdb_…` are those of the header.
    unsafe { entry_points::bind(&lookup) }.map_err(|missing| OpenError::NotTheLibrary {
        library: path.to_owned(),
        missing,
    })?;
    *loaded = true;
    drop(loaded);
    check_version(path)
}

fn open(path: &Path) -> Result<*mut c_void, OpenError> {
    const FLAGS: c_int = libc::RTLD_NOW | libc::RTLD_LOCAL;
    let missing = |detail: String| OpenError::NoLibrary {
        library: path.to_owned(),
        detail,
    };
    let name = CString::new(path.as_os_str().as_bytes())
        .map_err(|_| missing("its name has a zero byte".to_owned()))?;
    // SAFETY: the name is a C string; what the library does when it is loaded is up to whoever named it.
    let library = unsafe { libc::dlopen(name.as_ptr(), FLAGS) };
    if library.is_null() {
        return Err(missing(last_fault()));
    }
    Ok(library)
}

/// What the dynamic linker last complained about.
fn last_fault() -> String {
    // SAFETY: the answer is null, or a C string that stands until this thread's next call.
    let fault = unsafe { libc::dlerror() };
    if fault.is_null() {
        return "no reason given".to_owned();
    }
    // SAFETY: it is a C string.
    unsafe { CStr::from_ptr(fault) }
        .to_string_lossy()
        .into_owned()
}

fn check_version(path: &Path) -> Result<(), OpenError> {
    let newest = foundationdb::api::get_max_api_version();
    if newest >= API_VERSION {
        return Ok(());
    }
    Err(OpenError::OldLibrary {
        library: path.to_owned(),
        newest,
        needed: API_VERSION,
    })
}
