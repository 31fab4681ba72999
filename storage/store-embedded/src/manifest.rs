//! The list of tables, checked: the library writes a checksum of it and does not read it back.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use lsm_tree::checksum::ChecksummedWriter;

use crate::tables::TablesFault;

/// The file `current`: the number of a list of tables, its checksum, and the kind of checksum.
const MANIFEST_NAME_LEN: usize = 8 + 16 + 1;

/// Checks the list of tables in `path`, if there is one.
pub(crate) fn check_manifest(path: &Path) -> Result<(), TablesFault> {
    let io = |source| TablesFault::Io {
        path: path.to_path_buf(),
        source,
    };
    let damaged = |what: &str| TablesFault::Damaged {
        path: path.to_path_buf(),
        what: what.to_owned(),
    };
    let current = match fs::read(path.join("current")) {
        Ok(current) => current,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io(error)),
    };
    let Ok(current) = <[u8; MANIFEST_NAME_LEN]>::try_from(current) else {
        return Err(damaged("the file `current` has the wrong length"));
    };
    let (Some(id), checksum) = (current.first_chunk(), &current[8..24]) else {
        unreachable!("MANIFEST_NAME_LEN is more than 8");
    };
    let manifest = match fs::read(path.join(format!("v{}", u64::from_le_bytes(*id)))) {
        Ok(manifest) => manifest,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(damaged(
                "the list of tables that `current` names is missing",
            ));
        }
        Err(error) => return Err(io(error)),
    };
    let mut summed = ChecksummedWriter::new(io::sink());
    summed.write_all(&manifest).map_err(io)?;
    if summed.checksum().into_u128().to_le_bytes() == *checksum && current[24] == 0 {
        Ok(())
    } else {
        Err(damaged(
            "the list of tables does not have the checksum that `current` says",
        ))
    }
}
