//! Values that are one string on the wire: identifiers, words, regions, times.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use domain::evidence::{
    ContactAnswer, ContradictionAbout, DiagnosisStatus, GroupKind, Relation, StayMode, StaySource,
    Symptom, TestKind, TestResult, read_time,
};
use domain::{
    AccountId, AlarmId, AppealId, Assurance, AuthorityId, ChallengeId, Colour, ContradictionId,
    DeviceId, DocumentKind, EvidenceId, FactKind, FeedId, GlitchId, Level, PersonId, ProposalId,
    Region, RequestKey, Role, ScannerId, SessionId, StaffId, Timestamp, VenueId,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use service::VenueSign;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A domain value in its wire spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WireText<T>(pub(crate) T);

/// A domain value that is one string on the wire.
pub(crate) trait TextForm: Sized {
    /// The name of its schema in the API document.
    const NAME: &'static str;

    /// Reads the string; the error says what was expected and does not repeat the string.
    fn read(text: &str) -> Result<Self, String>;

    /// Writes the string.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Describes the string.
    fn describe(schema: ObjectBuilder) -> ObjectBuilder;
}

impl<T: TextForm> fmt::Display for WireText<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f)
    }
}

impl<T: TextForm> Serialize for WireText<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: TextForm> Deserialize<'de> for WireText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        T::read(&text).map(Self).map_err(de::Error::custom)
    }
}

impl<T: TextForm> PartialSchema for WireText<T> {
    fn schema() -> RefOr<Schema> {
        T::describe(ObjectBuilder::new().schema_type(Type::String)).into()
    }
}

impl<T: TextForm> ToSchema for WireText<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

/// The spellings under names of their own, as the API document knows them.
macro_rules! texts {
    ($($alias:ident = $name:ident),* $(,)?) => {$(
        #[doc = concat!("[`", stringify!($name), "`] on the wire.")]
        pub(crate) type $alias = WireText<$name>;
    )*};
}

texts! {
    PersonText = PersonId,
    ProposalText = ProposalId,
    EvidenceText = EvidenceId,
    AppealText = AppealId,
    ContradictionText = ContradictionId,
    VenueText = VenueId,
    SignText = VenueSign,
    DeviceText = DeviceId,
    AccountText = AccountId,
    SessionText = SessionId,
    ChallengeText = ChallengeId,
    AssuranceText = Assurance,
    RequestText = RequestKey,
    TimeText = Timestamp,
    RegionText = Region,
    ColourText = Colour,
    LevelText = Level,
    SymptomText = Symptom,
    ContactText = ContactAnswer,
    DiagnosisText = DiagnosisStatus,
    RelationText = Relation,
    GroupKindText = GroupKind,
    ModeText = StayMode,
    SourceText = StaySource,
    TestText = TestKind,
    ResultText = TestResult,
    AboutText = ContradictionAbout,
    DocumentText = DocumentKind,
    StaffText = StaffId,
    FeedText = FeedId,
    ScannerText = ScannerId,
    AlarmText = AlarmId,
    GlitchText = GlitchId,
    AuthorityText = AuthorityId,
    RoleText = Role,
    FactKindText = FactKind,
}

macro_rules! ids {
    ($($name:ident: $doc:literal),* $(,)?) => {$(
        impl TextForm for $name {
            const NAME: &'static str = stringify!($name);

            fn read(text: &str) -> Result<Self, String> {
                Self::from_str(text).map_err(|error| error.to_string())
            }

            fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }

            fn describe(schema: ObjectBuilder) -> ObjectBuilder {
                schema.pattern(Some("^[0-9a-f]{32}$")).description(Some($doc))
            }
        }
    )*};
}

ids! {
    PersonId: "Someone registered. Says nothing about who it is.",
    EvidenceId: "One fact about one person.",
    AppealId: "An appeal.",
    ContradictionId: "Something declared and something recorded that do not fit each other.",
    VenueId: "A place where visits are recorded.",
    ProposalId: "A policy or region levels that wait for a second person, or no longer do.",
    DeviceId: "A phone whose key is enrolled for one person.",
    AccountId: "Somebody who signs in on a phone: one person, or several of a family.",
    SessionId: "A phone or browser that is signed in. Opens nothing.",
    ChallengeId: "A one-time code that was asked for. Opens nothing without the code.",
    StaffId: "A human being who acts for an authority.",
    AlarmId: "Something that somebody should look at.",
    GlitchId: "A report of a glitch.",
    FeedId: "A machine of an authority. Opens nothing.",
    ScannerId: "A phone or tablet that scans codes at a gate. Opens nothing.",
    AuthorityId: "A body that staff members and feeds act for.",
    RequestKey: "Drawn at random by the sender and kept for repeats.",
}

macro_rules! words {
    ($($name:ident: $doc:literal),* $(,)?) => {$(
        impl TextForm for $name {
            const NAME: &'static str = stringify!($name);

            fn read(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    let words: Vec<_> = Self::ALL.iter().map(|value| value.as_str()).collect();
                    format!("expected one of {}", words.join(", "))
                })
            }

            fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }

            fn describe(schema: ObjectBuilder) -> ObjectBuilder {
                schema
                    .enum_values(Some(Self::ALL.iter().map(|value| value.as_str())))
                    .description(Some($doc))
            }
        }
    )*};
}

words! {
    Colour: "Green: move freely. Yellow: usually 7 days at home. Red: usually 14 days at home.",
    Role: "One thing that a staff member is there to do.",
    FactKind: "A kind of evidence.",
    Level: "How dangerous an authority says a region is.",
    Symptom: "What a person feels.",
    ContactAnswer: "Whether the person met a case in the last 14 days, as they say.",
    DiagnosisStatus: "What was found.",
    Relation: "How two people met.",
    GroupKind: "What the members of a group share. Each trip of a vehicle is a group of its own.",
    StayMode: "Whether the person lives there, stopped there, or passed through without stopping.",
    StaySource: "Who says that the person was there.",
    TestKind: "What kind of test.",
    TestResult: "What the test showed.",
    ContradictionAbout: "What was declared wrongly.",
    Assurance: "How far an account is proven to be the person: typed, by a one-time code to the phone, or seen by somebody who may say so.",
}

impl TextForm for Region {
    const NAME: &'static str = "Region";

    fn read(text: &str) -> Result<Self, String> {
        Self::from_str(text).map_err(|error| error.to_string())
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema
            .pattern(Some("^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[A-Z]{2})$"))
            .description(Some(
                "A GB/T 2260 code of 2, 4, 6 or 9 digits, or an ISO 3166 country.",
            ))
            .examples(["330106"])
    }
}

impl TextForm for VenueSign {
    const NAME: &'static str = "VenueSign";

    fn read(text: &str) -> Result<Self, String> {
        Self::from_str(text).map_err(|error| error.to_string())
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema
            .pattern(Some("^[0-9a-f]{32}\\.[0-9]+\\.[0-9a-f]{64}$"))
            .description(Some(
                "What a screen at the door of a venue showed: `sign` in the address in its square. \
                 The venue, when it was shown in Unix seconds, and a seal.",
            ))
    }
}

impl TextForm for Timestamp {
    const NAME: &'static str = "Time";

    fn read(text: &str) -> Result<Self, String> {
        read_time(text).map_err(|bad| bad.to_string())
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339, whole seconds. Answers are in UTC."))
            .examples(["2020-02-17T00:30:00Z"])
    }
}

impl TextForm for DocumentKind {
    const NAME: &'static str = "DocumentKind";

    fn read(text: &str) -> Result<Self, String> {
        Self::from_code(text).ok_or_else(|| {
            let codes: Vec<_> = Self::ALL.iter().map(|kind| kind.code()).collect();
            format!("expected one of {}", codes.join(", "))
        })
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }

    fn describe(schema: ObjectBuilder) -> ObjectBuilder {
        schema
            .enum_values(Some(Self::ALL.iter().map(|kind| kind.code())))
            .description(Some(
                "10 resident identity card, 14 Hong Kong and Macao permit, 15 Taiwan permit, \
             20 passport, 34 foreigner's residence card, 99 other.",
            ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_the_wire() {
        let time: WireText<Timestamp> =
            serde_json::from_str(r#""2020-02-17T08:30:00+08:00""#).unwrap();
        assert_eq!(
            serde_json::to_string(&time).unwrap(),
            r#""2020-02-17T00:30:00Z""#
        );
        let colour: WireText<Colour> = serde_json::from_str(r#""red""#).unwrap();
        assert_eq!(serde_json::to_string(&colour).unwrap(), r#""red""#);
    }

    #[test]
    fn a_refusal_says_what_was_expected_and_not_what_came() {
        let refused = serde_json::from_str::<WireText<PersonId>>(r#""13800000000""#).unwrap_err();
        assert!(
            refused.to_string().contains("32 hexadecimal digits"),
            "{refused}"
        );
        assert!(!refused.to_string().contains("138"), "{refused}");
        let refused = serde_json::from_str::<WireText<Level>>(r#""awful""#).unwrap_err();
        assert!(
            refused.to_string().contains("low, medium, high"),
            "{refused}"
        );
        assert!(!refused.to_string().contains("awful"), "{refused}");
    }
}
