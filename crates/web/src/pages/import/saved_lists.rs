//! `/officer/imports/columns`: the lists whose columns the office chose, each with where its columns go, and a
//! button that forgets it.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::evidence::FactKind;
use serde::Deserialize;
use service::{SavedList, Staff};

use super::super::dates::Calendar;
use super::super::list_filter::{ListAsked, ListFilter, page_after};
use super::super::{Frame, go_to, page, page_with};
use super::saved::{read_seen, write_seen};
use super::target;
use crate::App;
use crate::principal::{StaffMay, act};
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::hex;

#[derive(Template)]
#[template(path = "import_columns.html")]
pub(super) struct ListsPage {
    frame: Frame,
    /// Whether somebody else changed what was to be forgotten.
    is_changed: bool,
    filter: ListFilter,
    lists: Vec<Entry>,
}

/// A list in the page.
struct Entry {
    name: String,
    kind: &'static str,
    kind_name: String,
    /// The keyed hash of its headings.
    headings: String,
    /// What was seen of it, for the form.
    seen: String,
    when: String,
    /// Where each column goes, in their order.
    columns: Vec<String>,
}

/// What is to be forgotten.
#[derive(Deserialize)]
pub(in crate::pages) struct ForgetForm {
    kind: String,
    headings: String,
    seen: String,
}

/// Shows them.
pub(in crate::pages) async fn show(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::SubmitEvidence>,
    Query(asked): Query<ListAsked>,
) -> Result<Response, Problem> {
    page(&lists_page(&app, frame, &staff, &asked, false).await?)
}

/// Forgets one, unless somebody else changed it since it was shown.
pub(in crate::pages) async fn forget(
    State(app): State<App>,
    frame: Frame,
    StaffMay(staff, _): StaffMay<act::SubmitEvidence>,
    SameOriginForm(form): SameOriginForm<ForgetForm>,
) -> Result<Response, Problem> {
    let mut kinds = FactKind::ALL.iter().copied();
    let kind = kinds.find(|kind| kind.as_str() == form.kind);
    let headings = hex::decode(&form.headings).and_then(|bytes| bytes.try_into().ok());
    let (Some(kind), Some(headings)) = (kind, headings) else {
        return Err(Problem::not_found());
    };
    let seen = read_seen(&form.seen);
    let evidence = &app.service.evidence;
    if evidence.forget_list(&staff, kind, headings, seen).await? {
        return Ok(go_to("/officer/imports/columns", None));
    }
    let first = ListAsked::default();
    page_with(&lists_page(&app, frame, &staff, &first, true).await?, true)
}

async fn lists_page(
    app: &App,
    frame: Frame,
    staff: &Staff,
    asked: &ListAsked,
    is_changed: bool,
) -> Result<ListsPage, Problem> {
    let lists = app.service.evidence.saved_lists(staff).await?;
    let calendar = Calendar::or_utc(&frame, app);
    let key = |list: &SavedList| format!("{}.{}", list.kind, hex::encode(&list.headings));
    let (lists, next) = page_after(lists, asked, key);
    let filter = ListFilter::new(&frame, "/officer/imports/columns", &[], asked, next);
    Ok(drawn(frame, &calendar, (&lists, filter), is_changed))
}

/// The page of these lists.
pub(super) fn drawn(
    frame: Frame,
    calendar: &Calendar,
    (lists, filter): (&[SavedList], ListFilter),
    is_changed: bool,
) -> ListsPage {
    let lists = lists.iter().map(|list| Entry {
        name: list.columns.name.clone(),
        kind: list.kind.as_str(),
        kind_name: frame.t(&format!("kind-{}", list.kind.as_str())),
        headings: hex::encode(&list.headings),
        seen: write_seen(&list.columns),
        when: calendar.date_time(list.columns.saved_at),
        columns: list
            .columns
            .fields
            .iter()
            .map(|word| match target(list.kind, word) {
                Some(target) => frame.t(&format!("import-to-{}", target.word())),
                None => frame.t("import-unused"),
            })
            .collect(),
    });
    ListsPage {
        lists: lists.collect(),
        is_changed,
        filter,
        frame,
    }
}
