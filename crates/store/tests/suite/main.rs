//! What the store must do, written as stories and stamped on both databases; what happens when
//! things break; and the rules that every SQL file obeys.

#![expect(
    clippy::unwrap_used,
    reason = "a story that cannot go on fails where it stands"
)]

mod appeal_record;
mod bases;
mod batches;
mod behind;
mod cut_off;
mod faults;
mod killed;
mod limits;
mod migration;
mod out_of_reach;
mod power_cut;
mod record;
mod sample;
mod sql_rules;
mod sqlite_file;
mod standby;
mod stories;
mod throwaway;

/// Stamps every story on one database. A story takes the store; one in the second list of a noun
/// takes the whole base.
macro_rules! contract_on {
    ($database:ident) => {
        contract_on! { $database:
            transactions {
                what_a_transaction_writes_stays_together
                work_that_refuses_leaves_nothing_behind
                a_panic_in_a_transaction_leaves_nothing_behind
                work_that_goes_on_after_a_refused_statement_is_undone
                a_statement_that_is_refused_says_no_value_of_its_row
                a_sound_database_is_healthy
            } {
                the_time_is_that_of_the_database
            }
            reopening {} {
                a_newer_database_is_refused_untouched
                an_older_database_is_refused_untouched
                everything_is_there_after_opening_again
                an_empty_database_asks_to_be_migrated
            }
            together {
                writers_of_one_person_see_each_other
                transactions_over_the_same_people_do_not_block_each_other
                transactions_that_collide_are_run_again
                of_two_that_wait_for_each_other_one_is_run_again_as_a_whole
                one_document_claimed_at_once_is_claimed_once
                one_index_claimed_at_once_has_one_holder
                one_request_sent_at_once_counts_once
                visits_that_end_at_once_end_once
                levels_published_at_once_are_all_there
            } {}
            changes {
                what_is_drawn_later_is_greater
                what_was_drawn_from_caps_is_listed_and_dropped
                no_two_changes_have_one_number
            } {}
            contradictions {
                a_contradiction_is_heard_until_it_is_settled_once
                contradictions_wait_in_order_and_are_read_by_person
                contradictions_are_sealed_anew_and_forgotten_once_they_are_settled
            } {}
            desk {
                the_cases_of_an_office_are_listed_counted_and_go_with_their_diagnoses
                cases_are_listed_by_what_their_search_does_and_by_where_people_stayed
                the_columns_of_a_list_are_kept_for_an_office
                a_report_waits_until_it_is_answered_once_and_can_be_erased
                what_happened_on_some_days_is_read_at_once
            } {}
            ends {
                what_is_over_is_found_and_deleted_and_nothing_else
                a_walk_goes_on_where_it_was
                a_disclosure_is_read_of_once_it_is_visible
                the_end_begins_once_and_erases_every_table
            } {}
            scanners {
                a_scanner_is_enrolled_once_in_time_and_lasts_until_it_is_ended
                what_a_gate_measured_stays_as_it_was_and_goes_with_the_visit
                whose_a_place_is_and_the_venues_of_an_office_are_found
            } {}
            receipts {
                a_request_is_claimed_once_and_answered_again
                receipts_are_forgotten_after_24_hours
            } {}
            people {
                a_person_is_found_by_document
                a_document_is_claimed_for_one_person
                a_family_shares_a_phone_and_a_person_has_several
                everybody_is_listed_page_by_page
                each_transaction_that_touches_a_person_is_counted
            } {}
            alarms {
                an_alarm_is_raised_once_a_day_and_seen_by_somebody
            } {}
            appeals {
                an_appeal_is_open_until_it_is_answered_once
                a_piece_of_evidence_is_appealed_against_once
                the_queue_is_read_by_deadline_page_by_page
                appeals_are_counted_by_rule
                what_is_sealed_of_an_appeal_is_sealed_anew_unless_it_was_answered_meanwhile
                who_submitted_evidence_is_found_again
                what_the_key_of_an_earlier_month_sealed_is_found
                an_appeal_is_forgotten_with_all_that_came_with_it_once_it_was_answered
                an_appeal_stands_under_another_person_as_it_stood
            } {}
            blind_indexes {
                rewritten_indexes_are_found_under_either_key_and_then_under_the_new_one
                a_document_of_somebody_else_stays_where_it_is
                how_far_indexes_are_rewritten_and_which_key_writes_is_kept
            } {}
            accounts {
                a_document_may_be_claimed_by_many_accounts
                changed_accounts_can_be_followed
                a_session_ends_once_and_is_listed_until_then
                a_one_time_code_is_tried_so_often_and_used_once
                people_on_an_account_are_known_from_both_sides
                who_is_somebody_else_by_now_is_found
                what_a_worker_asked_for_is_kept_for_a_second_one
            } {}
            evidence {
                evidence_comes_back_oldest_first
                evidence_that_is_there_is_left_out
                what_had_not_ended_is_read_and_every_withdrawal
                the_evidence_of_many_people_is_read_at_once
                pieces_of_many_people_are_found_at_once
                every_field_of_an_order_comes_back
            } {}
            verdicts {
                a_verdict_comes_back_as_it_was_decided
                a_verdict_is_due_when_its_next_change_has_come
                verdicts_can_be_followed_in_the_order_of_change
                verdicts_of_one_change_are_followed_page_by_page
                the_outline_of_a_verdict_says_whether_it_found_anything
            } {}
            outbox {
                changes_of_colour_wait_in_the_outbox_until_delivered
            } {}
            publications {
                levels_come_back_in_order_of_publication
                publications_are_numbered_and_wait_for_whoever_holds_the_last
                a_policy_version_is_published_once
                policies_come_back_newest_publication_last
            } {}
            proposals {
                a_proposal_is_approved_once_by_somebody_else_who_saw_the_difference
                an_approval_outdates_every_other_difference
                a_rejected_proposal_changes_nothing
                what_needs_no_comparison_is_settled_by_somebody_else
                what_a_machine_submitted_needs_somebody_who_answers_for_it
                what_waits_is_listed_before_what_was_settled
                what_a_staff_member_proposed_is_found_while_it_waits
                a_policy_that_cannot_be_published_leaves_its_proposal_open
                a_reevaluation_is_found_where_it_stood
            } {}
            mirror {
                everybody_is_read_with_all_their_evidence
                whoever_has_new_evidence_is_noted
                a_note_goes_only_once_a_copy_holds_it
                generations_are_listed_newest_first_and_dropped_with_all_older
                one_mirror_belongs_to_a_database
                a_copy_holds_whatever_its_revision_counts
            } {}
            visits {
                a_venue_can_be_renamed
                the_first_check_out_wins
                a_visit_is_found_by_person_and_by_venue
                an_open_visit_counts_twelve_hours
                a_visit_of_two_days_is_found_on_the_second
                visits_are_evidence_where_the_policy_reads_them
                a_submitted_visit_keeps_its_authority
                who_records_visits_hears_what_changed_and_is_stored
                a_visit_may_come_with_its_own_end
                visits_of_many_come_in_the_order_asked
                everybodys_visits_are_listed_page_by_page
                visits_of_a_case_wait_until_they_are_taken_in
            } {}
            status_indexes {
                a_phone_is_enrolled_once
                the_number_of_the_newest_trust_list_only_grows
                an_index_has_one_holder_who_may_move_its_expiry
                every_live_index_of_a_person_is_revoked
                a_revoked_index_is_never_claimed_again
                each_phone_has_its_own_newest_index
                an_index_leaves_the_list_when_its_codes_have_expired
                revoked_indexes_can_be_followed_in_the_order_of_change
                an_index_is_free_again_once_its_codes_have_ended
            } {}
            traces {
                a_case_opens_one_job_that_stays_until_it_is_finished
                a_late_visit_opens_the_traces_that_looked_there
                a_late_end_of_a_visit_opens_the_traces_that_counted_it_longer
                the_contacts_of_a_diagnosis_are_noted_once_each
                a_job_that_ended_can_be_opened_again
            } {}
            memberships {
                a_membership_is_found_by_person_and_by_group
                of_two_ends_the_earlier_counts_in_whatever_order_they_come
                a_late_membership_opens_the_traces_that_looked_there
                a_tracer_says_which_traces_read_a_membership
                memberships_that_came_late_wait_with_their_case
            } {}
            statistics {
                a_counting_begins_once
                a_step_that_is_taken_twice_counts_once
                a_closed_day_hands_its_people_on_and_keeps_what_happened
                checks_that_come_in_late_count_on_the_open_day
                counting_somebody_needs_where_they_live_and_since_when_they_are_known
            } {}
            authorities {
                an_authority_can_be_renamed
            } {}
            staff {
                an_invitation_is_taken_up_once
                an_invitation_of_a_proposal_is_completed_once_and_each_half_is_renewed
                the_first_invitations_end_together
                invitations_end_with_whoever_proposed_or_approved_them
                an_account_of_a_provider_is_bound_once
                an_account_of_a_provider_is_taken_away
                a_session_is_its_members_until_it_ends
                whoever_is_ended_has_no_session
                a_passkey_is_replaced_by_its_identifier
                a_challenge_is_answered_once_and_in_time
            } {}
            audit {
                an_entry_waits_until_it_has_its_place
                places_given_at_once_are_all_different
                an_entry_is_found_by_whom_it_is_about
                what_is_erased_leaves_its_commitment
                a_tile_grows_and_a_witness_does_not_go_back
                a_snapshot_is_of_one_moment
                looks_are_counted_by_office_day_and_member
            } {}
            feeds {
                a_credential_takes_the_place_of_the_one_before
                what_a_feed_signed_counts_once
            } {}
        }
    };
    ($database:ident: $($noun:ident { $($story:ident)* } { $($of_base:ident)* })*) => {
        mod $database {
            $(mod $noun {
                use crate::{bases, stories::$noun};

                $(#[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    let base = bases::$database().await;
                    $noun::$story(&base.store).await;
                    base.remove().await;
                })*

                $(#[tokio::test(flavor = "multi_thread")]
                async fn $of_base() {
                    $noun::$of_base(bases::$database().await).await;
                })*
            })*
        }
    };
}

contract_on!(sqlite);
contract_on!(postgres);
