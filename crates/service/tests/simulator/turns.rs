//! What workers do when it is their turn.

use service::ServiceError;

use crate::invariants;
use crate::operations::{Node, Worker};
use crate::world::World;

impl World {
    /// A worker of a node has its turn.
    pub async fn work(&mut self, node: Node, worker: Worker) {
        let service = self.node(node);
        match worker {
            Worker::Follow => {
                service.reload_keys().await.unwrap();
                service.notice_other_nodes().await.unwrap();
                service.notice_ended_sessions().await.unwrap();
                self.model.followed(node);
                return;
            }
            Worker::Traces => {
                service.tracing.run_traces().await.unwrap();
                self.model.is_everybody_traced = true;
            }
            Worker::Sweep => {
                service.sweep().await.unwrap();
                self.model.wrote(node);
                invariants::nobodys_verdict_is_due(self, node).await;
            }
            Worker::Everybody => {
                let progress = service.reevaluation.decide_everybody().await.unwrap();
                assert!(progress.is_finished);
                if self.model.knows(node) {
                    self.model.is_everybody_decided = true;
                }
            }
            Worker::Outbox => {
                service.outbox.deliver().await.unwrap();
            }
            Worker::Audit => {
                service.audit.checkpoint().await.unwrap();
                invariants::the_log_is_whole_and_grows(self).await;
            }
            Worker::Leftovers => {
                service.forget_receipts().await.unwrap();
                while service.codes.forget_ended().await.unwrap() {}
            }
            Worker::Mirror => {
                if service.mirror.refresh().await.unwrap() {
                    self.model.count("a mirror");
                }
            }
            Worker::Count => {
                while service.statistics.work().await.unwrap() {}
                match service.statistics.public_statistics(None).await {
                    Ok(statistics) => invariants::no_small_figure_is_public(&statistics),
                    Err(ServiceError::NoStatistics { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            Worker::Watch => {
                service.appeals.watch().await.unwrap();
                while service.contradictions.find_next().await.unwrap() {}
            }
        }
        self.model.wrote(node);
    }
}
