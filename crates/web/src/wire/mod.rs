//! How domain values look in JSON. Evidence has the form that the domain gives it; the domain's other
//! types are not serialised: their wire format is this module's and changes only on purpose.

mod appeal;
mod body;
mod contradiction;
mod evidence;
mod fact_schema;
mod form_data;
pub(crate) mod hex;
mod in_path;
mod items;
mod order;
mod proposal;
mod statistics;
mod status;
mod wire_text;

pub(crate) use appeal::{
    WireAppeal, WireAppealToAnswer, WireAppealsByRule, WireQueuedAppeal, attached, file_bytes,
};
pub(crate) use body::{Body, read, unread};
pub(crate) use contradiction::{
    WireContradiction, WireContradictionToSettle, WireQueuedContradiction,
};
pub(crate) use evidence::{Unfit, WireDocument, WireEvidence, subject};
pub(crate) use form_data::FormData;
pub(crate) use in_path::InPath;
pub(crate) use items::{RefusedItem, read_each};
pub(crate) use order::WireOrder;
pub(crate) use proposal::{WireLevel, WireProposal};
pub(crate) use statistics::{AskedDay, WireStatistics};
pub(crate) use status::WireStatus;
pub(crate) use wire_text::{
    AccountText, AlarmText, AppealText, AssuranceText, AuthorityText, ChallengeText, ColourText,
    ContactText, ContradictionText, DeviceText, EvidenceText, FactKindText, FeedText, GlitchText,
    GroupKindText, LevelText, ModeText, PersonText, ProposalText, RegionText, RequestText,
    RoleText, ScannerText, SessionText, SignText, StaffText, SymptomText, TimeText, VenueText,
    WireText,
};
