//! `GET /api/v1/openapi.json`

use std::sync::LazyLock;

use axum::http::{HeaderName, header};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{FieldError, ProblemBody, ProblemType};

const TAGS: [(&str, &str); 15] = [
    (
        "residents",
        "Registering, declaring, reading one's own status.",
    ),
    (
        "accounts",
        "Proving a phone, signing in and out, who is on an account.",
    ),
    (
        "office",
        "What a community worker does with a document in hand.",
    ),
    (
        "codes",
        "What a phone or a card shows, and how it is checked.",
    ),
    (
        "venues",
        "Places, and the visits that people's own phones report.",
    ),
    ("evidence", "What authorities submit and take back."),
    (
        "orders",
        "What restricts a person directly: by two staff members.",
    ),
    (
        "disclosures",
        "Handing data to somebody outside: by two staff members, and never unseen.",
    ),
    ("sunset", "The end of the emergency: by two staff members."),
    (
        "appeals",
        "What people say is wrong about their restrictions, and who answers by when.",
    ),
    (
        "contradictions",
        "What does not fit what people declared: they are heard, then an officer settles it.",
    ),
    (
        "staff",
        "Who acts for an authority: staff members, by two persons, and feeds.",
    ),
    ("publishing", "Policies and region levels."),
    ("statistics", "The figures of a day."),
    ("public", "What anybody may read."),
];

/// What the document says before its paths.
pub(super) fn document() -> OpenApi {
    let types: Vec<String> = ProblemType::ALL
        .iter()
        .map(|kind| {
            format!(
                "| `{}` | {} | {} |",
                kind.name(),
                kind.status().as_u16(),
                kind.title()
            )
        })
        .collect();
    let about = format!(
        "Turns evidence into verdicts, verdicts into codes, and checks codes.\n\n\
         No request sets a colour: authorities submit or withdraw evidence, and the policy in \
         force decides. Times are RFC 3339. A request with an `Idempotency-Key` may be repeated; \
         it counts once.\n\n\
         Refusals are problem details (RFC 9457). Their types:\n\n\
         | type | status | meaning |\n|---|---|---|\n{}",
        types.join("\n"),
    );
    let bearer = |who: &str| {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description = Some(who.to_owned());
        SecurityScheme::Http(scheme)
    };
    let components = ComponentsBuilder::new()
        .schema(ProblemBody::name(), ProblemBody::schema())
        .schema(FieldError::name(), FieldError::schema())
        .security_scheme(
            "resident",
            bearer("The token that the registration returned."),
        )
        .security_scheme(
            "feed",
            bearer("The token of a machine of an authority: it submits and does nothing else."),
        )
        .security_scheme(
            "staff",
            bearer(
                "The token of a staff member's program, as their own page made it. What their browser \
                 holds in a cookie is none.",
            ),
        );
    let info = InfoBuilder::new()
        .title("healthcode")
        .version("1")
        .description(Some(about))
        .license(Some(
            utoipa::openapi::LicenseBuilder::new()
                .name("Apache-2.0")
                .build(),
        ));
    let tags = TAGS.map(|(name, about)| {
        TagBuilder::new()
            .name(name)
            .description(Some(about))
            .build()
    });
    OpenApiBuilder::new()
        .info(info.build())
        .components(Some(components.build()))
        .tags(Some(tags))
        .build()
}

static DOCUMENT: LazyLock<String> = LazyLock::new(crate::openapi_json);

/// Read this document
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "public",
    responses((status = 200, body = Object, content_type = "application/json")),
)]
pub(crate) async fn openapi() -> ([(HeaderName, &'static str); 2], &'static str) {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, &DOCUMENT)
}
