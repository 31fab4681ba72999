//! The task of one link: dials, greets, sends what waits, and dials again when that ends, less and less often.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::address::resolve;
use super::board::{LinkState, add};
use super::channel::Channel;
use super::error::LinkError;
use super::frame::{Frame, Kind, append_body};
use super::greeting::{Dialling, expect, refusal};
use super::limits::{
    FRAME_BYTES_MAX, GREETING_BYTES_MAX, GREETING_TIMEOUT, KEPT_BYTES, REDIAL_MAX, REDIAL_MIN,
};
use super::link::Link;
use super::links::Links;
use super::pulse::{Beat, Pulse};
use super::sockets::{connect, secure, within};
use crate::connection::give_back;
use crate::runtime::timers;

/// Bytes taken from the kernel at once: nothing comes but signs of life.
const PONGS_BYTES: usize = 512;

/// A link that stood for so long was sound: when it breaks, the node is dialled again at once.
const SOUND_AFTER: Duration = Duration::from_secs(1);

/// Keeps the link up for as long as the node is wanted.
pub(super) async fn keep(links: Links, link: Rc<Link>) {
    let mut pause = REDIAL_MIN;
    while link.is_wanted() {
        let begun = Instant::now();
        let error = dial(&links, &link).await;
        let (was_up, lost) = link.go_down();
        add(&links.meters().lost, lost);
        if !link.is_wanted() {
            break;
        }
        let state = LinkState::Down(error.to_string());
        links.board().set(link.node, links.identity().core, state);
        let whom = format!("node {:x} at {}", link.node.0, link.address());
        link.complaints.complain(&whom, &error);
        if was_up {
            links.post().lost_way_to(link.node);
            if begun.elapsed() >= SOUND_AFTER {
                pause = REDIAL_MIN;
            }
        }
        // Nodes that broke apart at one moment must not meet at one moment for ever.
        timers::sleep(pause / 2 + pause.mul_f64(links.chance() / 2.0)).await;
        pause = (pause * 2).min(REDIAL_MAX);
    }
}

/// Dials and serves the link; why it ended.
async fn dial(links: &Links, link: &Rc<Link>) -> LinkError {
    match meet(links, link).await {
        Err(error) => error,
        // The node left meanwhile, and may be back with another link.
        Ok(_) if !link.is_wanted() => LinkError::Left,
        Ok(channel) => {
            let _open = links.count_open();
            link.come_up();
            link.complaints.settle();
            links
                .board()
                .set(link.node, links.identity().core, LinkState::Up);
            tracing::info!(node = %format_args!("{:x}", link.node.0), "linked to another node");
            let mut sending = Sending {
                channel,
                links,
                link,
                pulse: Pulse::new(),
            };
            poll_fn(|context| sending.poll(context)).await
        }
    }
}

async fn meet(links: &Links, link: &Link) -> Result<Channel, LinkError> {
    let address = resolve(links.bridge(), &link.address()).await?;
    let mut stream = connect(address).await?;
    if let Some(tls) = links.tls() {
        secure(&mut stream, tls.dial(&link.address())).await?;
    }
    let mut channel = Channel::new(stream, PONGS_BYTES);
    let greeted = within(GREETING_TIMEOUT, greet(links, link, &mut channel)).await;
    match greeted.unwrap_or(Err(LinkError::TooLate)) {
        Ok(()) => Ok(channel),
        Err(error) => {
            if error.is_for_the_other() {
                // Said as well as can be: the connection ends anyway.
                let _ = channel.send(&refusal(&error)).await;
            }
            Err(error)
        }
    }
}

async fn greet(links: &Links, link: &Link, channel: &mut Channel) -> Result<(), LinkError> {
    let nonce = links.nonce()?;
    let (mut dialling, hello) = Dialling::begin(links.identity(), links.secret(), link.node, nonce);
    channel.send(&hello).await?;
    let (kind, body) = channel.frame(GREETING_BYTES_MAX).await?;
    let proof = dialling.challenged(&Frame { kind, body: &body })?;
    channel.send(&proof).await?;
    let (kind, body) = channel.frame(GREETING_BYTES_MAX).await?;
    dialling.finish(&Frame { kind, body: &body })
}

/// A link that is up.
struct Sending<'a> {
    channel: Channel,
    links: &'a Links,
    link: &'a Link,
    pulse: Pulse,
}

impl Sending<'_> {
    /// Ready with the reason for its end.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<LinkError> {
        match self.go_on(context) {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(error),
        }
    }

    fn go_on(&mut self, context: &mut Context<'_>) -> Result<(), LinkError> {
        while let Poll::Ready(beat) = self.pulse.poll_beat(context) {
            match beat {
                Beat::Ask => append_body(self.channel.output(), Kind::Ping, &[]),
                Beat::Dead => return Err(LinkError::Silent),
            }
        }
        self.hear(context)?;
        let is_all_said = self.speak(context)?;
        if is_all_said && !self.link.is_wanted() {
            return Err(LinkError::Left);
        }
        Ok(())
    }

    /// Takes signs of life.
    fn hear(&mut self, context: &mut Context<'_>) -> Result<(), LinkError> {
        while let Poll::Ready(count) = self.channel.poll_fill(context)? {
            if count == 0 {
                return Err(LinkError::Closed);
            }
            while let Some(frame) = self.channel.take(FRAME_BYTES_MAX)? {
                expect(&frame, Kind::Pong)?;
                self.pulse.heard();
            }
        }
        Ok(())
    }

    /// Sends what waits, for as long as the kernel takes it; says whether it took all.
    fn speak(&mut self, context: &mut Context<'_>) -> Result<bool, LinkError> {
        loop {
            if self.channel.poll_flush(context)?.is_pending() {
                return Ok(false);
            }
            let output = self.channel.output();
            let letters = self
                .link
                .outbox()
                .borrow_mut()
                .take(output, context.waker());
            if output.is_empty() {
                give_back(output, KEPT_BYTES);
                return Ok(true);
            }
            add(&self.links.meters().sent, letters);
        }
    }
}
