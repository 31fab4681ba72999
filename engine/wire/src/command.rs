//! Commands of players, many in a frame: what names are repeated stands once in front.

use std::collections::BTreeMap;

use bincode::{BorrowDecode, Encode};
use hunt::{Action, Attempt, ClueId, Command, HuntId, PlayerId, RequestId, TreasureId};

use crate::WireError;
use crate::codec::{self, Body};
use crate::frame::{self, Kind};

/// Commands of one frame.
pub const COMMANDS_PER_FRAME_MAX: usize = 8_190;

/// Names of hunts, clues and treasures in one frame: at most two for each command.
const NAMES_PER_FRAME_MAX: usize = 2 * COMMANDS_PER_FRAME_MAX;

/// Commands that are answered together. Each has its own fate.
#[derive(Clone, Debug)]
pub struct Commands {
    /// Names the frame; its answer repeats it.
    pub id: u64,
    /// Joins, solves and claims; what operators do is not on this protocol.
    pub commands: Vec<Command>,
}

/// A command's action as it is written; numbers are places in the frame's list of names.
#[derive(Encode, BorrowDecode)]
enum WireAction<'a> {
    Join,
    Answer {
        clue: u32,
        text: &'a str,
    },
    CheckIn {
        clue: u32,
        lat: f64,
        lon: f64,
        accuracy_m: f64,
    },
    Scan {
        clue: u32,
        code: &'a str,
    },
    Claim {
        treasure: u32,
    },
}

#[derive(Encode, BorrowDecode)]
struct WireCommand<'a> {
    hunt: u32,
    player: &'a str,
    request: &'a str,
    action: WireAction<'a>,
}

/// The names of a frame while it is written.
#[derive(Default)]
struct Names<'a> {
    list: Vec<&'a str>,
    known: BTreeMap<&'a str, u32>,
}

impl<'a> Names<'a> {
    fn place(&mut self, name: &'a str) -> u32 {
        let next = self.list.len() as u32;
        *self.known.entry(name).or_insert_with(|| {
            self.list.push(name);
            next
        })
    }
}

impl Commands {
    /// Appends commands as a frame under this id, without owning them; on an error nothing is appended.
    ///
    /// # Errors
    /// There are too many, one can't be sent ([`command_bytes_max`]), or together they are too long for a frame.
    pub fn append_all<'a>(
        buffer: &mut Vec<u8>,
        id: u64,
        commands: impl ExactSizeIterator<Item = &'a Command>,
    ) -> Result<(), WireError> {
        frame::append(buffer, Kind::Commands, |body| {
            Self::append_body(body, id, commands)
        })
    }

    pub(crate) fn append(&self, bytes: &mut Vec<u8>) -> Result<(), WireError> {
        Self::append_body(bytes, self.id, self.commands.iter())
    }

    fn append_body<'a>(
        bytes: &mut Vec<u8>,
        id: u64,
        commands: impl ExactSizeIterator<Item = &'a Command>,
    ) -> Result<(), WireError> {
        if commands.len() > COMMANDS_PER_FRAME_MAX {
            return Err(WireError::malformed(format_args!(
                "{} commands in a frame: send at most {COMMANDS_PER_FRAME_MAX}",
                commands.len()
            )));
        }
        let mut names = Names::default();
        let commands = commands
            .map(|command| to_wire(command, &mut names))
            .collect::<Result<Vec<_>, _>>()?;
        codec::append(bytes, &id)?;
        codec::append(bytes, &names.list)?;
        codec::append(bytes, &(commands.len() as u64))?;
        for command in &commands {
            codec::append(bytes, command)?;
        }
        Ok(())
    }

    /// The frame's id, also where the rest is broken: so that the error can name it.
    pub(crate) fn id(bytes: &[u8]) -> Option<u64> {
        Body(bytes).take().ok()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut body = Body(bytes);
        let id = body.take()?;
        let named = body.take_count("names", NAMES_PER_FRAME_MAX)?;
        let mut names: Vec<&str> = Vec::with_capacity(named);
        for _ in 0..named {
            names.push(body.take()?);
        }
        let count = body.take_count("commands", COMMANDS_PER_FRAME_MAX)?;
        let mut commands = Vec::with_capacity(count);
        for index in 0..count {
            let wire: WireCommand<'_> = body.take()?;
            let command = from_wire(&wire, &names).map_err(|fault| {
                WireError::malformed(format_args!("command {index} of the frame: {fault}"))
            })?;
            commands.push(command);
        }
        body.close()?;
        Ok(Self { id, commands })
    }
}

/// Bytes that a command takes in a frame at most: a frame holds [`crate::FRAME_BYTES_MAX`]. Whatever passes this is not
/// refused as malformed, and so does not take its frame with it.
///
/// # Errors
/// It is an operator's, or a check-in nowhere on earth.
pub fn command_bytes_max(command: &Command) -> Result<usize, WireError> {
    let mut bytes = FIXED_BYTES + command.hunt.as_str().len() + command.request.as_str().len();
    match &command.action {
        Action::Join { .. } => {}
        Action::Solve { clue, attempt, .. } => {
            bytes += clue.as_str().len();
            match attempt {
                Attempt::Answer(text) | Attempt::Scan(text) => bytes += text.len(),
                Attempt::CheckIn {
                    lat,
                    lon,
                    accuracy_m,
                } => {
                    check_in(*lat, *lon, *accuracy_m).map_err(WireError::malformed)?;
                }
            }
        }
        Action::Claim { treasure, .. } => bytes += treasure.as_str().len(),
        Action::Put { .. }
        | Action::Open
        | Action::Freeze
        | Action::Close
        | Action::Restock { .. } => return Err(operators()),
    }
    Ok(bytes
        + command
            .action
            .player()
            .map_or(0, |player| player.as_str().len()))
}

/// What a command takes beside its texts, at most: five lengths, two places, two tags, three numbers.
const FIXED_BYTES: usize = 5 * 9 + 2 * 5 + 2 + 3 * 8;

fn operators() -> WireError {
    WireError::malformed("an operator's command can't be sent on this protocol: use the HTTP API")
}

fn to_wire<'a>(command: &'a Command, names: &mut Names<'a>) -> Result<WireCommand<'a>, WireError> {
    let hunt = names.place(command.hunt.as_str());
    let (player, action) = match &command.action {
        Action::Join { player } => (player, WireAction::Join),
        Action::Solve {
            player,
            clue,
            attempt,
        } => (player, attempt_to_wire(names.place(clue.as_str()), attempt)),
        Action::Claim { player, treasure } => {
            let treasure = names.place(treasure.as_str());
            (player, WireAction::Claim { treasure })
        }
        Action::Put { .. }
        | Action::Open
        | Action::Freeze
        | Action::Close
        | Action::Restock { .. } => return Err(operators()),
    };
    Ok(WireCommand {
        hunt,
        player: player.as_str(),
        request: command.request.as_str(),
        action,
    })
}

fn attempt_to_wire(clue: u32, attempt: &Attempt) -> WireAction<'_> {
    match attempt {
        Attempt::Answer(text) => WireAction::Answer { clue, text },
        Attempt::CheckIn {
            lat,
            lon,
            accuracy_m,
        } => WireAction::CheckIn {
            clue,
            lat: *lat,
            lon: *lon,
            accuracy_m: *accuracy_m,
        },
        Attempt::Scan(code) => WireAction::Scan { clue, code },
    }
}

fn from_wire(wire: &WireCommand<'_>, names: &[&str]) -> Result<Command, String> {
    let player = PlayerId::new(wire.player).map_err(|error| format!("the player: {error}"))?;
    let clue = |place| named(names, place, "the clue", ClueId::new);
    let action = match &wire.action {
        WireAction::Join => Action::Join { player },
        WireAction::Answer { clue: place, text } => Action::Solve {
            player,
            clue: clue(*place)?,
            attempt: Attempt::Answer((*text).to_owned()),
        },
        WireAction::CheckIn {
            clue: place,
            lat,
            lon,
            accuracy_m,
        } => Action::Solve {
            player,
            clue: clue(*place)?,
            attempt: check_in(*lat, *lon, *accuracy_m)?,
        },
        WireAction::Scan { clue: place, code } => Action::Solve {
            player,
            clue: clue(*place)?,
            attempt: Attempt::Scan((*code).to_owned()),
        },
        WireAction::Claim { treasure } => Action::Claim {
            player,
            treasure: named(names, *treasure, "the treasure", TreasureId::new)?,
        },
    };
    Ok(Command {
        hunt: named(names, wire.hunt, "the hunt", HuntId::new)?,
        request: RequestId::new(wire.request)
            .map_err(|error| format!("the request id: {error}"))?,
        action,
    })
}

fn named<T>(
    names: &[&str],
    place: u32,
    what: &str,
    make: impl Fn(&str) -> Result<T, hunt::IdError>,
) -> Result<T, String> {
    let name = names
        .get(place as usize)
        .ok_or_else(|| format!("{what} is name {place} of {}", names.len()))?;
    make(name).map_err(|error| format!("{what}: {error}"))
}

fn check_in(lat: f64, lon: f64, accuracy_m: f64) -> Result<Attempt, String> {
    let within = |value: f64, max: f64| value.abs() <= max;
    if within(lat, 90.0) && within(lon, 180.0) && accuracy_m >= 0.0 && accuracy_m.is_finite() {
        Ok(Attempt::CheckIn {
            lat,
            lon,
            accuracy_m,
        })
    } else {
        Err(format!(
            "lat {lat}, lon {lon}, accuracy {accuracy_m} m: lat is -90 to 90, lon -180 to 180, accuracy at least 0"
        ))
    }
}
