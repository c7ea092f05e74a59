use domain::{Authority, StaffId};

use super::super::StaffMember;
use super::*;

const NOON: Timestamp = Timestamp::UNIX_EPOCH;

fn staff(roles: Roles, kind: AuthorityKind, stepped_up_at: Timestamp) -> Staff {
    let member = StaffMember {
        id: StaffId::from_u128(1),
        name: "Dr Lin".to_owned(),
        authority: Authority {
            id: AuthorityId::from_u128(7),
            kind,
            name: "City".to_owned(),
            region: "3301".parse().unwrap(),
        },
        roles,
        regions: "3301".parse::<Regions>().unwrap(),
    };
    Staff::new(member, stepped_up_at)
}

/// Of their own authority, in their own region.
fn theirs() -> Resource {
    Resource::of(AuthorityId::from_u128(7), "3301".parse().ok())
}

#[test]
fn nobody_hands_out_more_than_the_table_says() {
    use AuthorityKind::{Community, Health, Laboratory, Person, Tracer, Transport};
    let one = |role: Role| [role].into_iter().collect::<Roles>();
    for role in Role::ALL {
        let is_low = matches!(
            role,
            Role::CommunityWorker | Role::VenueOwner | Role::CheckpointLead
        );
        for at in [Health, Community, Transport, Laboratory] {
            assert!(may_hand_out(Health, one(role), at), "{role} at {at}");
            for by in [Community, Transport, Laboratory] {
                let may = may_hand_out(by, one(role), at);
                assert_eq!(may, is_low && by == at, "{by}: {role} at {at}");
            }
            assert!(!may_hand_out(Person, one(role), at));
            assert!(!may_hand_out(Tracer, one(role), at));
        }
    }
    let mixed = [Role::CommunityWorker, Role::Administrator]
        .into_iter()
        .collect();
    assert!(!may_hand_out(Community, mixed, Community));
}

#[test]
fn a_person_is_theirs_who_is_where_they_are_or_whom_nobody_knows() {
    let everything: Roles = Role::ALL.into_iter().collect();
    let person = |codes: &[&str]| {
        let regions = codes.iter().map(|code| code.parse().unwrap());
        Resource::person(regions.collect())
    };
    let table: [(&[&str], bool); 6] = [
        (&[], true),
        (&["330106"], true),
        (&["42", "330106"], true),
        (&["33"], true),
        (&["42", "3302"], false),
        (&["IT"], false),
    ];
    for (codes, expected) in table {
        for line in &TABLE {
            let kind = *line.kinds.first().unwrap_or(&AuthorityKind::Health);
            let one = staff(everything, kind, NOON);
            if line.whose == Whose::PeopleOfRegion {
                let may = can(&one, line.action, &person(codes), NOON);
                assert_eq!(may.is_ok(), expected, "{:?} {codes:?}", line.action);
            }
        }
    }
}

#[test]
fn every_action_has_its_line_at_its_place() {
    for (place, line) in TABLE.iter().enumerate() {
        assert_eq!(line.action as usize, place, "{:?}", line.action);
        assert!(!line.roles.is_empty());
    }
}

#[test]
fn each_role_may_do_what_the_table_says_and_nothing_else() {
    for role in Role::ALL {
        for kind in AuthorityKind::ALL {
            let one = staff([role].into_iter().collect(), kind, NOON);
            for line in &TABLE {
                let own = theirs();
                let says = line.roles.contains(&role) && line.is_at(kind);
                let does = can(&one, line.action, &own, NOON).is_ok();
                assert_eq!(does, says, "{role} at {kind}: {:?}", line.action);
            }
        }
    }
}

#[test]
fn whoever_has_no_role_may_do_nothing() {
    let one = staff(Roles::default(), AuthorityKind::Health, NOON);
    for line in &TABLE {
        assert!(can(&one, line.action, &Resource::NOBODYS, NOON).is_err());
    }
}

#[test]
fn what_lies_elsewhere_is_not_theirs() {
    let everything: Roles = Role::ALL.into_iter().collect();
    let other = AuthorityId::from_u128(8);
    let cases = [
        (Resource::of(AuthorityId::from_u128(7), None), true, true),
        (Resource::of(other, "330106".parse().ok()), false, true),
        (Resource::of(other, "42".parse().ok()), false, false),
        (Resource::of(other, "33".parse().ok()), false, false),
        (Resource::of(other, None), false, false),
        (Resource::NOBODYS, false, false),
    ];
    for (resource, is_own, is_near) in cases {
        for line in &TABLE {
            let kind = *line.kinds.first().unwrap_or(&AuthorityKind::Health);
            let one = staff(everything, kind, NOON);
            let expected = match line.whose {
                Whose::Own => is_own,
                Whose::OwnOrRegion => is_near,
                Whose::Everybodys => true,
                Whose::PeopleOfRegion => continue,
            };
            let may = can(&one, line.action, &resource, NOON);
            assert_eq!(may.is_ok(), expected, "{:?} {resource:?}", line.action);
        }
    }
}

#[test]
fn a_sensitive_act_needs_a_passkey_that_was_shown_a_short_while_ago() {
    let everything: Roles = Role::ALL.into_iter().collect();
    let own = theirs();
    for line in &TABLE {
        let kind = *line.kinds.first().unwrap_or(&AuthorityKind::Health);
        let one = staff(everything, kind, NOON);
        let lasts = line.action.step_up_lasts();
        let minutes = if line.action == Action::KeepAccounts {
            15
        } else {
            5
        };
        assert_eq!(lasts, SignedDuration::from_mins(minutes));
        assert!(can(&one, line.action, &own, NOON + lasts).is_ok());
        let later = NOON + lasts + SignedDuration::from_secs(1);
        let may = can(&one, line.action, &own, later);
        assert_eq!(may.is_err(), line.is_sensitive, "{:?}", line.action);
    }
}
