//! Thread that waits for the kernel to tell of pressure. It sleeps until then.

use crossbeam_channel::Sender;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::event::PoolEvent;
use super::thread::spawn;
use super::throttle::PressureLimit;
use crate::os::pressure::{PressureResource, PressureTrigger};

/// Starts the thread if the kernel tells of any of these limits. Returns the resources that it
/// tells of: without a thread, none.
pub(super) fn start(limits: &[PressureLimit], events: &Sender<PoolEvent>) -> Vec<PressureResource> {
    let trigger = |limit: &PressureLimit| Some((limit.resource, limit.file.trigger(limit.below)?));
    let triggers: Vec<_> = limits.iter().filter_map(trigger).collect();
    let watched: Vec<_> = triggers.iter().map(|(resource, _)| *resource).collect();
    let events = events.clone();
    if watched.is_empty() || spawn("pressure".to_owned(), move || watch(triggers, &events)).is_err()
    {
        return Vec::new();
    }
    watched
}

/// Sends events until the run is over or no trigger is left.
fn watch(mut triggers: Vec<(PressureResource, PressureTrigger)>, events: &Sender<PoolEvent>) {
    while !triggers.is_empty() {
        let watched = triggers.iter();
        let mut fds: Vec<PollFd<'_>> = watched
            .map(|(_, trigger)| PollFd::new(trigger, PollFlags::PRI))
            .collect();
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return,
        }
        let flags: Vec<PollFlags> = fds.iter().map(PollFd::revents).collect();
        let mut flags = flags.into_iter();
        let mut is_over = false;
        triggers.retain(|(resource, _)| {
            let flags = flags.next().unwrap_or(PollFlags::empty());
            // The control group is gone.
            let is_gone = flags.contains(PollFlags::ERR);
            if flags.contains(PollFlags::PRI) && !is_gone {
                is_over |= events.send(PoolEvent::Pressure(*resource)).is_err();
            }
            !is_gone
        });
        if is_over {
            return;
        }
    }
}
