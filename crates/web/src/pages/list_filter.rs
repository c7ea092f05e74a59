//! What a list of the desk is narrowed to: a state, a region and days, from a form that any browser can
//! send. They stand in the address, with the place where the page begins.

use std::fmt::Write as _;

use domain::{Region, Timestamp};
use jiff::civil::Date;
use serde::Deserialize;

use super::Frame;
use super::choice::Choice;

/// What the address asks for, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ListAsked {
    #[serde(default)]
    pub(super) state: String,
    #[serde(default, rename = "in")]
    pub(super) region: String,
    #[serde(default)]
    pub(super) from: String,
    #[serde(default)]
    pub(super) until: String,
    #[serde(default)]
    pub(super) after: String,
}

/// The form above a list, and the links below it.
pub(super) struct ListFilter {
    address: &'static str,
    states: Vec<Choice>,
    /// The region as it was typed; `None` where a list has no regions.
    region: Option<String>,
    /// Whether that is no region.
    is_bad_region: bool,
    /// The first and the last day; `None` where a list has no days.
    days: Option<[String; 2]>,
    /// The address of the first page, if this is another one.
    first: Option<String>,
    /// The address of the next page.
    next: Option<String>,
}

impl ListAsked {
    /// The region that is asked for; the error if what was typed is none.
    pub(super) fn region(&self) -> Result<Option<Region>, ()> {
        match self.region.trim() {
            "" => Ok(None),
            text => text.to_uppercase().parse().map(Some).map_err(drop),
        }
    }

    /// One of these, by its word; `None` for all, and for a word that is none of them.
    pub(super) fn state<T: Copy>(&self, all: &[T], word: impl Fn(T) -> &'static str) -> Option<T> {
        all.iter().copied().find(|one| word(*one) == self.state)
    }

    pub(super) fn first_day(&self) -> Option<Date> {
        self.from.parse().ok()
    }

    pub(super) fn last_day(&self) -> Option<Date> {
        self.until.parse().ok()
    }

    /// The place where the page begins: a time and two identifiers. What cannot be read is the beginning.
    pub(super) fn after<A, B>(&self) -> Option<(Timestamp, A, B)>
    where
        A: std::str::FromStr,
        B: std::str::FromStr,
    {
        let mut parts = self.after.splitn(3, '.');
        let at: i64 = parts.next()?.parse().ok()?;
        let one = parts.next()?.parse().ok()?;
        let other = parts.next()?.parse().ok()?;
        Some((Timestamp::from_second(at).ok()?, one, other))
    }
}

/// A place as the address writes it.
pub(super) fn place(at: Timestamp, one: impl ToString, other: impl ToString) -> String {
    let (one, other) = (one.to_string(), other.to_string());
    format!("{}.{one}.{other}", at.as_second())
}

/// Lines on a page of a list that is in memory as a whole.
const PAGE: usize = 50;

/// The page of a list that is in memory as a whole, after the line whose key the address names, and the key of
/// its last line if there are more.
pub(super) fn page_after<T>(
    all: Vec<T>,
    asked: &ListAsked,
    key: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let begin = all.iter().position(|one| key(one) == asked.after);
    let rest = all.into_iter().skip(begin.map_or(0, |at| at + 1));
    let mut page: Vec<T> = rest.take(PAGE + 1).collect();
    let is_last = page.len() <= PAGE;
    page.truncate(PAGE);
    let next = page.last().filter(|_| !is_last).map(key);
    (page, next)
}

impl ListFilter {
    /// The form of the list at `address`: `states` are words and the names of their texts, and `next` is
    /// where the next page begins.
    pub(super) fn new(
        frame: &Frame,
        address: &'static str,
        states: &[(&'static str, &str)],
        asked: &ListAsked,
        next: Option<String>,
    ) -> Self {
        let chosen = states.iter().find(|(word, _)| *word == asked.state);
        let chosen = chosen.map_or("", |(word, _)| word);
        let all = Choice::new("", frame.t("list-all"), chosen.is_empty());
        let choice =
            |(word, text): &(&'static str, &str)| Choice::new(word, frame.t(text), *word == chosen);
        let states = [all].into_iter().chain(states.iter().map(choice));
        let mut here = format!("{address}?state={chosen}");
        if let Ok(Some(region)) = asked.region() {
            let _ = write!(here, "&in={region}");
        }
        let days = [asked.first_day(), asked.last_day()];
        for (name, day) in ["from", "until"].iter().zip(days) {
            if let Some(day) = day {
                let _ = write!(here, "&{name}={day}");
            }
        }
        let next = next.map(|next| format!("{here}&after={next}"));
        Self {
            address,
            states: states.collect(),
            region: None,
            is_bad_region: false,
            days: None,
            first: (!asked.after.is_empty()).then_some(here),
            next,
        }
    }

    /// The same for a list whose lines lie in regions.
    pub(super) fn by_region(self, asked: &ListAsked) -> Self {
        Self {
            region: Some(asked.region.clone()),
            is_bad_region: asked.region().is_err(),
            ..self
        }
    }

    /// The same for a list whose lines have days.
    pub(super) fn by_day(self, asked: &ListAsked) -> Self {
        let text = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
        Self {
            days: Some([text(asked.first_day()), text(asked.last_day())]),
            ..self
        }
    }

    /// Whether something was typed that cannot be read.
    pub(super) fn is_refused(&self) -> bool {
        self.is_bad_region
    }

    pub(super) fn address(&self) -> &str {
        self.address
    }

    pub(super) fn states(&self) -> &[Choice] {
        &self.states
    }

    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    pub(super) fn days(&self) -> Option<&[String; 2]> {
        self.days.as_ref()
    }

    pub(super) fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    pub(super) fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityKind, EvidenceId, PersonId, Role};
    use service::Operator;

    use super::super::tests::frames;
    use super::*;
    use crate::principal::SECURE_STAFF_COOKIE;
    use crate::testing::City;

    #[tokio::test]
    async fn with_an_office_in_each_of_three_thousand_streets_no_page_is_over_300_kilobytes() {
        let city = City::start().await;
        let operator = Operator::at_the_command_line("the test");
        for number in 0..3_000 {
            let (here, there) = (1 + number / 100, 1 + number % 100);
            let region = format!("3301{here:02}{there:03}").parse().unwrap();
            let name = format!("Centre for disease control of street {number}");
            let access = &city.service.access;
            let kind = AuthorityKind::Health;
            let added = access.add_authority(&operator, kind, &name, region);
            added.await.unwrap();
        }
        let administrator = city
            .staff_with(AuthorityKind::Health, Role::Administrator)
            .await;
        let read = async |address: &str, session: &str| {
            let ask = city.get(address).cookie(SECURE_STAFF_COOKIE, session);
            let page = ask.await;
            assert_eq!(page.status, 200, "{address}: {page:?}");
            assert!(page.text.len() <= 300_000, "{address}: {}", page.text.len());
            page.text
        };
        for address in ["/officer/staff", "/officer/feeds", "/officer"] {
            read(address, &administrator).await;
        }
        for address in [
            "/officer/cases",
            "/officer/appeals",
            "/officer/contradictions",
            "/officer/orders",
            "/officer/proposals",
            "/officer/levels",
            "/officer/venues",
            "/officer/batches",
            "/officer/imports/columns",
        ] {
            read(address, &city.health).await;
        }
        let lead = city
            .staff_with(AuthorityKind::Health, Role::CheckpointLead)
            .await;
        read("/officer/scanners", &lead).await;
        // Nobody reads three thousand: the region of the one that is looked for is named.
        let narrow = read("/officer/feeds?in=330102", &administrator).await;
        let is_offered = |page: &str| page.contains("control of street 142<");
        assert!(is_offered(&narrow), "{narrow}");
    }

    #[test]
    fn a_page_goes_on_where_the_address_says() {
        let key = (
            Timestamp::from_second(1_582_171_200).unwrap(),
            PersonId::from_u128(7),
            EvidenceId::from_u128(9),
        );
        let asked = |after: &str| ListAsked {
            after: after.to_owned(),
            ..ListAsked::default()
        };
        let (at, person, diagnosis) = key;
        assert_eq!(asked(&place(at, person, diagnosis)).after(), Some(key));
        for wrong in ["", "x", "1.2.3", "1582171200"] {
            let read: Option<(_, PersonId, EvidenceId)> = asked(wrong).after();
            assert_eq!(read, None, "{wrong}");
        }
    }

    #[test]
    fn what_is_asked_for_stands_in_the_address_of_the_next_page_and_nothing_else_does() {
        let frame = frames().next().unwrap();
        let states = [("running", "cases-running"), ("done", "cases-done")];
        let asked = ListAsked {
            state: "done".into(),
            region: " de".into(),
            from: "2020-02-01".into(),
            until: "\"><script>".into(),
            after: "1.2.3".into(),
        };
        let filter = |asked: &ListAsked| {
            let next = Some("4.5.6".to_owned());
            let filter = ListFilter::new(&frame, "/officer/cases", &states, asked, next);
            filter.by_region(asked).by_day(asked)
        };
        let read = filter(&asked);
        let here = "/officer/cases?state=done&in=DE&from=2020-02-01";
        assert_eq!(read.first(), Some(here));
        assert_eq!(read.next(), Some(&*format!("{here}&after=4.5.6")));
        assert!(!read.is_refused() && read.states()[2].is_chosen);
        let wrong = ListAsked {
            state: "<b>".into(),
            region: "\"7x".into(),
            ..ListAsked::default()
        };
        let read = filter(&wrong);
        assert!(read.is_refused() && read.states()[0].is_chosen);
        assert_eq!(read.region(), Some("\"7x"), "what was typed is kept");
        assert_eq!(read.next(), Some("/officer/cases?state=&after=4.5.6"));
        assert_eq!(read.first(), None);
    }
}
