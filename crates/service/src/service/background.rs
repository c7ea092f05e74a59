//! Which worker does what, in which room.

use std::sync::Arc;

use jiff::SignedDuration;

use super::Service;
use crate::Result;
use crate::workers::{Background, Fault, Pace, Workers};

impl Service {
    /// Starts the workers: finding contacts, deciding everybody, comparing proposals, sweeping due
    /// verdicts, delivering messages, keeping the mirror, noticing what other nodes did, counting,
    /// watching the clock, the keys and the deadlines of appeals, gathering figures for monitors, signing
    /// the log, forgetting what has ended or is over.
    pub fn spawn_workers(&self) -> Workers {
        let mut background = Background::new(
            Arc::clone(&self.workers),
            Arc::clone(&self.mirror),
            Arc::clone(&self.statistics),
        );
        self.add_what_is_woken(&mut background);
        self.add_what_follows_others(&mut background);
        self.add_upkeep(&mut background);
        background.start()
    }

    /// What somebody's request asks for.
    fn add_what_is_woken(&self, background: &mut Background) {
        let (wake, pace) = (&self.wake, Pace::at_length_every(5));
        let (tracing, proposals) = (&self.tracing, &self.publishing);
        background.add(
            "traces",
            pace,
            Some(&wake.traces),
            tracing,
            |room| async move { room.begin_traces().await.map(|_| false) },
        );
        let bell = Some(&wake.outer_rings);
        background.add("outer_rings", pace, bell, tracing, |room| async move {
            room.finish_traces().await.map(|_| false)
        });
        let (slow, bell) = (Pace::at_length_every(60), Some(&wake.everybody));
        let room = &self.reevaluation;
        background.add("everybody", slow, bell, room, |room| async move {
            let progress = room.decide_next_batch().await?;
            Ok(!progress.is_finished)
        });
        let bell = Some(&wake.proposals);
        background.add("proposals", pace, bell, proposals, |room| async move {
            room.compare_proposals().await.map(|_| false)
        });
        let people_per_batch = self.settings.people_per_batch;
        background.add(
            "sweep",
            pace,
            None,
            &self.verdicts,
            move |room| async move { room.sweep(people_per_batch).await.map(|_| false) },
        );
        let bell = Some(&wake.outbox);
        background.add("outbox", pace, bell, &self.outbox, |room| async move {
            room.deliver().await.map(|_| false)
        });
    }

    /// What follows the clock, the keys and the other nodes.
    fn add_what_follows_others(&self, background: &mut Background) {
        let (often, bell) = (Pace::every(1), Some(&self.wake.revoked));
        background.add(
            "revoked",
            often,
            bell,
            &self.revocations,
            |room| async move { room.refresh().await.map(|()| false) },
        );
        background.add("sessions", often, None, &self.sessions, |room| async move {
            room.follow_other_nodes().await.map(|()| false)
        });
        let room = &self.other_nodes;
        background.add(
            "other_nodes",
            Pace::every(5),
            None,
            room,
            |room| async move { room.notice().await.map(|()| false) },
        );
        let room = &self.key_keeper;
        background.add("keys", Pace::every(3), None, room, |room| async move {
            room.reload().await.map(|_| false)
        });
        background.add(
            "key_ends",
            Pace::every(3600),
            None,
            room,
            |room| async move { room.watch_ends().await.map(|()| false) },
        );
        let room = &self.node_watch;
        background.add("clock", Pace::every(10), None, room, |room| async move {
            room.watch_clock().await.map(|_| false)
        });
    }

    /// What is counted, copied, signed, sealed anew and forgotten.
    fn add_upkeep(&self, background: &mut Background) {
        let (minute, ten_minutes) = (Pace::every(60), Pace::every(600));
        let slow = Pace::at_length_every(60);
        background.add("mirror", slow, None, &self.mirror, |room| async move {
            room.refresh().await.map(|_| false)
        });
        let room = &self.statistics;
        background.add(
            "statistics",
            Pace::every(10),
            None,
            room,
            |room| async move { room.work().await },
        );
        background.add("vault", minute, None, &self.people, |room| async move {
            let sealed = room.reseal_next().await?;
            let found = room.reindex_next().await?;
            Ok(sealed.is_some_and(|rewrite| !rewrite.is_finished)
                || found.is_some_and(|rewrite| !rewrite.is_finished))
        });
        let room = &self.appeals;
        background.add("appeals", Pace::every(10), None, room, |room| async move {
            room.watch().await?;
            room.reseal_next().await
        });
        let room = &self.contradictions;
        background.add(
            "contradictions",
            ten_minutes,
            None,
            room,
            |room| async move {
                let resealed = room.reseal_next().await?;
                Ok(room.find_next().await? || resealed)
            },
        );
        background.add(
            "places",
            ten_minutes,
            None,
            &self.codes,
            |room| async move { room.forget_ended().await },
        );
        let accounts = Arc::clone(&self.accounts);
        let room = &self.leftovers;
        background.add("receipts", ten_minutes, None, room, move |room| {
            let accounts = Arc::clone(&accounts);
            async move {
                room.forget().await?;
                accounts.forget_codes().await.map(|()| false)
            }
        });
        background.add(
            "audit",
            Pace::every(1),
            None,
            &self.audit,
            |room| async move {
                let placed = room.checkpoint().await?;
                if placed > 0 {
                    room.watch_looks().await?;
                }
                Ok(placed > 0)
            },
        );
        let (room, pace) = (&self.figures, Pace::every(15));
        background.add("figures", pace, None, room, |room| async move {
            room.gather().await;
            Ok(false)
        });
        let slow = Pace::at_length_every(600);
        background.add("ends", slow, None, &self.forgetting, |room| async move {
            room.forget_next().await
        });
    }

    /// Decides again everybody whose verdict's time has come; how many there were.
    ///
    /// # Errors
    /// [`crate::ServiceError::NoPolicy`]; [`crate::ServiceError::Store`].
    pub async fn sweep(&self) -> Result<u64> {
        self.verdicts.sweep(self.settings.people_per_batch).await
    }

    /// Takes in what other nodes did: policies and levels, revoked codes, sessions, verdicts.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn notice_other_nodes(&self) -> Result<()> {
        self.other_nodes.notice().await
    }

    /// Takes in which accounts changed on other nodes: sessions that ended there end here.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn notice_ended_sessions(&self) -> Result<()> {
        self.sessions.follow_other_nodes().await
    }

    /// Forgets receipts, sessions of staff members, and what authorities drew, that are over for a day.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn forget_receipts(&self) -> Result<()> {
        self.leftovers.forget().await
    }

    /// Loads the keys that sign codes, and the trust list, again; whether they are others than before.
    /// A worker does this every few seconds.
    ///
    /// # Errors
    /// [`crate::ServiceError::Signing`] says what is wrong with them; those in use stay.
    /// [`crate::ServiceError::Store`].
    pub async fn reload_keys(&self) -> Result<bool> {
        self.key_keeper.reload().await
    }

    /// Raises alarms for keys that end within a month.
    ///
    /// # Errors
    /// None: what cannot be kept is logged.
    pub async fn watch_keys(&self) -> Result<()> {
        self.key_keeper.watch_ends().await
    }

    /// How far this node's clock is ahead of the database's; negative if it is behind.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn watch_clock(&self) -> Result<SignedDuration> {
        self.node_watch.watch_clock().await
    }

    /// That this node's clock was off by more than clocks may when it was compared last. Then it must
    /// not answer anybody but monitors: what it writes would carry a wrong time.
    pub fn wrong_clock(&self) -> Option<Fault> {
        self.node_watch.wrong_clock()
    }

    /// What is wrong with this node, as far as it knows without asking the database.
    pub fn faults(&self) -> Vec<Fault> {
        self.node_watch.faults()
    }
}
