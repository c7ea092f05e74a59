//! Stories of a city, run on a real database: SQLite always, and PostgreSQL where
//! `HEALTHCODE_TEST_POSTGRES` names a server.

#![expect(
    clippy::unwrap_used,
    reason = "a story ends where something goes wrong"
)]
#![expect(clippy::print_stdout, reason = "a story that is skipped says so")]

mod access;
mod accounts;
mod alarms;
mod appeals;
mod audit;
mod audit_appeals;
mod audit_checking;
mod audit_counter;
mod audit_table;
mod base;
mod bucket;
mod caps;
mod cases;
mod city;
mod clocks;
mod codes;
mod companions;
mod contradictions;
mod deleting;
mod desk;
mod disclosures;
mod ends;
mod evidence;
mod faults;
mod foreign;
mod founding;
mod in_sight;
mod invariant_14;
mod invariant_5;
mod key_folder;
mod keys;
mod late_scans;
mod messages;
mod mirror;
mod mirror_files;
mod monitors;
mod nodes;
mod office_acts;
mod offices;
mod orders;
mod over;
mod own_visits;
mod passkeys;
mod people;
mod policies;
mod proposals;
mod real_data;
mod record;
mod reevaluation;
mod regions;
mod repeats;
mod said_again;
mod scanners;
mod sight;
mod sign_in;
mod signs;
mod staff;
mod staff_changes;
mod statistics;
mod sunset;
mod transcript;
mod two_offices;
mod unseen_characters;
mod vault;
mod venues;
mod waiting;

/// Tells each story on both databases.
#[macro_export]
macro_rules! stories {
    ($($story:ident)*) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    let base = std::sync::Arc::new($crate::base::sqlite());
                    let city = $crate::city::City::found(base).await;
                    super::$story(city).await;
                }
            )*
        }

        mod postgresql {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    if let Some(base) = $crate::base::postgresql().await {
                        let base = std::sync::Arc::new(base);
                        let city = $crate::city::City::found(std::sync::Arc::clone(&base)).await;
                        super::$story(city).await;
                        base.remove().await;
                    }
                }
            )*
        }
    };
}
