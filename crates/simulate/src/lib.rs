//! A made-up city and a known epidemic in it.
//!
//! [`epidemic`] lives through the days: who is where, who infects whom, what is found and recorded.
//! [`City`] is cut from it: what an installation holds at one time, its people with names and
//! documents, its venues with signs, what was recorded and reported until then.
//!
//! Nothing in it is real. Document numbers carry the area prefix 99, which belongs to no place;
//! telephone numbers carry the country code 999, which belongs to no country; the regions begin
//! with 99 too. The same [`Plan`] always gives the same [`City`].

mod cast;
mod city;
pub mod epidemic;
mod identities;
mod names;
mod reports;

pub use cast::Cast;
pub use city::{City, Plan, Report, Resident, Venue, Visit};
