//! What was said about a person, in words.

use std::collections::BTreeMap;

use domain::evidence::{ContactAnswer, Evidence, Fact, Relation, Symptoms};
use domain::{Authority, EvidenceId, Timestamp, VenueId};
use fluent_bundle::FluentArgs;
use service::{SELF_AUTHORITY, TRACER_AUTHORITY};

use super::Frame;
use super::dates::Calendar;

/// A fact, as the person it is about reads it.
#[derive(Debug)]
pub(super) struct FactView {
    pub(super) id: String,
    /// When it began.
    pub(super) when: String,
    /// What it is.
    pub(super) what: String,
    /// Who said so.
    pub(super) by: Option<String>,
    /// When it was taken back.
    pub(super) taken_back: Option<String>,
}

/// What the words are made from besides the facts.
pub(super) struct Words<'a> {
    pub(super) frame: &'a Frame,
    pub(super) calendar: &'a Calendar,
    pub(super) authorities: &'a [Authority],
    pub(super) venues: &'a BTreeMap<VenueId, String>,
}

impl Words<'_> {
    /// One fact in words; nothing for a withdrawal, which stands beside what it takes back.
    pub(super) fn of(
        &self,
        evidence: &Evidence,
        withdrawn: &BTreeMap<EvidenceId, Timestamp>,
    ) -> Option<FactView> {
        let what = self.what(&evidence.fact)?;
        let taken_back = withdrawn.get(&evidence.id).map(|at| {
            let when = self.calendar.date_time(*at);
            self.frame.with("fact-taken-back", "when", &when)
        });
        Some(FactView {
            id: evidence.id.to_string(),
            when: self.when(&evidence.fact),
            what,
            by: self.by(evidence),
            taken_back,
        })
    }

    fn when(&self, fact: &Fact) -> String {
        let begun = self.calendar.date_time(fact.begins());
        match fact {
            Fact::Visit { period, .. } | Fact::Stay { period, .. } => match period.end() {
                Some(end) => self.calendar.stretch(fact.begins(), end),
                None => self.frame.with("history-since", "since", &begun),
            },
            _ => begun,
        }
    }

    fn by(&self, evidence: &Evidence) -> Option<String> {
        match evidence.authority {
            SELF_AUTHORITY => Some(self.frame.t("authority-self")),
            TRACER_AUTHORITY => Some(self.frame.t("authority-tracer")),
            other => {
                let mut known = self.authorities.iter();
                let found = known.find(|authority| authority.id == other);
                found.map(|authority| authority.name.clone())
            }
        }
    }

    fn what(&self, fact: &Fact) -> Option<String> {
        let frame = self.frame;
        Some(match fact {
            Fact::Declaration {
                symptoms, contact, ..
            } => said_in_words(frame, *symptoms, *contact),
            Fact::Test { result, .. } => frame.t(&format!("fact-test-{result}")),
            Fact::Diagnosis { status, .. } => frame.t(&format!("fact-diagnosis-{status}")),
            Fact::Contact { ring, .. } if ring.get() > 1 => frame.t("fact-contact-far"),
            Fact::Contact {
                relation: Relation::Household | Relation::Close,
                ..
            } => frame.t("fact-contact"),
            Fact::Contact { .. } => frame.t("fact-contact-place"),
            Fact::Stay { region, .. } => frame.with("fact-stay", "region", &region.to_string()),
            Fact::Vaccination { product, .. } => frame.with("fact-vaccination", "product", product),
            Fact::Visit { venue, .. } => {
                let unknown = || frame.t("fact-visit-unknown");
                let name = self.venues.get(venue).cloned().unwrap_or_else(unknown);
                frame.with("fact-visit", "venue", &name)
            }
            Fact::Order(order) => frame.with("fact-order", "basis", order.basis()),
            Fact::Contradiction { .. } => frame.t("fact-contradiction"),
            Fact::ForeignVerdict { issuer, colour, .. } => {
                let mut args = FluentArgs::new();
                args.set("issuer", issuer.to_string());
                args.set("colour", frame.t(&format!("status-{colour}")));
                frame.language.fill("fact-foreign-verdict", &args)
            }
            Fact::Withdrawal { .. } => return None,
        })
    }
}

/// A report of one's health in words.
pub(super) fn said_in_words(frame: &Frame, symptoms: Symptoms, contact: ContactAnswer) -> String {
    let felt = match symptoms.count() {
        0 => frame.t("fact-no-symptoms"),
        _ => {
            let felt = symptoms
                .iter()
                .map(|symptom| frame.t(&format!("symptom-{symptom}")));
            felt.collect::<Vec<_>>().join(" · ")
        }
    };
    let mut args = FluentArgs::new();
    args.set("symptoms", felt);
    args.set("contact", frame.t(&format!("contact-{contact}")));
    frame.language.fill("fact-declaration", &args)
}

/// What was taken back, and when.
pub(super) fn withdrawn(evidence: &[Evidence]) -> BTreeMap<EvidenceId, Timestamp> {
    let evidence = evidence.iter();
    let withdrawals = evidence.filter_map(|one| match one.fact {
        Fact::Withdrawal { of, at } => Some((of, at)),
        _ => None,
    });
    withdrawals.collect()
}
