//! The memory of the program: mimalloc, whose thread caches keep cores from sharing a lock.

use std::alloc::{GlobalAlloc, Layout};

use libmimalloc_sys::{mi_collect, mi_malloc, mi_realloc, mi_zalloc};
use mimalloc::MiMalloc;

/// mimalloc aligns a block of so many bytes to as many, and a smaller one to the power of two below its size (its
/// `MI_MAX_ALIGN_SIZE`).
const NATURAL_ALIGNMENT: usize = 16;

/// mimalloc, asked for an alignment only where it would not be there anyway.
///
/// Its calls that take an alignment look no further than powers of two: for 48, 80, 96 or 112 bytes they take more than was asked
/// for, on a slow path, so that what is aligned can be cut out.
#[derive(Clone, Copy, Debug)]
pub struct Allocator;

/// Gives back the memory of this thread that others freed. It is kept for the thread, which takes it when it asks for more; one that
/// falls idle never does.
pub fn give_back() {
    // SAFETY: it touches the calling thread's own free memory.
    unsafe { mi_collect(false) }
}

fn is_natural(align: usize, size: usize) -> bool {
    align <= NATURAL_ALIGNMENT && align <= size
}

// SAFETY: a block of `mi_malloc` and its like has the size asked for and, where `is_natural` says so, the alignment; all blocks are
// mimalloc's, which tells by itself how each of them was asked for when it is given back.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_natural(layout.align(), layout.size()) {
            // SAFETY: any size will do.
            return unsafe { mi_malloc(layout.size()) }.cast();
        }
        // SAFETY: as the caller promises.
        unsafe { MiMalloc.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_natural(layout.align(), layout.size()) {
            // SAFETY: any size will do.
            return unsafe { mi_zalloc(layout.size()) }.cast();
        }
        // SAFETY: as the caller promises.
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { MiMalloc.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if is_natural(layout.align(), size) {
            // SAFETY: the block is mimalloc's, as the caller promises.
            return unsafe { mi_realloc(block.cast(), size) }.cast();
        }
        // SAFETY: as the caller promises.
        unsafe { MiMalloc.realloc(block, layout, size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of each way to get one, which must be aligned and as large as it should be; a page of each kind is filled.
    fn check(align: usize, size: usize) {
        let layout = Layout::from_size_align(size, align).unwrap();
        let blocks: Vec<_> = (0..300)
            .map(|round| {
                // SAFETY: the sizes are above 0, and each block is used and given back with its own layout.
                unsafe {
                    let block = match round % 2 {
                        0 => Allocator.alloc(layout),
                        _ => Allocator.alloc_zeroed(layout),
                    };
                    block.write_bytes(7, size);
                    Allocator.realloc(block, layout, size + 24)
                }
            })
            .collect();
        let larger = Layout::from_size_align(size + 24, align).unwrap();
        for block in blocks {
            assert!(block.addr().is_multiple_of(align), "{size} to {align}");
            // SAFETY: as above.
            unsafe {
                let kept = std::slice::from_raw_parts(block, size);
                assert!(kept.iter().all(|byte| *byte == 7));
                Allocator.dealloc(block, larger);
            }
        }
    }

    #[test]
    fn blocks_are_aligned_and_keep_what_is_in_them() {
        for size in (1..300).chain([1_000, 1_024, 1_648, 5_000, 70_000]) {
            for align in [1, 2, 4, 8, 16, 64] {
                check(align, size);
            }
        }
    }

    #[test]
    fn no_more_is_taken_than_was_asked_for() {
        for size in (16..512).step_by(16) {
            let layout = Layout::from_size_align(size, 8).unwrap();
            // SAFETY: the size is above 0.
            let mut blocks: Vec<_> = (0..1_000)
                .map(|_| unsafe { Allocator.alloc(layout) })
                .collect();
            blocks.sort_unstable();
            let gaps = blocks.windows(2).map(|two| two[1].addr() - two[0].addr());
            let taken = gaps.min().expect("there are many blocks");
            assert!(taken < size + size / 4, "{taken} for {size}");
            for block in blocks {
                // SAFETY: it was just allocated like this.
                unsafe { Allocator.dealloc(block, layout) }
            }
        }
    }
}
