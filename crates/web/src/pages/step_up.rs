//! Showing the passkey again: which pages need it, and where the sign-in page sends somebody afterwards.

use service::{Action, Staff};

use crate::App;

/// One of our own pages, by a word. A request names a page only so, never by an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// The desk.
    #[default]
    Desk,
    /// Who the staff members are.
    Staff,
    /// The machines.
    Feeds,
    /// Orders.
    Orders,
    /// Submissions above the cap.
    Batches,
    /// Proposals of rules and levels.
    Proposals,
    /// One's own account.
    Account,
    /// The counter of an office.
    Office,
    /// Entering a case.
    NewCase,
    /// Scanners at gates.
    Scanners,
    /// Records of people.
    Records,
}

impl Place {
    /// Every place, the one where everybody goes who names none first.
    pub(crate) const ALL: [Self; 11] = [
        Self::Desk,
        Self::Staff,
        Self::Feeds,
        Self::Orders,
        Self::Batches,
        Self::Proposals,
        Self::Account,
        Self::Office,
        Self::NewCase,
        Self::Scanners,
        Self::Records,
    ];

    /// The word for it in an address and in a form.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Staff => "staff",
            Self::Feeds => "feeds",
            Self::Orders => "orders",
            Self::Batches => "batches",
            Self::Proposals => "proposals",
            Self::Account => "account",
            Self::Office => "office",
            Self::NewCase => "case",
            Self::Scanners => "scanners",
            Self::Records => "records",
        }
    }

    /// Where it is.
    pub(crate) const fn address(self) -> &'static str {
        match self {
            Self::Desk => "/officer",
            Self::Staff => "/officer/staff",
            Self::Feeds => "/officer/feeds",
            Self::Orders => "/officer/orders",
            Self::Batches => "/officer/batches",
            Self::Proposals => "/officer/proposals",
            Self::Account => "/officer/account",
            Self::Office => "/officer/office",
            Self::NewCase => "/officer/cases/new",
            Self::Scanners => "/officer/scanners",
            Self::Records => "/officer/records",
        }
    }

    /// The place that a word stands for; the desk for every other word.
    pub(crate) fn named(word: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|place| place.word() == word).unwrap_or_default()
    }

    /// The place that `?then=` names.
    pub(crate) fn asked_for(query: Option<&str>) -> Self {
        let mut pairs = query.unwrap_or_default().split('&');
        let word = pairs.find_map(|pair| pair.strip_prefix("then="));
        Self::named(word.unwrap_or_default())
    }

    /// The place to which the page at `path` belongs.
    pub(crate) fn of(path: &str) -> Self {
        let mut inner = Self::ALL.into_iter().filter(|place| *place != Self::Desk);
        inner
            .find(|place| path.starts_with(place.address()))
            .unwrap_or_default()
    }
}

/// Whether a sensitive act would be refused now for want of a passkey. A page says so before somebody
/// types.
pub(super) fn must_show_passkey(app: &App, staff: &Staff) -> bool {
    must_show_passkey_for(app, staff, Action::KeepOwnAccount)
}

/// The same for one act: at the counter of an office a passkey counts longer.
pub(super) fn must_show_passkey_for(app: &App, staff: &Staff, action: Action) -> bool {
    let shown_for = app.service.now().duration_since(staff.stepped_up_at());
    shown_for > action.step_up_lasts()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_places_are_gone_to() {
        for place in Place::ALL {
            assert_eq!(Place::named(place.word()), place);
            assert_eq!(Place::of(place.address()), place);
            let query = format!("lang=en&then={}", place.word());
            assert_eq!(Place::asked_for(Some(&query)), place);
        }
        for foreign in ["https://evil.example", "//evil.example", "/me", "", "STAFF"] {
            assert_eq!(Place::named(foreign), Place::Desk, "{foreign}");
        }
        assert_eq!(Place::asked_for(None), Place::Desk);
        assert_eq!(Place::of("/officer/orders/00/x"), Place::Orders);
    }
}
