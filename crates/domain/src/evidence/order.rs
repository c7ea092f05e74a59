//! Orders: the only evidence that restricts a person directly (invariant 2).

use jiff::{SignedDuration, Timestamp};

use crate::text::{has_letters, is_one_name};
use crate::verdict::Colour;

/// An order: two persons, a legal basis, an end within 72 hours (invariant 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    colour: Colour,
    from: Timestamp,
    until: Timestamp,
    basis: String,
    signed_by: [String; 2],
}

/// Why an order is void.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOrder {
    /// Green is not an order.
    #[error("an order restricts: its colour is red or yellow, not green")]
    Green,
    /// Too long, or ends before it begins.
    #[error("an order ends after it begins and within 72 hours; this one lasts {hours} hours")]
    Duration {
        /// Whole hours from beginning to end.
        hours: i64,
    },
    /// No legal basis.
    #[error("an order names its legal basis; the text is empty")]
    NoBasis,
    /// One officer signed twice, or one did not sign.
    #[error("an order is signed by two different persons")]
    NotTwoPersons,
}

impl Order {
    /// The longest an order may last.
    pub const LONGEST: SignedDuration = SignedDuration::from_hours(72);

    /// Checks what makes an order valid.
    ///
    /// # Errors
    /// [`BadOrder`] says which condition does not hold.
    pub fn new(
        colour: Colour,
        from: Timestamp,
        until: Timestamp,
        basis: String,
        signed_by: [String; 2],
    ) -> Result<Self, BadOrder> {
        let order = Self::on_record(colour, from, until, basis, signed_by)?;
        let [first, second] = &order.signed_by;
        if !has_letters(first) || !has_letters(second) || is_one_name(first, second) {
            return Err(BadOrder::NotTwoPersons);
        }
        Ok(order)
    }

    /// The same for an order that is on record: one whose signers differ in spelling alone was taken in
    /// once, and is read as it stands.
    pub(super) fn on_record(
        colour: Colour,
        from: Timestamp,
        until: Timestamp,
        basis: String,
        signed_by: [String; 2],
    ) -> Result<Self, BadOrder> {
        if colour == Colour::Green {
            return Err(BadOrder::Green);
        }
        let lasts = until.duration_since(from);
        if !lasts.is_positive() || lasts > Self::LONGEST {
            return Err(BadOrder::Duration {
                hours: lasts.as_hours(),
            });
        }
        if basis.trim().is_empty() {
            return Err(BadOrder::NoBasis);
        }
        let [first, second] = [signed_by[0].trim(), signed_by[1].trim()];
        if first.is_empty() || second.is_empty() || first == second {
            return Err(BadOrder::NotTwoPersons);
        }
        Ok(Self {
            colour,
            from,
            until,
            basis,
            signed_by,
        })
    }

    /// Red or yellow.
    pub const fn colour(&self) -> Colour {
        self.colour
    }

    /// The first instant.
    pub const fn from(&self) -> Timestamp {
        self.from
    }

    /// The first instant after.
    pub const fn until(&self) -> Timestamp {
        self.until
    }

    /// The law it rests on.
    pub fn basis(&self) -> &str {
        &self.basis
    }

    /// The two persons who answer for it.
    pub fn signed_by(&self) -> &[String; 2] {
        &self.signed_by
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(signed_by: [&str; 2]) -> Result<Order, BadOrder> {
        let (from, until) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(3600).unwrap());
        let signed_by = signed_by.map(str::to_owned);
        Order::new(Colour::Red, from, until, "Law 1".into(), signed_by)
    }

    #[test]
    fn invariant_2_another_spelling_is_no_second_person() {
        let one = [
            ["A", "A"],
            ["A", "a"],
            ["A", "A\u{200b}"],
            ["A", " A."],
            ["Dr Li", "DR  LI"],
            ["A", ""],
            ["A", "\u{200b}"],
            ["A", "\u{410}"],
        ];
        for names in one {
            assert_eq!(signed(names), Err(BadOrder::NotTwoPersons), "{names:?}");
        }
        assert!(signed(["李明", "李华"]).is_ok());
        assert!(signed(["Dr Li", "Dr Lin"]).is_ok());
    }

    #[test]
    fn an_order_on_record_is_read_as_it_stands() {
        let (from, until) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(3600).unwrap());
        let signed_by = ["A", "a"].map(str::to_owned);
        let order = Order::on_record(Colour::Red, from, until, "Law 1".into(), signed_by.clone());
        assert_eq!(order.unwrap().signed_by(), &signed_by);
    }
}
