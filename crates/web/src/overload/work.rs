//! What kind of work each route is. One table, so that it can be reviewed; a test finds a route that
//! it does not name.

use axum::http::Method;

/// Kinds of work, in the order in which they go on when there is too much to do: the last is refused
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Codes are fetched and checked: never refused, and not counted. Needs no database, or little.
    Codes,
    /// Pages that show a code: a room of their own.
    Showing,
    /// What offices, laboratories and other feeds do.
    Offices,
    /// Opening an account.
    Registrations,
    /// Proving a phone and signing in.
    SignIns,
    /// What waits for a gateway or a provider: a room of its own.
    Sending,
    /// What residents write: declarations, visits, appeals.
    Declarations,
    /// What residents look up about the past.
    History,
    /// Statistics, the public log, and whatever is downloaded.
    Statistics,
}

impl Work {
    /// Every kind.
    pub(crate) const ALL: [Self; 9] = [
        Self::Codes,
        Self::Showing,
        Self::Offices,
        Self::Registrations,
        Self::SignIns,
        Self::Sending,
        Self::Declarations,
        Self::History,
        Self::Statistics,
    ];

    /// Its name in the log.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Codes => "codes",
            Self::Showing => "showing",
            Self::Offices => "offices",
            Self::Registrations => "registrations",
            Self::SignIns => "sign-ins",
            Self::Sending => "sending",
            Self::Declarations => "declarations",
            Self::History => "history",
            Self::Statistics => "statistics",
        }
    }

    /// Whether it is counted together with others and refused in their order.
    pub(crate) const fn is_shed(self) -> bool {
        !matches!(self, Self::Codes | Self::Showing | Self::Sending)
    }

    /// Whether its latency says how busy the database is. That of others depends on what is asked.
    pub(crate) const fn is_measured(self) -> bool {
        matches!(self, Self::Registrations | Self::Declarations)
    }

    /// What a route is; `None` of one that nobody has put into the table.
    pub(crate) fn of(method: &Method, route: &str) -> Option<Self> {
        if let Some(asset) = route.strip_prefix("/assets/") {
            return (!asset.is_empty()).then_some(Self::Codes);
        }
        if *method == Method::GET || *method == Method::HEAD {
            reading(route)
        } else {
            writing(route)
        }
    }
}

fn reading(route: &str) -> Option<Work> {
    Some(match route {
        "/me" | "/me/pulse" | "/me/card" | "/me/why" | "/api/v1/me/status" | "/checkpoint"
        | "/checkpoint/enrol" | "/sign-in" | "/visit" | "/declare" | "/venue-screen" => {
            Work::Showing
        }
        "/health"
        | "/"
        | "/offline"
        | "/offline/visit"
        // Drawn from memory, and looked for on a bad day.
        | "/check"
        | "/data"
        | "/help"
        | "/help/report"
        | "/worker.js"
        | "/manifest.webmanifest"
        | "/register"
        | "/checkpoint/answers"
        | "/checkpoint/knowledge"
        | "/checkpoint/scanner"
        | "/api/v1/status-lists/{number}"
        | "/api/v1/trust-list" => Work::Codes,
        "/sign-in/{provider}"
        | "/sign-in/{provider}/start"
        | "/sign-in/{provider}/bind"
        | "/sign-in/{provider}/callback" => Work::Sending,
        "/me/prove-phone" => Work::SignIns,
        "/me/history"
        | "/me/visits"
        | "/me/data"
        | "/me/data/delete"
        | "/me/security"
        | "/me/people"
        | "/me/appeals"
        | "/me/appeals/new"
        | "/me/appeals/{appeal}/file"
        | "/me/contradictions"
        | "/api/v1/me/appeals"
        | "/api/v1/me/appeals/{appeal}/file"
        | "/api/v1/me/contradictions"
        | "/api/v1/me/disclosures"
        | "/api/v1/me/looks"
        | "/api/v1/me/people"
        | "/api/v1/me/security" => Work::History,
        "/rules"
        | "/rules/versions"
        | "/rules/{id}/{version}"
        | "/rules/{id}/{version}/changes"
        | "/limits"
        | "/help/report/{number}"
        | "/stats"
        | "/log"
        | "/log/checkpoint"
        | "/log/tile/{*path}"
        | "/officer/stats"
        | "/api/v1/openapi.json"
        | "/api/v1/caps"
        | "/api/v1/appeals-by-rule"
        | "/api/v1/disclosure-counts"
        | "/api/v1/policies"
        | "/api/v1/policies/{id}/{version}"
        | "/api/v1/stats"
        | "/api/v1/stats/full" => Work::Statistics,
        office => return office_work(office),
    })
}

fn writing(route: &str) -> Option<Work> {
    Some(match route {
        "/api/v1/me/phones/{device}/assertion"
        | "/me/phone/{device}/assertion"
        | "/api/v1/verifications"
        | "/checkpoint" => Work::Codes,
        "/me/phone"
        | "/checkpoint/enrol"
        | "/api/v1/me/phones"
        | "/api/v1/me/codes/card"
        | "/api/v1/me/codes/plain"
        // Requests that end something.
        | "/sign-out"
        | "/staff/sign-out"
        | "/api/v1/me/sign-out"
        | "/api/v1/me/phones/{device}/end"
        | "/api/v1/me/sessions/{session}/end"
        | "/api/v1/me/holders/{account}/end"
        | "/api/v1/me/people/{person}/removal"
        | "/api/v1/me/deletion"
        | "/me/data/delete"
        | "/me/security" => Work::Showing,
        "/register" | "/api/v1/registrations" => Work::Registrations,
        "/sign-in"
        | "/sign-in/code"
        | "/me/prove-phone"
        | "/api/v1/sign-ins"
        | "/api/v1/sign-ins/confirmations"
        | "/api/v1/me/phone-proofs" => Work::SignIns,
        "/me/prove-phone/send" | "/api/v1/me/phone-codes" | "/api/v1/me/deletion-codes" => {
            Work::Sending
        }
        "/declare"
        | "/visit"
        | "/me/visits/scans"
        | "/checkpoint/visits"
        | "/help/report"
        | "/me/people"
        | "/me/appeals/new"
        | "/me/contradictions/{contradiction}"
        | "/api/v1/me/declarations"
        | "/api/v1/me/visits"
        | "/api/v1/me/visits/{visit}/departure"
        | "/api/v1/me/scans"
        | "/api/v1/me/appeals"
        | "/api/v1/me/consents"
        | "/api/v1/me/people"
        | "/api/v1/me/contradictions/{id}" => Work::Declarations,
        "/me/data" | "/log/cosignature" => Work::Statistics,
        office => return office_work(office),
    })
}

fn office_work(route: &str) -> Option<Work> {
    const OFFICES: [&str; 5] = [
        "/officer",
        "/staff/",
        "/demo/",
        "/api/v1/office/",
        "/api/v1/people/{person}/",
    ];
    if OFFICES.iter().any(|start| route.starts_with(start)) {
        return Some(Work::Offices);
    }
    let first = route.strip_prefix("/api/v1/")?.split('/').next();
    let is_listed = matches!(
        first,
        Some(
            "alarms"
                | "appeals"
                | "authorities"
                | "batches"
                | "cases"
                | "contradictions"
                | "disclosures"
                | "evidence"
                | "feeds"
                | "memberships"
                | "orders"
                | "policies"
                | "progress"
                | "proposals"
                | "records"
                | "regions"
                | "staff"
                | "sunset"
                | "venues"
        )
    );
    is_listed.then_some(Work::Offices)
}
