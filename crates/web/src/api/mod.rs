//! The JSON interface: one file for each endpoint, with its errors, its document, its handler and
//! its tests.

mod alarms;
mod answer_appeals;
mod appeals;
mod approve;
mod ask_to_sign_in;
mod batches;
mod caps;
mod card;
mod check_in;
mod check_out;
mod code;
mod confirm_case;
mod consent;
mod contradictions;
mod declare;
mod delete_account;
mod disclosed;
mod disclosures;
mod document;
mod end_consent;
mod end_phone;
mod end_session;
mod enrol_phone;
mod feed_proposals;
mod feeds;
mod health;
mod live_code;
mod looks;
mod my_status;
mod office_appeal;
mod office_card;
mod office_claims;
mod office_consent;
mod office_end_consent;
mod office_release;
mod office_see;
mod office_ward;
mod orders;
mod people;
mod plain_code;
mod policies;
mod policy_text;
mod progress;
mod proposal;
mod proposals;
mod propose_levels;
mod propose_policy;
mod prove_phone;
mod put_memberships;
mod put_venue;
mod records;
mod register;
mod reject;
mod remove_person;
mod security;
mod send_phone_code;
mod settle_contradictions;
mod settle_order;
mod sign_in;
mod sign_out;
mod staff;
mod staff_proposals;
mod statistics;
mod status_list;
mod submit;
mod submit_many;
mod sunset;
mod take_up_consent;
mod trace;
mod trust_list;
mod upload_scans;
mod verify;
mod waiting_visits;
mod whole_statistics;
mod withdraw;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::middleware::for_lists;
use crate::problem::ProblemBody;

pub(crate) use policy_text::policy_address;

/// Every endpoint, each with its document.
pub(crate) fn router() -> OpenApiRouter<App> {
    let lists = OpenApiRouter::new()
        .routes(routes!(submit_many::submit_many))
        .routes(routes!(upload_scans::upload_scans))
        .routes(routes!(put_memberships::put_memberships))
        .routes(routes!(propose_levels::propose_levels))
        .routes(routes!(policies::policies, propose_policy::propose_policy))
        .routes(routes!(appeals::own_appeals, appeals::file_appeal))
        .routes(routes!(office_appeal::office_appeal))
        .layer(for_lists());
    OpenApiRouter::with_openapi(document::document())
        .merge(lists)
        .routes(routes!(health::health))
        .routes(routes!(document::openapi))
        .routes(routes!(register::register))
        .routes(routes!(my_status::my_status))
        .routes(routes!(declare::declare))
        .routes(routes!(enrol_phone::enrol_phone))
        .routes(routes!(live_code::live_code))
        .routes(routes!(plain_code::plain_code))
        .routes(routes!(card::card))
        .routes(routes!(verify::verify))
        .routes(routes!(status_list::status_list))
        .routes(routes!(trust_list::trust_list))
        .routes(routes!(check_in::check_in))
        .routes(routes!(check_out::check_out))
        .routes(routes!(put_venue::put_venue))
        .routes(routes!(submit::submit))
        .routes(routes!(withdraw::withdraw))
        .routes(routes!(confirm_case::confirm_case))
        .routes(routes!(trace::trace))
        .routes(routes!(batches::batches))
        .routes(routes!(batches::approve_batch))
        .routes(routes!(batches::reject_batch))
        .routes(routes!(
            waiting_visits::waiting_visits,
            waiting_visits::release_visits
        ))
        .routes(routes!(waiting_visits::refuse_visits))
        .routes(routes!(policy_text::policy_text))
        .routes(routes!(caps::caps))
        .routes(routes!(progress::progress))
        .routes(routes!(proposals::proposals))
        .routes(routes!(proposal::proposal))
        .routes(routes!(approve::approve))
        .routes(routes!(reject::reject))
        .routes(routes!(orders::orders, orders::propose_order))
        .routes(routes!(settle_order::approve_order))
        .routes(routes!(settle_order::reject_order))
        .merge(disclosures_and_sunset())
        .merge(appeals_and_contradictions())
        .routes(routes!(statistics::statistics))
        .routes(routes!(whole_statistics::whole_statistics))
        .merge(accounts())
        .merge(staff_and_feeds())
}

/// What people say is wrong, and what is found not to fit.
fn appeals_and_contradictions() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(appeals::own_file))
        .routes(routes!(appeals::appeals_by_rule))
        .routes(routes!(answer_appeals::appeals))
        .routes(routes!(answer_appeals::appeal))
        .routes(routes!(answer_appeals::appeal_file))
        .routes(routes!(answer_appeals::answer_appeal))
        .routes(routes!(contradictions::own_contradictions))
        .routes(routes!(contradictions::say))
        .routes(routes!(settle_contradictions::contradictions))
        .routes(routes!(settle_contradictions::contradiction))
        .routes(routes!(settle_contradictions::write_down))
        .routes(routes!(settle_contradictions::confirm_contradiction))
        .routes(routes!(settle_contradictions::dismiss_contradiction))
}

/// What leaves, and how it ends.
fn disclosures_and_sunset() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(
            disclosures::disclosures,
            disclosures::propose_disclosure
        ))
        .routes(routes!(disclosures::approve_disclosure))
        .routes(routes!(disclosures::reject_disclosure))
        .routes(routes!(disclosures::make_extract))
        .routes(routes!(disclosed::my_disclosures))
        .routes(routes!(disclosed::disclosure_counts))
        .routes(routes!(records::open_record))
        .routes(routes!(sunset::sunsets, sunset::propose_sunset))
        .routes(routes!(sunset::approve_sunset))
        .routes(routes!(sunset::reject_sunset))
}

/// Accounts: proving them, signing in and out, who is on them, and what an office does.
fn accounts() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(send_phone_code::send_phone_code))
        .routes(routes!(prove_phone::prove_phone))
        .routes(routes!(delete_account::send_deletion_code))
        .routes(routes!(delete_account::delete_account))
        .routes(routes!(ask_to_sign_in::ask_to_sign_in))
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(security::security))
        .routes(routes!(looks::looks))
        .routes(routes!(end_session::end_session))
        .routes(routes!(end_phone::end_phone))
        .routes(routes!(sign_out::sign_out))
        .routes(routes!(people::people, take_up_consent::take_up_consent))
        .routes(routes!(consent::consent))
        .routes(routes!(remove_person::remove_person))
        .routes(routes!(end_consent::end_consent))
        .routes(routes!(office_claims::office_claims))
        .routes(routes!(office_see::office_see))
        .routes(routes!(office_release::office_release))
        .routes(routes!(office_ward::office_ward))
        .routes(routes!(office_consent::office_consent))
        .routes(routes!(office_end_consent::office_end_consent))
        .routes(routes!(office_card::office_card))
}

/// Who acts for an authority: staff members and machines.
fn staff_and_feeds() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(staff::authorities))
        .routes(routes!(staff::staff))
        .routes(routes!(staff::end_member))
        .routes(routes!(staff::end_own_account))
        .routes(routes!(
            staff_proposals::proposed_members,
            staff_proposals::propose_member
        ))
        .routes(routes!(staff_proposals::approve_member))
        .routes(routes!(staff_proposals::reject_member))
        .routes(routes!(staff_proposals::renew_half))
        .routes(routes!(feeds::feeds, feeds::make_feed))
        .routes(routes!(feed_proposals::proposed_feeds))
        .routes(routes!(feed_proposals::approve_feed))
        .routes(routes!(feed_proposals::reject_feed))
        .routes(routes!(feeds::renew_feed))
        .routes(routes!(feeds::end_feed))
        .routes(routes!(alarms::alarms))
        .routes(routes!(alarms::acknowledge_alarm))
}

/// Something new, and where its description begins.
type Created<T> = (StatusCode, axum::Json<T>);

/// How every endpoint refuses, for the document.
struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let body = Ref::from_schema_name(ProblemBody::name());
        let content = ContentBuilder::new().schema(Some(body)).build();
        let refusal = |description: &str| {
            let response = ResponseBuilder::new().description(description);
            RefOr::T(
                response
                    .content("application/problem+json", content.clone())
                    .build(),
            )
        };
        BTreeMap::from([
            (
                "4XX".to_owned(),
                refusal("The request is refused: the problem says why."),
            ),
            (
                "5XX".to_owned(),
                refusal("The fault is ours: repeat the request in a while."),
            ),
        ])
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod text_fields;
