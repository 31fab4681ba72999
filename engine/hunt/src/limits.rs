//! Every limit of a hunt, by name, and what must hold between them.

/// Bytes of an id.
pub const ID_BYTES_MAX: usize = 64;

/// Bytes of a definition as JSON.
pub const DEFINITION_BYTES_MAX: usize = 512 * 1024;

/// Clues of a hunt.
pub const CLUES_MAX: usize = 1_000;

/// Treasures of a hunt.
pub const TREASURES_MAX: usize = 1_000;

/// Answers, or codes, of one clue.
pub const ANSWERS_PER_CLUE_MAX: usize = 64;

/// Bytes of an answer or a code in a definition.
pub const ANSWER_BYTES_MAX: usize = 256;

/// Bytes of an attempt that are looked at; a longer one is wrong.
pub const ATTEMPT_BYTES_MAX: usize = 1_024;

/// Bytes of a title.
pub const TITLE_BYTES_MAX: usize = 256;

/// Bytes of a clue's text.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;

/// Points of a clue.
pub const POINTS_MAX: u32 = 1_000_000;

/// Units of a treasure, with all that is added. Every JSON reader can hold it exactly.
pub const STOCK_MAX: u64 = (1 << 53) - 1;

/// Units that one player may get, over all treasures of a hunt.
pub const GRANTS_PER_PLAYER_MAX: u64 = 1_500;

/// Wrong guesses per clue that a definition may allow.
pub const GUESSES_PER_CLUE_MAX: u32 = 1_000_000;

/// Milliseconds between guesses that a definition may ask for: a day.
pub const COOLDOWN_MS_MAX: u32 = 24 * 60 * 60 * 1_000;

/// Metres of a check-in's radius and accuracy.
pub const RADIUS_M_MAX: f64 = 100_000.0;

/// Metres of accuracy that a check-in needs, if its clue does not say.
pub const ACCURACY_M_DEFAULT: f64 = 100.0;

/// Faults that are listed; further ones are counted.
pub const FAULTS_MAX: usize = 100;

/// Requests of one player that are remembered.
pub const REQUESTS_PER_PLAYER_MAX: usize = 32;

/// Requests of a hunt's operators that are remembered.
pub const REQUESTS_PER_HUNT_MAX: usize = 128;

/// Bytes of a player's row at most, however long one plays.
pub const PLAYER_ROW_BYTES_MAX: usize = 90_000;

const SOLVE_ROW_BYTES_MAX: usize = 3 + 9 + 9;
const GUESS_ROW_BYTES_MAX: usize = 3 + 5 + 9;
const GRANT_ROW_BYTES_MAX: usize = 3 + 9 + 9 + 9;
const REQUEST_ROW_BYTES_MAX: usize = 8 + 8 + 9;

const _: () = assert!(
    CLUES_MAX * (SOLVE_ROW_BYTES_MAX + GUESS_ROW_BYTES_MAX)
        + GRANTS_PER_PLAYER_MAX as usize * GRANT_ROW_BYTES_MAX
        + REQUESTS_PER_PLAYER_MAX * REQUEST_ROW_BYTES_MAX
        + 256
        <= PLAYER_ROW_BYTES_MAX,
    "the row of a player who did all that a hunt allows must fit one stored value"
);
const _: () = assert!(
    CLUES_MAX < u16::MAX as usize,
    "the index of a clue is a u16"
);
const _: () = assert!(
    TREASURES_MAX < u16::MAX as usize,
    "the index of a treasure is a u16"
);
const _: () = assert!(
    TREASURES_MAX as u64 <= GRANTS_PER_PLAYER_MAX,
    "one unit of each treasure must be allowed"
);
const _: () = assert!(
    ANSWER_BYTES_MAX <= ATTEMPT_BYTES_MAX,
    "an answer must be short enough to be given"
);
