//! Flipped bits and cut files: noticed when the store is opened or when the bytes are read, never read over.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use store_embedded::EmbeddedDatabase;

use crate::support::{
    Row, Scratch, all_rows, child_path, copy_store, die, end_child, get, handle, mix, put, small,
    value,
};

const SEED: u64 = 7;
const FLIPS_PER_FILE: u64 = 8;

/// What became of a damaged store.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// It did not open, and said why.
    Refused(String),
    /// It opened, and some reads failed with this.
    Told(i32),
    /// Every row is as it was written.
    Unharmed,
}

fn rows() -> Vec<Row> {
    let bytes = |n: u64| {
        if n.is_multiple_of(5) {
            6_000
        } else {
            40 + (mix(n) % 500) as usize
        }
    };
    (0..400u64)
        .map(|n| (n.to_be_bytes().to_vec(), value(n, bytes(n))))
        .collect()
}

/// A dead process's store with tables, large values apart, and a log that is not empty. Two tests make
/// one each: `name` is which.
fn image(name: &str) -> Scratch {
    if let Some(path) = child_path() {
        write(&path, &rows()[..360]).close().unwrap();
        write(&path, &rows()[360..]);
        end_child();
    }
    let scratch = Scratch::new("image");
    die(name, scratch.path());
    scratch
}

fn write(path: &Path, rows: &[Row]) -> EmbeddedDatabase {
    let database = EmbeddedDatabase::open(path, small()).unwrap();
    for chunk in rows.chunks(8) {
        put(&handle(&database), chunk).unwrap();
    }
    database
}

fn files(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect();
    files.sort();
    files
}

/// Opens and reads everything, twice over: as a range, and key by key.
fn outcome(path: &Path, damaged: &Path) -> Outcome {
    let database = match EmbeddedDatabase::open(path, small()) {
        Ok(database) => database,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    let store = handle(&database);
    let mut told = None;
    match all_rows(&store) {
        Ok(found) => assert!(
            found == rows(),
            "a range was read over damage in {}",
            damaged.display()
        ),
        Err(error) => told = Some(error.code()),
    }
    for (key, value) in rows() {
        match get(&store, &key) {
            Ok(found) => assert!(
                found == Some(value),
                "key {key:?} was read over damage in {}",
                damaged.display()
            ),
            Err(error) => told = Some(error.code()),
        }
    }
    told.map_or(Outcome::Unharmed, Outcome::Told)
}

/// Damages a file in a copy of the image and looks what becomes of it.
fn check(image: &Path, damaged: &Path, damage: impl FnOnce(&Path)) -> Outcome {
    let scratch = Scratch::new("damaged");
    copy_store(image, scratch.path());
    damage(&scratch.path().join(damaged));
    let outcome = outcome(scratch.path(), damaged);
    match &outcome {
        Outcome::Refused(why) => {
            assert!(
                why.contains(&scratch.path().display().to_string()),
                "the message names no place: {why}"
            );
        }
        Outcome::Told(code) => assert!([1510, 1522].contains(code), "{code}"),
        Outcome::Unharmed => {}
    }
    outcome
}

/// Flips a bit of `path`: anywhere, or near its head, where most of a half-empty segment is.
fn flip(path: &Path, dice: u64, near_head: bool) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let bytes = file.metadata().unwrap().len();
    let bits = 8 * if near_head { bytes.min(40_000) } else { bytes };
    let Some(bit) = dice.checked_rem(bits) else {
        return;
    };
    let mut byte = [0];
    file.read_exact_at(&mut byte, bit / 8).unwrap();
    file.write_all_at(&[byte[0] ^ (1 << (bit % 8))], bit / 8)
        .unwrap();
}

fn cut(path: &Path, quarters: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len() * quarters / 4)
        .unwrap();
}

#[test]
fn flipped_bits_are_noticed_or_without_effect() {
    let image = image("corruption::flipped_bits_are_noticed_or_without_effect");
    let image = image.path();
    let sound = Scratch::new("sound");
    copy_store(image, sound.path());
    assert_eq!(
        outcome(sound.path(), Path::new("nothing")),
        Outcome::Unharmed
    );
    let mut noticed = 0;
    for (index, file) in files(image).iter().enumerate() {
        let file = file.strip_prefix(image).unwrap();
        for flip_index in 0..FLIPS_PER_FILE {
            let dice = mix(SEED + 1_000 * index as u64 + flip_index);
            let outcome = check(image, file, |file| flip(file, dice, flip_index % 2 == 1));
            noticed += u64::from(outcome != Outcome::Unharmed);
        }
    }
    assert!(
        noticed > 2 * FLIPS_PER_FILE,
        "only {noticed} flips were noticed"
    );
}

#[test]
fn cut_files_are_noticed() {
    let image = image("corruption::cut_files_are_noticed");
    let image = image.path();
    let mut noticed = 0;
    for file in files(image) {
        let file = file.strip_prefix(image).unwrap();
        for quarters in 0..4 {
            if check(image, file, |file| cut(file, quarters)) == Outcome::Unharmed {
                // Then it is a file that nothing needs: the lock, or an old list of tables.
                let without = check(image, file, |file| fs::remove_file(file).unwrap());
                assert_eq!(
                    without,
                    Outcome::Unharmed,
                    "{} cut to {quarters}/4",
                    file.display()
                );
            } else {
                noticed += 1;
            }
        }
    }
    assert!(noticed > 20, "only {noticed} cuts were noticed");
}
