//! Which machines a page of the list shows, and which offices a new machine or staff member is offered for.

use domain::{Authority, Region, Timestamp};
use service::FeedView;

use super::super::list_filter::{ListAsked, page_after};

/// Offices that are offered. A reader who has more narrows them by their region.
const MOST_OFFICES: usize = 200;

/// The machines of a page, and which one the next page comes after. `soon` is what ends before then counts as
/// ending soon.
pub(super) fn narrowed(
    mut feeds: Vec<FeedView>,
    asked: &ListAsked,
    soon: Timestamp,
) -> (Vec<FeedView>, Option<String>) {
    feeds.sort_by(|one, other| {
        let names = |feed: &FeedView| (feed.authority.name.clone(), feed.name.clone(), feed.id);
        names(one).cmp(&names(other))
    });
    let region = asked.region();
    feeds.retain(|feed| {
        lies_in(&feed.authority, region) && (asked.state != "soon" || feed.ends_at < soon)
    });
    page_after(feeds, asked, |feed| feed.id.to_string())
}

/// The offices that are offered: those in the region, the reader's own among them.
pub(in crate::pages) fn offices(
    all: Vec<Authority>,
    asked: &ListAsked,
    own: &Authority,
) -> Vec<Authority> {
    let region = asked.region();
    let others = all
        .into_iter()
        .filter(|one| one.id != own.id && lies_in(one, region));
    let own = std::iter::once(own.clone());
    own.chain(others.take(MOST_OFFICES)).collect()
}

/// Whether an office lies in the region that is asked for.
pub(in crate::pages) fn lies_in(authority: &Authority, region: Result<Option<Region>, ()>) -> bool {
    match region {
        Ok(None) => true,
        Ok(Some(region)) => authority.region.lies_within(region),
        Err(()) => false,
    }
}

#[cfg(test)]
mod tests {
    use domain::{AuthorityId, AuthorityKind, FactKind, FeedId};

    use super::*;

    fn office(number: u128, region: &str) -> Authority {
        Authority {
            id: AuthorityId::from_u128(number),
            kind: AuthorityKind::Laboratory,
            name: format!("Laboratory {number:04}"),
            region: region.parse().unwrap(),
        }
    }

    fn feed(number: u128, region: &str, ends_at: i64) -> FeedView {
        FeedView {
            id: FeedId::from_u128(number),
            authority: office(number, region),
            name: "machine".to_owned(),
            kinds: vec![FactKind::Test],
            rate_per_minute: 60,
            ends_at: Timestamp::from_second(ends_at).unwrap(),
            public_key: None,
        }
    }

    #[test]
    fn machines_are_read_page_by_page_and_by_region_and_end() {
        let mut feeds: Vec<FeedView> = (0..120).map(|one| feed(one, "330106", 100)).collect();
        feeds.extend((200..203).map(|one| feed(one, "4201", 9)));
        feeds.reverse();
        let soon = Timestamp::from_second(50).unwrap();
        let mut asked = ListAsked::default();
        let mut read = Vec::new();
        loop {
            let (page, next) = narrowed(feeds.clone(), &asked, soon);
            read.extend(page.into_iter().map(|feed| feed.id.as_u128()));
            match next {
                Some(next) => asked.after = next,
                None => break,
            }
        }
        let all: Vec<u128> = (0..120).chain(200..203).collect();
        assert_eq!(read, all, "each once, by name");
        let of = |state: &str, region: &str| {
            let asked = ListAsked {
                state: state.into(),
                region: region.into(),
                ..ListAsked::default()
            };
            narrowed(feeds.clone(), &asked, soon).0.len()
        };
        assert_eq!((of("soon", ""), of("soon", "33"), of("", "42")), (3, 0, 3));
        assert_eq!(of("", "nowhere"), 0);
    }

    #[test]
    fn of_thousands_of_offices_some_are_offered_and_ones_own_always() {
        let all: Vec<Authority> = (0..3_000).map(|one| office(one, "330106")).collect();
        let own = office(2_999, "330106");
        let offered = offices(all.clone(), &ListAsked::default(), &own);
        assert_eq!(offered.len(), MOST_OFFICES + 1);
        assert_eq!(offered[0], own);
        let asked = ListAsked {
            region: "42".into(),
            ..ListAsked::default()
        };
        assert_eq!(offices(all, &asked, &own), [own]);
    }
}
