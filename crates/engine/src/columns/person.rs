//! One person's evidence, as `domain::decide` takes it.

use domain::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, Dose, OpenPeriod, Order, Period, Relation,
    Ring, StayMode, StaySource, Symptoms, Temperature, TestKind, TestResult, Validity,
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
        each!(Declaration, declarations, |t, row| Some(Fact::declaration(
            time(t.at[row]),
            Symptoms::from_bits(t.symptoms[row]),
            Temperature::from_tenths(i64::from(t.temperature[row])).ok(),
            ContactAnswer::ALL[usize::from(t.contact[row])]
        )));
        each!(Diagnosis, diagnoses, |t, row| Some(Fact::diagnosis(
            DiagnosisStatus::ALL[usize::from(t.status[row])],
            time(t.at[row]),
            time_or_none(t.onset[row])
        )));
        each!(Contact, contacts, |t, row| Some(Fact::contact(
            None,
            Relation::ALL[usize::from(t.relation[row])],
            Ring::mended(t.ring[row].into()),
            Period::mended(time(t.first[row]), time(t.last[row])),
            (t.minutes[row] != NONE).then_some(t.minutes[row])
        )));
        each!(Stay, stays, |t, row| Some(Fact::stay(
            self.regions.values()[usize::from(t.region[row])],
            OpenPeriod::mended(time(t.arrived[row]), time_or_none(t.left[row])),
            StayMode::ALL[usize::from(t.mode_source[row] & 15)],
            StaySource::ALL[usize::from(t.mode_source[row] >> 4)]
        )));
        each!(Test, tests, |t, row| Some(Fact::test(
            TestKind::ALL[usize::from(t.kind[row])],
            TestResult::ALL[usize::from(t.result[row])],
            OpenPeriod::mended(time(t.sampled[row]), time_or_none(t.reported[row])),
            None
        )));
        each!(Vaccination, vaccinations, |t, row| Some(Fact::vaccination(
            self.products.values()[usize::from(t.product[row])].clone(),
            Dose::mended(t.dose[row].into()),
            time(t.at[row])
        )));
        each!(Visit, visits, |t, row| Some(Fact::visit(
            VenueId::from_u128(0),
            (t.category[row] != NONE_16)
                .then(|| self.categories.values()[usize::from(t.category[row])].clone()),
            OpenPeriod::mended(time(t.entered[row]), time_or_none(t.left[row]))
        )));
        each!(Order, orders, |t, row| {
            let colour = Colour::ALL[usize::from(t.colour[row])];
            let signed_by = ["first".to_owned(), "second".to_owned()];
            let (from, until) = (time(t.from[row]), time(t.until[row]));
            Order::new(colour, from, until, "as ordered".to_owned(), signed_by)
                .ok()
                .map(Fact::Order)
        });
        each!(Contradiction, contradictions, |t, row| Some(
            Fact::contradiction(
                time(t.at[row]),
                ContradictionAbout::ALL[usize::from(t.about[row])]
            )
        ));
        each!(ForeignVerdict, foreign_verdicts, |t, row| Some(
            Fact::foreign_verdict(
                self.regions.values()[usize::from(t.issuer[row])],
                Colour::ALL[usize::from(t.colour[row])],
                Validity::mended(time(t.at[row]), time(t.until[row]))
            )
        ));
        each!(Withdrawal, withdrawals, |t, row| Some(Fact::withdrawal(
            id(t.kind[row], t.row[row]),
            time(t.at[row])
        )));
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
