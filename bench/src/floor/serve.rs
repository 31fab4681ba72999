//! The server as a whole.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use super::framing::Protocol;
use super::log::Log;
use super::mailbox::{Mailbox, Told, mailbox};
use super::worker::Worker;

/// How often the end is looked for.
const POLL: Duration = Duration::from_millis(20);

/// How the floor is served.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What is spoken.
    pub protocol: Protocol,
    /// Where.
    pub listen: SocketAddr,
    /// The file that is written and synced; it must not be there.
    pub log: PathBuf,
    /// Threads that read and answer.
    pub workers: usize,
}

/// Serves until `stop`; returns how many claims were synced.
///
/// # Errors
/// The file or the address can't be had, or the disk fails.
pub fn serve(settings: &Settings, stop: &AtomicBool) -> io::Result<u64> {
    let log = Arc::new(Log::create(&settings.log)?);
    let listener = TcpListener::bind(settings.listen)?;
    listener.set_nonblocking(true)?;
    let workers: Vec<Mailbox> = (0..settings.workers)
        .map(|number| start(number, settings.protocol, &log))
        .collect::<io::Result<_>>()?;
    let (syncing, mailboxes) = (Arc::clone(&log), workers.clone());
    let committer = thread::spawn(move || syncing.run(&mailboxes));
    let mut next = workers.iter().cycle();
    while !stop.load(Relaxed) {
        if committer.is_finished() {
            return committer
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                .and(Err(io::Error::other("a worker ended")));
        }
        match listener.accept() {
            Ok((stream, _)) => {
                next.next().map(|worker| worker.tell(Told::Client(stream)));
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(POLL),
            Err(error) => return Err(error),
        }
    }
    Ok(log.synced())
}

fn start(number: usize, protocol: Protocol, log: &Arc<Log>) -> io::Result<Mailbox> {
    let (mailbox, inbox) = mailbox()?;
    let mut worker = Worker::new(number, protocol, Arc::clone(log), inbox)?;
    thread::spawn(move || {
        if let Err(error) = worker.run() {
            // Its mailbox goes with it, which ends the log's thread and then the server.
            eprintln!("a worker of the floor ended: {error}");
        }
    });
    Ok(mailbox)
}
