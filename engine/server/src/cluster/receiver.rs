//! A link that another node's core dialled: answers its pings, delivers its letters.

use std::future::poll_fn;
use std::task::{Context, Poll};

use node::{CoreId, Message, read_letter};

use super::board::add;
use super::channel::Channel;
use super::error::LinkError;
use super::frame::{Frame, Kind, append_body};
use super::greeting::{Caller, Receiving, refusal};
use super::limits::{
    DELIVERY_RETRY, DELIVERY_TRIES_MAX, FRAME_BYTES_MAX, GREETING_BYTES_MAX, GREETING_TIMEOUT,
    LETTERS_PER_TURN_MAX, READ_BYTES,
};
use super::links::Links;
use super::pulse::{Beat, Pulse};
use super::sockets::{secure, within};
use crate::connection::Stream;
use crate::runtime::timers;

/// Greets whoever called; it is a core of another node, or it is told why not.
pub(super) async fn welcome(
    links: &Links,
    mut stream: Stream,
) -> Result<(Caller, Channel), LinkError> {
    if let Some(tls) = links.tls() {
        secure(&mut stream, tls.receive()).await?;
    }
    let mut channel = Channel::new(stream, READ_BYTES);
    let greeted = within(GREETING_TIMEOUT, greet(links, &mut channel)).await;
    match greeted.unwrap_or(Err(LinkError::TooLate)) {
        Ok(caller) => Ok((caller, channel)),
        Err(error) => {
            if error.is_for_the_other() {
                // Said as well as can be, and not for long: the connection ends anyway.
                let _ = within(GREETING_TIMEOUT, channel.send(&refusal(&error))).await;
            }
            Err(error)
        }
    }
}

async fn greet(links: &Links, channel: &mut Channel) -> Result<Caller, LinkError> {
    let (kind, body) = channel.frame(GREETING_BYTES_MAX).await?;
    let hello = Frame { kind, body: &body };
    let (receiving, challenge) =
        Receiving::begin(links.identity(), links.secret(), &hello, links.nonce()?)?;
    channel.send(&challenge).await?;
    let (kind, body) = channel.frame(GREETING_BYTES_MAX).await?;
    let (caller, proof) = receiving.finish(&Frame { kind, body: &body })?;
    channel.send(&proof).await?;
    Ok(caller)
}

/// A link that stands.
pub(super) struct Receiver {
    pub(super) links: Links,
    pub(super) channel: Channel,
}

impl Receiver {
    /// Serves it; why it ended.
    pub(super) async fn serve(mut self) -> LinkError {
        let mut pulse = Pulse::new();
        loop {
            if let Err(error) = poll_fn(|context| self.poll_heard(context, &mut pulse)).await {
                return error;
            }
            if let Err(error) = self.take_frames().await {
                if error.is_for_the_other() {
                    let _ = within(DELIVERY_RETRY, self.channel.send(&refusal(&error))).await;
                }
                return error;
            }
        }
    }

    /// Ready once something came; meanwhile what is to be said is said.
    fn poll_heard(
        &mut self,
        context: &mut Context<'_>,
        pulse: &mut Pulse,
    ) -> Poll<Result<(), LinkError>> {
        while let Poll::Ready(beat) = pulse.poll_beat(context) {
            if beat == Beat::Dead {
                return Poll::Ready(Err(LinkError::Silent));
            }
        }
        if let Poll::Ready(Err(error)) = self.channel.poll_flush(context) {
            return Poll::Ready(Err(error.into()));
        }
        self.channel.poll_fill(context).map(|filled| {
            pulse.heard();
            match filled? {
                0 => Err(LinkError::Closed),
                _ => Ok(()),
            }
        })
    }

    async fn take_frames(&mut self) -> Result<(), LinkError> {
        let mut letters = 0;
        while let Some(frame) = self.channel.take(FRAME_BYTES_MAX)? {
            match frame.kind {
                Kind::Letter => {
                    let (to, message) = read_letter(frame.body)
                        .map_err(|error| LinkError::Nonsense(error.to_string()))?;
                    self.deliver(to, message).await;
                    letters += 1;
                    if letters % LETTERS_PER_TURN_MAX == 0 {
                        glommio::executor().yield_now().await;
                    }
                }
                Kind::Ping => append_body(self.channel.output(), Kind::Pong, &[]),
                Kind::Refusal => {
                    return Err(LinkError::Refused(
                        String::from_utf8_lossy(frame.body).into(),
                    ));
                }
                other => {
                    return Err(LinkError::Nonsense(format!("it sends {other:?} on a link")));
                }
            }
        }
        Ok(())
    }

    /// Delivers a letter. Where there is no room it waits a little, and the other node with it: nothing more is read.
    async fn deliver(&self, to: CoreId, message: Message) {
        let mut message = Box::new(message);
        add(&self.links.meters().received, 1);
        for _ in 0..DELIVERY_TRIES_MAX {
            match self.links.post().deliver(to, message) {
                Ok(()) => return,
                Err(back) => message = back,
            }
            timers::sleep(DELIVERY_RETRY).await;
        }
        add(&self.links.meters().lost, 1);
    }
}
