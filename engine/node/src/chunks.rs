//! Records that are longer than a value may be are stored in several.

use store::limits::VALUE_BYTES_MAX;

use crate::Host;

/// The most bytes of one value; bigger records are cut into chunks.
const CHUNK_BYTES: usize = 90_000;
/// The same in a simulation that cuts all of them: those who read must not rest on how long chunks are.
const SIMULATED_CHUNK_BYTES: usize = 200;

const _: () = assert!(
    CHUNK_BYTES <= VALUE_BYTES_MAX,
    "a chunk must fit one value of the store"
);

/// How long the chunks of what is written next are.
pub(crate) fn chunk_bytes(host: &impl Host) -> usize {
    match host.buggify("shrink_chunks") {
        true => SIMULATED_CHUNK_BYTES,
        false => CHUNK_BYTES,
    }
}

/// The chunks of so many bytes each that `record` is stored in; at least one.
pub(crate) fn chunks(record: &[u8], chunk_bytes: usize) -> impl Iterator<Item = (usize, &[u8])> {
    let count = record.len().div_ceil(chunk_bytes).max(1);
    (0..count).map(move |chunk| {
        let from = chunk * chunk_bytes;
        (chunk, &record[from..record.len().min(from + chunk_bytes)])
    })
}
