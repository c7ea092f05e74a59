//! How domain values look in JSON. Evidence has the form that the domain gives it; the domain's other
//! types are not serialised: their wire format is this module's and changes only on purpose.

mod body;
mod evidence;
mod fact_schema;
pub(crate) mod hex;
mod proposal;
mod spelled;
mod statistics;
mod status;

pub(crate) use body::{Body, read, unread};
pub(crate) use evidence::{Unfit, WireDocument, WireEvidence, subject};
pub(crate) use proposal::{WireLevel, WireProposal};
pub(crate) use spelled::{
    ColourText, ContactText, DeviceText, EvidenceText, GroupKindText, LevelText, ModeText,
    PersonText, ProposalText, RegionText, RequestText, Spelled, SymptomText, TimeText, VenueText,
};
pub(crate) use statistics::{AskedDay, WireStatistics};
pub(crate) use status::WireStatus;
