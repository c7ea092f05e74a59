//! The workers, without a room of the service.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};

use super::{Background, Pace, WorkerStates};
use crate::mirror::MirrorKeeper;
use crate::statistics::{CheckCounts, StatisticsService};
use crate::testing::Fixture;

#[tokio::test]
async fn a_worker_works_at_once_and_again_when_its_bell_rings_and_then_ends() {
    let fixture = Fixture::new().await;
    let statistics = StatisticsService::new(
        Arc::clone(&fixture.store),
        fixture.clock(),
        fixture.no_policies(),
        Arc::new(CheckCounts::default()),
    );
    let states = Arc::new(WorkerStates::default());
    let mirror = Arc::new(MirrorKeeper::new(fixture.clock()));
    let mut background = Background::new(Arc::clone(&states), mirror, Arc::new(statistics));
    let bell = Arc::new(Notify::new());
    let (sender, mut turns) = mpsc::unbounded_channel();
    let room = Arc::new(sender);
    background.add(
        "test",
        Pace::every(3600),
        Some(&bell),
        &room,
        |room| async move {
            let _ = room.send(());
            Ok(false)
        },
    );
    drop(room);
    let workers = background.start();
    let patience = Duration::from_secs(60);
    let first = tokio::time::timeout(patience, turns.recv()).await;
    assert_eq!(first, Ok(Some(())));
    bell.notify_one();
    let second = tokio::time::timeout(patience, turns.recv()).await;
    assert_eq!(second, Ok(Some(())), "its bell rang");
    workers.stop().await;
    assert_eq!(turns.recv().await, None, "it ended");
    assert_eq!(states.dead(), Vec::<&str>::new());
}
