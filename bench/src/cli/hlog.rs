//! Response times as an HdrHistogram log, which other tools read: a line for each second, tagged by run.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};

use crate::error::BenchError;
use crate::load::Measured;
use crate::outcome::Run;

/// The log's column of maxima is in milliseconds, values in nanoseconds.
const NS_PER_MS: f64 = 1e6;

/// A log that is being written.
pub(super) struct Hlog {
    path: PathBuf,
    out: BufWriter<File>,
    started: SystemTime,
}

impl Hlog {
    pub(super) fn create(path: &Path, command: &str) -> Result<Self, BenchError> {
        let failed = || BenchError::io(format!("writing {}", path.display()));
        let mut out = BufWriter::new(File::create(path).map_err(failed())?);
        let started = SystemTime::now();
        let mut serializer = V2DeflateSerializer::new();
        IntervalLogWriterBuilder::new()
            .add_comment(command)
            .add_comment("response times in nanoseconds, by the second in which the answer came")
            .with_start_time(started)
            .with_base_time(started)
            .with_max_value_divisor(NS_PER_MS)
            .begin_log_with(&mut out, &mut serializer)
            .map_err(failed())?;
        Ok(Self {
            path: path.to_owned(),
            out,
            started,
        })
    }

    /// Appends a run that ended just now.
    pub(super) fn append(&mut self, run: &Run, measured: &Measured) -> Result<(), BenchError> {
        let path = self.path.display().to_string();
        let failed = || BenchError::io(format!("writing {path}"));
        let text = tag(run);
        let ended = self.started.elapsed().unwrap_or_default();
        let began = ended.saturating_sub(Duration::from_secs(measured.seconds.len() as u64));
        let mut serializer = V2DeflateSerializer::new();
        // A builder writes a head only for what it is told: this one goes on with a log that has one.
        let mut builder = IntervalLogWriterBuilder::new();
        builder.with_max_value_divisor(NS_PER_MS);
        let mut writer = builder
            .begin_log_with(&mut self.out, &mut serializer)
            .map_err(failed())?;
        for (second, seen) in measured.seconds.iter().enumerate() {
            let start = began + Duration::from_secs(second as u64);
            let tag = Tag::new(&text);
            writer
                .write_histogram(&seen.response, start, Duration::from_secs(1), tag)
                .map_err(|error| {
                    BenchError::Untrue(format!("a histogram can't be written: {error:?}"))
                })?;
        }
        self.out.flush().map_err(failed())
    }
}

/// A run's name, without what a tag may not have.
fn tag(run: &Run) -> String {
    let name = format!("{}@{}#{}", run.label, run.rate.text(), run.round);
    name.replace([',', ' '], ";")
}
