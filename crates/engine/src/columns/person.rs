//! One person's evidence, as `domain::decide` takes it.

use domain::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, Order, Relation, StayMode, StaySource,
    Symptoms, Temperature, TestKind, TestResult,
};
use domain::{
    AuthorityId, Colour, Evidence, EvidenceId, Fact, FactKind, PersonId, Timestamp, VenueId,
};

use super::{Columns, NONE, NONE_16, Seconds, rows_of};

impl Columns {
    /// Everything about person number `person`.
    ///
    /// Identifiers are made up; their order within a kind is that of the rows. Authorities, venues,
    /// laboratories and who was met are not in the columns: no rule reads them.
    pub fn evidence_of(&self, person: u32) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        let mut add = |kind: FactKind, row: usize, fact: Option<Fact>| {
            evidence.extend(fact.map(|fact| Evidence {
                id: id(kind as u8, row as u32),
                person: PersonId::from_u128(u128::from(person)),
                authority: AuthorityId::from_u128(0),
                recorded_at: fact.begins(),
                fact,
            }));
        };
        macro_rules! each {
            ($kind:ident, $table:ident, |$t:ident, $row:ident| $fact:expr) => {
                let $t = &self.$table;
                for $row in rows_of(&$t.person, &(person..person + 1)) {
                    add(FactKind::$kind, $row, $fact);
                }
            };
        }
        each!(Declaration, declarations, |t, row| Some(
            Fact::Declaration {
                at: time(t.at[row]),
                symptoms: Symptoms::from_bits(t.symptoms[row]),
                temperature: Temperature::from_tenths(i64::from(t.temperature[row])).ok(),
                contact: ContactAnswer::ALL[usize::from(t.contact[row])],
            }
        ));
        each!(Diagnosis, diagnoses, |t, row| Some(Fact::Diagnosis {
            status: DiagnosisStatus::ALL[usize::from(t.status[row])],
            at: time(t.at[row]),
            onset: time_or_none(t.onset[row]),
        }));
        each!(Contact, contacts, |t, row| Some(Fact::Contact {
            with: None,
            relation: Relation::ALL[usize::from(t.relation[row])],
            ring: t.ring[row],
            first: time(t.first[row]),
            last: time(t.last[row]),
            minutes: (t.minutes[row] != NONE).then_some(t.minutes[row]),
        }));
        each!(Stay, stays, |t, row| Some(Fact::Stay {
            region: self.regions.values()[usize::from(t.region[row])],
            arrived: time(t.arrived[row]),
            left: time_or_none(t.left[row]),
            mode: StayMode::ALL[usize::from(t.mode_source[row] & 15)],
            source: StaySource::ALL[usize::from(t.mode_source[row] >> 4)],
        }));
        each!(Test, tests, |t, row| Some(Fact::Test {
            kind: TestKind::ALL[usize::from(t.kind[row])],
            result: TestResult::ALL[usize::from(t.result[row])],
            sampled: time(t.sampled[row]),
            reported: time_or_none(t.reported[row]),
            lab: None,
        }));
        each!(Vaccination, vaccinations, |t, row| Some(
            Fact::Vaccination {
                product: self.products.values()[usize::from(t.product[row])].clone(),
                dose: t.dose[row],
                at: time(t.at[row]),
            }
        ));
        each!(Visit, visits, |t, row| Some(Fact::Visit {
            venue: VenueId::from_u128(0),
            category: (t.category[row] != NONE_16)
                .then(|| self.categories.values()[usize::from(t.category[row])].clone()),
            entered: time(t.entered[row]),
            left: time_or_none(t.left[row]),
        }));
        each!(Order, orders, |t, row| {
            let colour = Colour::ALL[usize::from(t.colour[row])];
            let signed_by = ["first".to_owned(), "second".to_owned()];
            let (from, until) = (time(t.from[row]), time(t.until[row]));
            Order::new(colour, from, until, "as ordered".to_owned(), signed_by)
                .ok()
                .map(Fact::Order)
        });
        each!(Contradiction, contradictions, |t, row| Some(
            Fact::Contradiction {
                at: time(t.at[row]),
                about: ContradictionAbout::ALL[usize::from(t.about[row])],
            }
        ));
        each!(ForeignVerdict, foreign_verdicts, |t, row| Some(
            Fact::ForeignVerdict {
                issuer: self.regions.values()[usize::from(t.issuer[row])],
                colour: Colour::ALL[usize::from(t.colour[row])],
                at: time(t.at[row]),
                until: time(t.until[row]),
            }
        ));
        each!(Withdrawal, withdrawals, |t, row| Some(Fact::Withdrawal {
            of: id(t.kind[row], t.row[row]),
            at: time(t.at[row]),
        }));
        evidence
    }
}

fn id(kind: u8, row: u32) -> EvidenceId {
    EvidenceId::from_u128(u128::from(kind) << 32 | u128::from(row))
}

fn time(seconds: Seconds) -> Timestamp {
    Timestamp::from_second(i64::from(seconds)).unwrap_or(Timestamp::MAX)
}

fn time_or_none(seconds: Seconds) -> Option<Timestamp> {
    (seconds != NONE).then(|| time(seconds))
}
