//! Who lives or rides with a case, under the rules of Hangzhou.

use domain::evidence::{GroupKind, Period, Relation, Ring};
use domain::{AuthorityKind, Fact, Timestamp};
use jiff::SignedDuration;
use service::{NewMembership, ServiceError, Submitter};

use crate::city::{City, GREEN, Persona, RED, YELLOW, hours};
use crate::late_scans::standing;

crate::stories! {
    household_turns_red_the_building_yellow_and_passengers_red
    who_moved_out_before_the_window_is_left_alone
    the_household_of_a_contact_is_advised_and_not_restricted
    a_membership_that_comes_late_is_traced_once
    a_household_of_the_case_that_comes_late_is_found
    a_membership_that_was_a_mistake_frees_whom_it_restricted
    a_withdrawn_diagnosis_frees_the_household
    a_crash_and_a_repeat_double_nothing
    who_met_the_case_too_has_both_contacts
    only_those_who_keep_such_lists_may_say_who_belongs_together
    two_offices_may_call_different_households_by_one_name
}

const HANGZHOU: &str = include_str!("../../../../policies/hangzhou.toml");

/// A city under the rules of Hangzhou, with a railway beside its community office.
pub struct Neighbours {
    pub city: City,
    pub office: Submitter,
    pub railway: Submitter,
}

impl Neighbours {
    pub async fn of(city: City) -> Self {
        city.service
            .publishing
            .publish_policy(&city.publisher().await, HANGZHOU)
            .await
            .unwrap();
        city.service.reevaluation.decide_everybody().await.unwrap();
        assert_eq!(
            city.service.policies.policy().unwrap().reference().id,
            "hangzhou",
            "the rules of these stories"
        );
        Self {
            office: city.community.clone(),
            railway: city.feed(AuthorityKind::Transport, "Railway").await,
            city,
        }
    }

    pub fn membership(
        &self,
        who: &Persona,
        kind: GroupKind,
        group: &str,
        from: Timestamp,
        until: Option<Timestamp>,
    ) -> NewMembership {
        NewMembership {
            subject: who.subject(),
            group: group.to_owned(),
            kind,
            from,
            until,
        }
    }

    pub async fn put(&self, by: &Submitter, one: NewMembership) {
        let put = self.city.service.tracing.put_memberships(by, vec![one]);
        assert_eq!(put.await.unwrap().refused, []);
        // An officer who confirms a case within seconds may have heard of it.
        self.city.pass(SignedDuration::from_secs(10));
    }

    /// A tracer has talked to the case and takes in what waited; how many memberships that was.
    pub async fn take_in(&self, case: &Persona) -> usize {
        let tracing = &self.city.service.tracing;
        let waiting = tracing.waiting(&self.city.health, case.id()).await;
        let seen = waiting.unwrap().state;
        let taken = tracing.take_in(&self.city.health, case.id(), &seen).await;
        taken.unwrap().memberships
    }

    /// They have lived together for years.
    pub async fn live(&self, kind: GroupKind, group: &str, people: &[&Persona]) {
        for who in people {
            let from = self.city.ago(24 * 3000);
            let one = self.membership(who, kind, group, from, None);
            self.put(&self.office, one).await;
        }
    }

    pub async fn traced(&self, case: &Persona) -> u32 {
        self.city.confirm(case).await;
        self.city
            .service
            .tracing
            .run_traces()
            .await
            .unwrap()
            .contacts
    }

    /// Ring and relation of each contact that stands.
    async fn met(&self, who: &Persona) -> Vec<(u8, Relation)> {
        let facts = standing(&self.city, who).await.into_iter();
        let mut met: Vec<_> = facts
            .filter_map(|fact| match fact {
                Fact::Contact { ring, relation, .. } => Some((ring.get(), relation)),
                _ => None,
            })
            .collect();
        met.sort_unstable();
        met
    }
}

async fn household_turns_red_the_building_yellow_and_passengers_red(city: City) {
    let n = Neighbours::of(city).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    let (hu, gao) = (n.city.resident("Hu").await, n.city.resident("Gao").await);
    let wu = n.city.resident("Wu").await;
    n.live(GroupKind::Household, "flat 3", &[&ming, &lan]).await;
    n.live(GroupKind::Building, "block 7", &[&ming, &hu]).await;
    for (who, from, until) in [(&ming, 30, 28), (&gao, 29, 27), (&wu, 28, 27)] {
        let (from, until) = (n.city.ago(from), Some(n.city.ago(until)));
        let ride = n.membership(who, GroupKind::Vehicle, "train 9", from, until);
        n.put(&n.railway, ride).await;
    }
    assert_eq!(n.traced(&ming).await, 4);
    let got_on_as_ming_got_off = n.met(&wu).await;
    assert_eq!(
        got_on_as_ming_got_off,
        [(2, Relation::Vehicle)],
        "rode with Gao"
    );
    for (who, status) in [(&lan, RED), (&hu, YELLOW), (&gao, RED), (&wu, GREEN)] {
        assert_eq!(n.city.status(who).await, status, "{}", who.name);
    }
    let expected = Fact::contact(
        Some(ming.id()),
        Relation::Household,
        Ring::FIRST,
        Period::new(n.city.ago(48), n.city.now()).unwrap(),
        Some(48 * 60),
    );
    assert_eq!(standing(&n.city, &lan).await, [expected]);
    // Yellow lasts 7 days, red 14.
    n.city.pass(hours(24 * 9));
    assert_eq!(n.city.status(&hu).await, GREEN);
    assert_eq!(n.city.status(&lan).await, RED);
}

async fn who_moved_out_before_the_window_is_left_alone(city: City) {
    let n = Neighbours::of(city).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    n.live(GroupKind::Household, "flat 3", &[&ming]).await;
    let (from, until) = (n.city.ago(900), Some(n.city.ago(49)));
    let moved = n.membership(&lan, GroupKind::Household, "flat 3", from, until);
    n.put(&n.office, moved).await;
    assert_eq!(n.traced(&ming).await, 0);
    assert_eq!(n.city.status(&lan).await, GREEN);
}

async fn the_household_of_a_contact_is_advised_and_not_restricted(city: City) {
    let n = Neighbours::of(city).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    let (hu, gao) = (n.city.resident("Hu").await, n.city.resident("Gao").await);
    let teahouse = n.city.venue("Lake Teahouse", None).await;
    n.city.was_at(&ming, teahouse, 26, 60).await;
    n.city.was_at(&lan, teahouse, 26, 60).await;
    n.live(GroupKind::Household, "flat 4", &[&lan, &hu]).await;
    n.live(GroupKind::Building, "block 8", &[&lan, &gao]).await;
    assert_eq!(n.traced(&ming).await, 2);
    assert_eq!(n.met(&lan).await, [(1, Relation::Venue)]);
    assert_eq!(n.met(&hu).await, [(2, Relation::Household)]);
    assert_eq!(
        n.met(&gao).await,
        [],
        "the building of a contact counts for nothing"
    );
    let report = n.city.report(&hu).await;
    assert_eq!(report.explanation.verdict.status, GREEN);
    assert_eq!(report.explanation.advice.len(), 1);
}

async fn a_membership_that_comes_late_is_traced_once(city: City) {
    let n = Neighbours::of(city).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    n.live(GroupKind::Household, "flat 3", &[&ming]).await;
    assert_eq!(n.traced(&ming).await, 0);
    let run = async || {
        let summary = n.city.service.tracing.run_traces().await.unwrap();
        (summary.jobs, summary.changed)
    };
    n.live(GroupKind::Household, "flat 3", &[&lan]).await;
    assert_eq!(run().await, (1, 0), "the office knew of the case by then");
    assert_eq!(n.city.status(&lan).await, GREEN);
    assert_eq!(n.take_in(&ming).await, 1);
    assert_eq!(run().await, (1, 1));
    assert_eq!(n.city.status(&lan).await, RED);
    assert_eq!((n.take_in(&ming).await, run().await), (0, (0, 0)));
    // Nobody looked at this household.
    let hu = n.city.resident("Hu").await;
    n.live(GroupKind::Household, "flat 5", &[&hu]).await;
    assert_eq!(n.city.service.tracing.run_traces().await.unwrap().jobs, 0);
}

async fn a_household_of_the_case_that_comes_late_is_found(city: City) {
    let n = Neighbours::of(city).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    n.live(GroupKind::Household, "flat 3", &[&lan]).await;
    assert_eq!(n.traced(&ming).await, 0);
    n.live(GroupKind::Household, "flat 3", &[&ming]).await;
    for (waits, status) in [(1, GREEN), (0, RED)] {
        assert_eq!(n.city.service.tracing.run_traces().await.unwrap().jobs, 1);
        assert_eq!(n.city.status(&lan).await, status);
        assert_eq!(n.take_in(&ming).await, waits);
    }
}

async fn a_membership_that_was_a_mistake_frees_whom_it_restricted(city: City) {
    let n = Neighbours::of(city).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    n.live(GroupKind::Household, "flat 3", &[&ming]).await;
    let since = n.city.ago(24 * 3000);
    let lives = n.membership(&lan, GroupKind::Household, "flat 3", since, None);
    n.put(&n.office, lives).await;
    n.traced(&ming).await;
    assert_eq!(n.city.status(&lan).await, RED);
    let mistake = |from| n.membership(&lan, GroupKind::Household, "flat 3", from, Some(from));
    n.put(&n.office, mistake(since)).await;
    assert_eq!(n.city.service.tracing.run_traces().await.unwrap().jobs, 1);
    assert_eq!(n.city.status(&lan).await, GREEN);
    // An old copy of the list does not bring it back.
    let old = n.membership(&lan, GroupKind::Household, "flat 3", since, None);
    n.put(&n.office, old).await;
    assert_eq!(n.city.service.tracing.run_traces().await.unwrap().jobs, 0);
    assert_eq!(n.city.status(&lan).await, GREEN);
}

async fn a_withdrawn_diagnosis_frees_the_household(city: City) {
    let n = Neighbours::of(city).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    n.live(GroupKind::Household, "flat 3", &[&ming, &lan]).await;
    let diagnosis = n.city.confirm(&ming).await;
    n.city.service.tracing.run_traces().await.unwrap();
    assert_eq!(n.city.status(&lan).await, RED);
    let by = n.city.health.submitter();
    n.city
        .service
        .evidence
        .withdraw(by, &ming.subject(), diagnosis)
        .await
        .unwrap();
    n.city.service.tracing.run_traces().await.unwrap();
    assert_eq!(n.city.status(&lan).await, GREEN);
    assert_eq!(n.met(&lan).await, []);
    // What comes in now concerns a case that is none.
    let hu = n.city.resident("Hu").await;
    n.live(GroupKind::Household, "flat 3", &[&hu]).await;
    n.city.service.tracing.run_traces().await.unwrap();
    assert_eq!(n.city.status(&hu).await, GREEN);
}

async fn a_crash_and_a_repeat_double_nothing(city: City) {
    let mut n = Neighbours::of(city).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    n.live(GroupKind::Household, "flat 3", &[&ming, &lan]).await;
    n.city.confirm(&ming).await;
    n.city.crash().await;
    assert_eq!(n.city.service.tracing.run_traces().await.unwrap().jobs, 1);
    assert_eq!(n.city.status(&lan).await, RED);
    // It dies after the contacts were written and before the job was marked as finished.
    n.city
        .base
        .tamper("UPDATE trace_job SET finished_at = NULL, contacts = NULL")
        .await;
    n.city.crash().await;
    let summary = n.city.service.tracing.run_traces().await.unwrap();
    assert_eq!((summary.jobs, summary.contacts, summary.changed), (1, 1, 0));
    assert_eq!(n.met(&lan).await, [(1, Relation::Household)]);
    // It dies after a late membership was taken in and before it was looked at.
    let hu = n.city.resident("Hu").await;
    n.live(GroupKind::Household, "flat 3", &[&hu]).await;
    for (waits, status) in [(1, GREEN), (0, RED)] {
        n.city.crash().await;
        assert_eq!(n.city.service.tracing.run_traces().await.unwrap().jobs, 1);
        assert_eq!(n.city.status(&hu).await, status);
        assert_eq!(n.take_in(&ming).await, waits);
    }
}

async fn who_met_the_case_too_has_both_contacts(city: City) {
    let n = Neighbours::of(city).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    let (hu, gao) = (n.city.resident("Hu").await, n.city.resident("Gao").await);
    let teahouse = n.city.venue("Lake Teahouse", None).await;
    let office = n.city.venue("Office", None).await;
    n.city.was_at(&ming, teahouse, 26, 60).await;
    n.city.was_at(&lan, teahouse, 26, 60).await;
    n.city.was_at(&lan, office, 40, 60).await;
    n.city.was_at(&hu, office, 40, 60).await;
    n.city.was_at(&gao, office, 60, 60).await;
    n.live(GroupKind::Household, "flat 3", &[&ming, &lan]).await;
    n.traced(&ming).await;
    let both = [(1, Relation::Household), (1, Relation::Venue)];
    assert_eq!(n.met(&lan).await, both, "and is in ring 1 only");
    let after = n.met(&hu).await;
    assert_eq!(
        after,
        [(2, Relation::Venue)],
        "before the tea, but not before the window"
    );
    assert_eq!(n.met(&gao).await, []);
}

async fn only_those_who_keep_such_lists_may_say_who_belongs_together(city: City) {
    let n = Neighbours::of(city).await;
    let lan = n.city.resident("Lan").await;
    let (from, until) = (n.city.ago(9), Some(n.city.ago(8)));
    for kind in GroupKind::ALL {
        for (by, may) in [
            (&n.office, *kind != GroupKind::Vehicle),
            (&n.railway, *kind == GroupKind::Vehicle),
        ] {
            let one = n.membership(&lan, *kind, "7", from, until);
            let put = n.city.service.tracing.put_memberships(by, vec![one]);
            assert_eq!(put.await.unwrap().refused.is_empty(), may, "{kind}");
        }
    }
    for other in [n.city.health.submitter(), &n.city.laboratory] {
        let put = n.city.service.tracing.put_memberships(other, Vec::new());
        let refused = put.await.unwrap_err();
        assert!(
            matches!(refused, ServiceError::NotPermitted { .. }),
            "{refused}"
        );
    }
    let endless = n.membership(&lan, GroupKind::Vehicle, "7", from, None);
    let put = n
        .city
        .service
        .tracing
        .put_memberships(&n.railway, vec![endless]);
    assert_eq!(put.await.unwrap().refused[0].field, "until");
}

async fn two_offices_may_call_different_households_by_one_name(city: City) {
    let n = Neighbours::of(city).await;
    let (ming, lan) = (n.city.resident("Ming").await, n.city.resident("Lan").await);
    n.live(GroupKind::Household, "12", &[&ming]).await;
    let kind = AuthorityKind::Community;
    let south = n.city.feed(kind, "South Office").await;
    let from = n.city.ago(900);
    let one = n.membership(&lan, GroupKind::Household, "12", from, None);
    n.put(&south, one).await;
    let one = n.membership(&lan, GroupKind::Building, "12", from, None);
    n.put(&n.office, one).await;
    assert_eq!(n.traced(&ming).await, 0);
    assert_eq!(n.city.status(&lan).await, GREEN);
}
