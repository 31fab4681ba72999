//! A reader of the engine's feed, over HTTP or the wire protocol: how far behind it is, and how fast it catches up.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hdrhistogram::Histogram;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use wire::{Credit, FEED_CREDIT_MAX, FromClient, FromServer, Position, Subscribe};

use crate::error::BenchError;
use crate::load::new_histogram;
use crate::outcome::{FeedSeen, Percentiles};
use crate::peer::Kind;
use crate::protocol::Shake;
use crate::protocol::http::parse_answer;
use crate::protocol::wire::{greet, split};

/// How long news is waited for before the reader looks whether it shall stop.
const WAIT: Duration = Duration::from_millis(200);

/// Events of a page over HTTP.
const PAGE: usize = 10_000;

/// Credit is given again once half of it is used.
const CREDIT_STEP: u32 = FEED_CREDIT_MAX / 2;

/// The longest that a server may keep a reader waiting.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was read while the load went on.
#[derive(Debug)]
pub struct Followed {
    lag: Histogram<u64>,
    events: u64,
    end: Option<String>,
}

/// Reads the feed until `stop` is set and nothing more comes.
pub fn follow(
    kind: Kind,
    address: SocketAddr,
    token: &str,
    since_ms: u64,
    stop: &AtomicBool,
) -> Result<Followed, BenchError> {
    let mut reader = Reader::open(kind, address, token)?;
    let mut followed = Followed {
        lag: new_histogram(3),
        events: 0,
        end: None,
    };
    loop {
        let is_last = stop.load(Relaxed);
        let times = reader.read()?;
        if is_last && times.is_empty() {
            followed.end = reader.position();
            return Ok(followed);
        }
        let now = wall_ms();
        // What is older than the run was there before it.
        for at in times.into_iter().filter(|at| *at >= since_ms) {
            let lag_ms = now.saturating_sub(at);
            followed.lag.saturating_record(lag_ms * 1_000_000);
            followed.events += 1;
        }
    }
}

impl Followed {
    /// Reads all from the beginning to where the first reader stopped, and says what both saw.
    pub fn catch_up(
        self,
        kind: Kind,
        address: SocketAddr,
        token: &str,
    ) -> Result<FeedSeen, BenchError> {
        let mut reader = Reader::open(kind, address, token)?;
        let (started, mut events) = (Instant::now(), 0);
        let mut read_for = Duration::ZERO;
        while reader.position() != self.end {
            let times = reader.read()?;
            if times.is_empty() {
                break;
            }
            events += times.len() as u64;
            read_for = started.elapsed();
        }
        let seconds = read_for.as_secs_f64();
        Ok(FeedSeen {
            events: self.events,
            lag_us: Percentiles::of(&self.lag),
            catch_up_events: events,
            catch_up_per_s: if events == 0 {
                0.0
            } else {
                (events as f64 / seconds).round()
            },
        })
    }
}

/// Milliseconds since 1970.
pub fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}

enum Reader {
    Http {
        shake: Shake,
        token: String,
        position: Option<String>,
    },
    Wire {
        shake: Shake,
        position: Position,
        used: u32,
    },
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    events: Vec<HttpEvent<'a>>,
    position: &'a str,
}

#[derive(Deserialize)]
struct HttpEvent<'a> {
    at: &'a str,
}

impl Reader {
    fn open(kind: Kind, address: SocketAddr, token: &str) -> Result<Self, BenchError> {
        if kind != Kind::Wire {
            return Ok(Self::Http {
                shake: Shake::connect(address)?,
                token: token.to_owned(),
                position: None,
            });
        }
        let (mut shake, _) = greet(address, token)?;
        let position = Position::default();
        say(
            &mut shake,
            &FromClient::Subscribe(Subscribe {
                id: 1,
                after: position,
                credit: FEED_CREDIT_MAX,
            }),
        )?;
        shake.patience(WAIT)?;
        Ok(Self::Wire {
            shake,
            position,
            used: 0,
        })
    }

    /// Where it is; none at the beginning.
    fn position(&self) -> Option<String> {
        match self {
            Self::Http { position, .. } => position.clone(),
            Self::Wire { position, .. } if *position == Position::default() => None,
            Self::Wire { position, .. } => Some(format!("{position:?}")),
        }
    }

    /// The times of the next events; none if nothing came for a while.
    fn read(&mut self) -> Result<Vec<u64>, BenchError> {
        match self {
            Self::Http {
                shake,
                token,
                position,
            } => read_http(shake, token, position),
            Self::Wire {
                shake,
                position,
                used,
            } => read_wire(shake, position, used),
        }
    }
}

fn read_http(
    shake: &mut Shake,
    token: &str,
    position: &mut Option<String>,
) -> Result<Vec<u64>, BenchError> {
    let after = position
        .as_ref()
        .map_or_else(String::new, |position| format!("&after={position}"));
    let wait_ms = WAIT.as_millis();
    let request = format!(
        "GET /v1/feed?limit={PAGE}&wait_ms={wait_ms}{after} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    shake.say(request.as_bytes())?;
    let (times, next) = shake.hear(|input| {
        let Some((answer, used)) = parse_answer(input)? else {
            return Ok(None);
        };
        let page: Page<'_> = serde_json::from_slice(answer.body).map_err(|error| {
            let said = String::from_utf8_lossy(answer.body);
            format!("the feed answered {}: {error}: {said:.200}", answer.status)
        })?;
        let times = page.events.iter().map(|event| millis(event.at));
        let times = times.collect::<Result<Vec<_>, _>>()?;
        Ok(Some(((times, page.position.to_owned()), used)))
    })?;
    if !times.is_empty() {
        *position = Some(next);
    }
    Ok(times)
}

fn millis(text: &str) -> Result<u64, String> {
    let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|error| format!("{text}: {error}"))?;
    Ok((at.unix_timestamp_nanos() / 1_000_000) as u64)
}

fn read_wire(
    shake: &mut Shake,
    position: &mut Position,
    used: &mut u32,
) -> Result<Vec<u64>, BenchError> {
    let message = match shake.hear(split) {
        Ok(message) => message,
        Err(BenchError::Io { source, .. }) if is_silence(&source) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let FromServer::Events(events) = message else {
        return Err(BenchError::Target(format!("the feed said {message:?}")));
    };
    *position = events.position;
    *used += events.events.len() as u32;
    if *used >= CREDIT_STEP {
        shake.patience(PATIENCE)?;
        say(
            shake,
            &FromClient::Credit(Credit {
                id: 1,
                events: *used,
            }),
        )?;
        shake.patience(WAIT)?;
        *used = 0;
    }
    Ok(events.events.iter().map(|event| event.at).collect())
}

fn is_silence(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn say(shake: &mut Shake, message: &FromClient) -> Result<(), BenchError> {
    let mut frame = Vec::new();
    message
        .append(&mut frame)
        .map_err(|error| BenchError::Target(error.to_string()))?;
    shake.say(&frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_events_are_read_to_the_millisecond() {
        assert_eq!(millis("1970-01-01T00:00:01.234Z"), Ok(1_234));
        assert!(millis("yesterday").is_err());
    }
}
