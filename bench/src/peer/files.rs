//! The temporary folder of a measurement.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tempfile::TempDir;

use crate::error::BenchError;

/// A folder that goes when it is dropped. Each server has its own place in it.
#[derive(Debug)]
pub struct Folder {
    folder: TempDir,
    made: AtomicU64,
}

impl Folder {
    /// A new one, in `parent`.
    pub fn new(parent: &Path) -> Result<Self, BenchError> {
        let folder = tempfile::Builder::new()
            .prefix("hunt-bench.")
            .tempdir_in(parent)
            .map_err(BenchError::io(format!(
                "making a folder in {}: name another with --dir",
                parent.display()
            )))?;
        // PostgreSQL runs as another user if this is root: it must get through to its own folder.
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), readable)
            .map_err(BenchError::io("opening the temporary folder to others"))?;
        Ok(Self {
            folder,
            made: AtomicU64::new(0),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A new folder in it for a server.
    pub(crate) fn place(&self, server: &str) -> Result<PathBuf, BenchError> {
        let number = self.made.fetch_add(1, Relaxed);
        let place = self.folder.path().join(format!("{server}-{number}"));
        std::fs::create_dir(&place)
            .map_err(BenchError::io(format!("making {}", place.display())))?;
        Ok(place)
    }
}
