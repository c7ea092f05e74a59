//! The store's contract, told as stories and stamped on both databases; what happens when things
//! break; and the rules that every SQL file obeys.

#![expect(
    clippy::unwrap_used,
    reason = "a story that cannot go on fails where it stands"
)]

mod bases;
mod faults;
mod killed;
mod migration;
mod sample;
mod sql_rules;
mod stories;
mod throwaway;

/// Stamps every story on one database.
macro_rules! contract_on {
    ($database:ident) => {
        contract_on! { $database:
            registration {
                a_person_registers_once_and_a_repeat_says_so
                a_registration_comes_with_its_first_verdict
                a_document_registers_one_person_only
                the_key_of_another_registration_is_refused
                a_family_shares_a_phone_and_a_person_has_several
                everybody_is_listed_page_by_page
            }
            evidence {
                evidence_out_of_order_gives_the_same_verdict
                evidence_that_is_there_is_left_out
                a_repeated_request_counts_once
                a_request_about_the_very_second_it_came_in_counts_once
                a_key_used_for_another_request_is_refused_and_nothing_is_written
                withdrawn_evidence_counts_no_more
                a_judge_reads_what_had_not_ended_and_every_withdrawal
                one_batch_decides_many_people
                every_field_of_an_order_comes_back
            }
            verdicts {
                a_worse_verdict_revokes_every_slot_of_the_person
                a_better_verdict_leaves_codes_alone
                a_lapsed_declaration_revokes_a_green_code
                a_verdict_is_due_when_its_next_change_has_come
                an_unchanged_verdict_is_not_written_again
                changes_of_colour_wait_in_the_outbox_until_delivered
                verdicts_can_be_followed_in_the_order_of_decision
                verdicts_of_one_second_are_followed_page_by_page
                a_judge_that_panics_leaves_nothing_behind
            }
            together {
                writers_of_one_person_see_each_other
                batches_over_the_same_people_do_not_block_each_other
                one_document_registered_at_once_registers_once
                one_slot_claimed_at_once_has_one_holder
                one_request_sent_at_once_counts_once
                levels_published_at_once_are_all_there
            }
            publications {
                levels_come_back_in_order_of_publication
                a_policy_version_is_published_once
                policies_come_back_newest_publication_last
            }
            proposals {
                a_proposal_is_approved_once_by_somebody_else_who_saw_the_difference
                an_approval_outdates_every_other_difference
                a_rejected_proposal_changes_nothing
                a_policy_that_cannot_be_published_leaves_its_proposal_open
                a_walk_is_found_where_it_stood
            }
            mirror {
                everybody_is_read_with_all_their_evidence
                whoever_has_new_evidence_is_noted
                a_note_goes_only_once_a_copy_holds_it
                generations_are_listed_newest_first_and_dropped_with_all_older
                one_mirror_belongs_to_a_database
                a_copy_holds_whatever_its_revision_counts
            }
            visits {
                a_venue_can_be_renamed
                the_first_check_out_wins
                a_visit_is_found_by_person_and_by_venue
                an_open_visit_counts_twelve_hours
                a_visit_of_two_days_is_found_on_the_second
                visits_are_evidence_where_the_policy_reads_them
                a_submitted_visit_keeps_its_authority
            }
            presences {
                presences_are_listed_page_by_page_as_they_are_stored
                who_records_visits_under_a_claim_is_told_what_is_stored
                a_claim_stands_until_anybody_else_writes_a_visit
                a_later_claim_ends_an_earlier_one
                claims_under_many_writers_at_once_stay_right
            }
            codes {
                a_phone_is_enrolled_once
                a_slot_has_one_holder_who_may_move_its_expiry
                a_revoked_slot_is_never_claimed_again
                each_phone_has_its_own_newest_slot
                a_slot_leaves_the_list_when_its_codes_have_expired
                revoked_slots_can_be_followed_in_the_order_of_revocation
            }
            traces {
                a_case_opens_one_job_that_stays_until_it_is_finished
                a_late_visit_opens_the_traces_that_looked_there
                a_late_end_of_a_visit_opens_the_traces_that_counted_it_longer
                the_contacts_of_a_diagnosis_are_noted_once_each
            }
            statistics {
                a_counting_begins_once
                a_step_that_is_taken_twice_counts_once
                a_closed_day_hands_its_people_on_and_keeps_what_happened
                checks_that_come_in_late_count_on_the_open_day
                counting_somebody_needs_where_they_live_and_since_when_they_are_known
            }
            companions {
                a_membership_is_found_by_person_and_by_group
                of_two_ends_the_earlier_counts_in_whatever_order_they_come
                a_late_membership_opens_the_traces_that_looked_there
            }
            authorities {
                a_new_token_replaces_the_old_one
            }
        }
    };
    ($database:ident: $($noun:ident { $($story:ident)* })*) => {
        mod $database {
            $(mod $noun {
                use crate::{bases, stories::$noun};

                $(#[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    let base = bases::$database().await;
                    $noun::$story(&base.store).await;
                    base.remove().await;
                })*
            })*

            mod reopening {
                use crate::{bases, stories::reopening};

                #[tokio::test(flavor = "multi_thread")]
                async fn a_newer_database_is_refused_untouched() {
                    reopening::a_newer_database_is_refused_untouched(bases::$database().await).await;
                }

                #[tokio::test(flavor = "multi_thread")]
                async fn everything_is_there_after_opening_again() {
                    reopening::everything_is_there_after_opening_again(bases::$database().await)
                        .await;
                }

                #[tokio::test(flavor = "multi_thread")]
                async fn an_empty_database_asks_to_be_migrated() {
                    reopening::an_empty_database_asks_to_be_migrated(bases::$database().await).await;
                }
            }
        }
    };
}

contract_on!(sqlite);
contract_on!(postgres);
