//! How the API document describes a fact: as the domain declares its fields.

use std::borrow::Cow;

use domain::evidence::{Field, Holds, Requirement, SentFact, SentStatement};
use domain::{FactKind, PersonId, Region, Timestamp};
use utoipa::openapi::schema::{
    ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::wire_text::{
    AboutText, ColourText, ContactText, DiagnosisText, ModeText, PersonText, RegionText,
    RelationText, ResultText, SourceText, SymptomText, TestText, TextForm, TimeText,
};

/// What a piece of evidence says.
pub(super) struct FactSchema;

impl PartialSchema for FactSchema {
    fn schema() -> RefOr<Schema> {
        let about =
            "What a piece of evidence says. Each kind of authority may submit some kinds only.";
        let kinds = SentFact::KINDS.iter();
        kinds
            .fold(OneOfBuilder::new(), |all, kind| all.item(of_kind(*kind)))
            .description(Some(about))
            .into()
    }
}

impl ToSchema for FactSchema {
    fn name() -> Cow<'static, str> {
        "Fact".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        macro_rules! with {
            ($($text:ty),*) => { $(schemas.push((<$text>::name().into(), <$text>::schema()));)* };
        }
        with!(
            AboutText,
            ColourText,
            ContactText,
            DiagnosisText,
            ModeText,
            PersonText,
            RegionText,
            RelationText,
            ResultText,
            SourceText,
            SymptomText,
            TestText,
            TimeText
        );
    }
}

fn of_kind(kind: FactKind) -> ObjectBuilder {
    let word = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([kind.as_str()]));
    let object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(kind.about()));
    if kind == FactKind::ForeignVerdict {
        return foreign_code(object).property("kind", word).required("kind");
    }
    let fields = kind.fields().iter();
    let object = fields.fold(object, |object, field| {
        let object = object.property(field.json, of_field(field));
        match field.requirement {
            Requirement::Always => object.required(field.json),
            Requirement::MayBeEmpty | Requirement::Optional => object,
        }
    });
    object.property("kind", word).required("kind")
}

/// Colour, issuer and end are what the issuer signed.
fn foreign_code(object: ObjectBuilder) -> ObjectBuilder {
    let code = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(
            "The whole text of the code as that issuer signed it, sent while the code holds. Its \
         issuer must be in the trust list, and is not this installation.",
        ));
    object
        .property(SentStatement::CODE, code)
        .required(SentStatement::CODE)
}

fn of_field(field: &Field) -> RefOr<Schema> {
    let about = Some(sentence(field.about));
    let or_null = |kind: Type| match field.requirement {
        Requirement::Always => SchemaType::new(kind),
        Requirement::MayBeEmpty | Requirement::Optional => {
            SchemaType::from_iter([kind, Type::Null])
        }
    };
    let plain = |kind: Type| {
        ObjectBuilder::new()
            .schema_type(or_null(kind))
            .description(about.clone())
    };
    let named = |name: &str| {
        let mut known = Ref::from_schema_name(name);
        known.description = about.clone().unwrap_or_default();
        match field.requirement {
            Requirement::Always => known.into(),
            Requirement::MayBeEmpty | Requirement::Optional => OneOfBuilder::new()
                .item(known)
                .item(ObjectBuilder::new().schema_type(Type::Null))
                .into(),
        }
    };
    let list = |items: RefOr<Schema>| {
        ArrayBuilder::new()
            .items(items)
            .description(about.clone())
            .into()
    };
    match field.holds {
        Holds::Text => plain(Type::String).into(),
        Holds::Past | Holds::Time => named(Timestamp::NAME),
        Holds::Word(vocabulary) => named(vocabulary.name),
        Holds::Region => named(Region::NAME),
        Holds::Person => named(PersonId::NAME),
        Holds::Venue => named(domain::VenueId::NAME),
        Holds::Evidence => named(domain::EvidenceId::NAME),
        Holds::Words(vocabulary) => list(Ref::from_schema_name(vocabulary.name).into()),
        Holds::Signatures => list(ObjectBuilder::new().schema_type(Type::String).into()),
        Holds::Whole(..) => plain(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(0))
            .into(),
        Holds::Degrees => plain(Type::Number)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
            .into(),
    }
}

/// What a field means, as a sentence.
fn sentence(about: &str) -> String {
    let (first, rest) = about.split_at(about.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}.", first.to_uppercase())
}
