//! How much memory one touch of a fresh page takes.

/// Asks the kernel for small pages only.
///
/// The allocator offers its memory for huge pages and hands it out in pieces from all over it, and what lay idle for a second
/// goes back to the kernel. So the first touch of a few kilobytes zeroes two megabytes, again and again: under frames of 8,190
/// claims that was 30 % of the engine's time. A kernel that refuses is no reason not to start.
pub(crate) fn prefer_small_pages() {
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "fresh memory comes in pages as large as the kernel likes");
    }
}
