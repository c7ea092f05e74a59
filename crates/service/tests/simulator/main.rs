//! The whole system as a list of operations, on real databases: SQLite always, and PostgreSQL where
//! `HEALTHCODE_TEST_POSTGRES` names a server.
//!
//! People, offices, gates, workers and the operator do things to two nodes of one installation, whose
//! clock is set by hand. Requests are lost, answers are lost, processes die in the middle of a request.
//! After each operation the invariants of the design are held against the record, against what was
//! acknowledged, and against what a checkpoint says of every code that was ever shown.
//!
//! | file | holds |
//! |---|---|
//! | `operations` | what may happen |
//! | `drawing` | how lists of operations are drawn |
//! | `world` | the city, its two nodes, and how an operation is carried out |
//! | `wishes`, `requests` | what is asked for under a key, answered, and asked for again |
//! | `phones`, `officials`, `turns` | what people, officers and workers do besides |
//! | `model` | what was acknowledged |
//! | `record` | what lies in the database, read past the service |
//! | `invariants`, `checkpoints` | what must hold after each operation |
//! | `found` | lists of operations that failed once |

#![expect(
    clippy::unwrap_used,
    reason = "a simulation ends where something goes wrong"
)]
#![expect(
    clippy::print_stdout,
    reason = "a test that is skipped says so, and others what they did"
)]

#[expect(dead_code, reason = "the stories use the rest")]
#[path = "../stories/base.rs"]
mod base;
mod checkpoints;
#[expect(dead_code, reason = "the stories use the rest")]
#[path = "../stories/city.rs"]
mod city;
mod drawing;
mod found;
#[path = "../stories/founding.rs"]
mod founding;
mod invariants;
#[expect(dead_code, reason = "the stories use the rest")]
#[path = "../stories/key_folder.rs"]
mod key_folder;
#[path = "../stories/messages.rs"]
mod messages;
mod model;
#[expect(dead_code, reason = "the stories use the rest")]
#[path = "../stories/offices.rs"]
mod offices;
mod officials;
mod operations;
mod phones;
mod record;
mod requests;
mod turns;
mod wishes;
mod world;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures::FutureExt;
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::base::Base;
use crate::drawing::operations;
use crate::operations::Operation;
use crate::world::World;

proptest! {
    #![proptest_config(domain::testing::property_cases(8))]

    #[test]
    fn invariants_hold_on_sqlite_whatever_happens(operations in operations()) {
        on_sqlite(&operations);
    }
}

proptest! {
    #![proptest_config(domain::testing::property_cases(2))]

    #[test]
    fn invariants_hold_on_postgresql_whatever_happens(operations in operations()) {
        on_postgresql(&operations);
    }
}

/// Carries the operations out on a fresh SQLite file.
pub fn on_sqlite(operations: &[Operation]) {
    runtime().block_on(carry_out(base::sqlite(), operations));
}

/// The same on PostgreSQL, if there is one.
pub fn on_postgresql(operations: &[Operation]) {
    runtime().block_on(async {
        if let Some(base) = base::postgresql().await {
            carry_out(base, operations).await;
        }
    });
}

async fn carry_out(base: Base, operations: &[Operation]) {
    let base = Arc::new(base);
    let simulation = async {
        let mut world = World::found(Arc::clone(&base)).await;
        for operation in operations {
            world.carry_out(operation).await;
            invariants::hold(&mut world).await;
        }
        world.end().await;
        println!("{:?}", world.model.tally);
    };
    let outcome = AssertUnwindSafe(simulation).catch_unwind().await;
    base.remove().await;
    if let Err(failure) = outcome {
        resume_unwind(failure);
    }
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}
