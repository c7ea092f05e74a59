//! Which staff members a page of the list shows.

use domain::Role;
use service::StaffMember;

use super::super::Frame;
use super::super::feeds::lies_in;
use super::super::list_filter::{ListAsked, ListFilter, page_after};
use super::role_text;

/// The members of a page, those with the role and of offices in the region, and the form above them.
pub(super) fn narrowed(
    frame: &Frame,
    members: Vec<StaffMember>,
    asked: &ListAsked,
) -> (Vec<StaffMember>, ListFilter) {
    let role = asked.state(&Role::ALL, Role::as_str);
    let region = asked.region();
    let fits = |one: &StaffMember| {
        role.is_none_or(|role| one.roles.contains(role)) && lies_in(&one.authority, region)
    };
    let members = members.into_iter().filter(fits).collect();
    let (members, next) = page_after(members, asked, |one: &StaffMember| one.id.to_string());
    let states = Role::ALL.map(|role| (role.as_str(), role_text(role)));
    let states: Vec<_> = states
        .iter()
        .map(|(word, text)| (*word, text.as_str()))
        .collect();
    let filter = ListFilter::new(frame, "/officer/staff", &states, asked, next);
    (members, filter.by_region(asked))
}
