//! What the shared object exports: the functions of `fdb_c.h` and nothing else.

use std::path::PathBuf;

/// Cargo puts the shared object of this crate beside the tests that it builds.
fn shared_object() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.with_file_name("libfdb_c.so")
}

/// A number of `N` little-endian bytes.
fn number<const N: usize>(elf: &[u8], place: usize) -> usize {
    let bytes = &elf[place..place + N];
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// Type, link, offset and size of each section of a 64-bit ELF file.
fn sections(elf: &[u8]) -> Vec<(usize, usize, usize, usize)> {
    let (table, size, count) = (
        number::<8>(elf, 0x28),
        number::<2>(elf, 0x3a),
        number::<2>(elf, 0x3c),
    );
    (0..count)
        .map(|place| table + place * size)
        .map(|at| {
            (
                number::<4>(elf, at + 4),
                number::<4>(elf, at + 0x28),
                number::<8>(elf, at + 0x18),
                number::<8>(elf, at + 0x20),
            )
        })
        .collect()
}

/// The names that a shared object defines for others.
fn exported(elf: &[u8]) -> Vec<String> {
    const DYNAMIC_SYMBOLS: usize = 11;
    const SYMBOL_BYTES: usize = 24;
    let sections = sections(elf);
    let (_, link, offset, size) = *sections
        .iter()
        .find(|section| section.0 == DYNAMIC_SYMBOLS)
        .unwrap();
    let names = sections[link].2;
    let mut exported: Vec<String> = (offset..offset + size)
        .step_by(SYMBOL_BYTES)
        .filter(|at| number::<2>(elf, at + 6) != 0)
        .map(|at| {
            let name = &elf[names + number::<4>(elf, at)..];
            let end = name.iter().position(|byte| *byte == 0).unwrap();
            String::from_utf8(name[..end].to_vec()).unwrap()
        })
        .collect();
    exported.sort();
    exported
}

#[test]
fn exactly_the_c_api_is_exported() {
    let elf = std::fs::read(shared_object()).unwrap();
    let mut expected: Vec<&str> = include_str!("symbols.txt").lines().collect();
    expected.sort_unstable();
    assert_eq!(exported(&elf), expected);
}
