//! The columns of a list as its office saved them once: found again by the headings of the next list, and
//! changed by staff members who have seen how they are.

use domain::{StaffId, Timestamp};
use fluent_bundle::FluentArgs;
use service::{SavedColumns, SeenColumns, ServiceError, Staff};

use super::super::Frame;
use super::super::dates::Calendar;
use super::columns::{Target, plain};
use super::{Import, once_each, target};
use crate::App;
use crate::problem::Problem;
use crate::wire::FormData;

/// What the preview says about saved columns.
#[derive(Default)]
pub(super) struct Saved {
    /// What they are called, or what was typed.
    pub(super) name: String,
    /// What was seen of them, for the form.
    pub(super) seen: String,
    /// Whether there are any for these headings.
    pub(super) is_known: bool,
    /// What to say about them.
    pub(super) note: Option<String>,
    /// The name of the text that says what is wrong with the name.
    pub(super) error: Option<&'static str>,
}

/// Reads, saves or forgets how the columns of a list are read; on its first look, they go where they were
/// saved to.
pub(super) async fn saved(
    app: &App,
    (frame, calendar): (&Frame, &Calendar),
    staff: &Staff,
    form: &FormData,
    import: &mut Import,
) -> Result<Saved, Problem> {
    let evidence = &app.service.evidence;
    let kind = import.kind;
    let headings: Vec<String> = import
        .listed
        .header
        .iter()
        .map(|name| plain(name))
        .collect();
    let mut view = Saved::default();
    let mut is_changed = false;
    match &*form.text("act") {
        "save" => {
            view.name = form.text("columns_name");
            let fields = import.goes.iter().map(|goes| goes.map_or("", Target::word));
            let fields: Vec<&str> = fields.collect();
            let seen = read_seen(&form.text("columns_seen"));
            let list = (kind, &*headings);
            match evidence
                .save_columns(staff, list, &view.name, &fields, seen)
                .await
            {
                Ok(true) => view.note = Some(frame.t("import-saved")),
                Ok(false) => is_changed = true,
                Err(ServiceError::BadField { field: "name", .. }) => {
                    view.error = Some("import-save-bad");
                }
                Err(ServiceError::BadField { .. }) => view.error = Some("import-save-full"),
                Err(error) => return Err(error.into()),
            }
        }
        "forget" => {
            evidence.forget_columns(staff, kind, &headings).await?;
            view.note = Some(frame.t("import-forgotten"));
        }
        _ => {}
    }
    let Some(found) = evidence.saved_columns(staff, kind, &headings).await? else {
        return Ok(view);
    };
    view.is_known = true;
    view.seen = write_seen(&found);
    if is_changed {
        view.note = Some(about("import-save-changed", (frame, calendar), &found));
    }
    if form.text("chosen").is_empty() && found.fields.len() == import.goes.len() {
        let goes = found.fields.iter().map(|word| target(kind, word));
        import.goes = once_each(goes.collect());
        view.note = Some(about("import-known", (frame, calendar), &found));
    }
    if view.name.is_empty() {
        view.name = found.name;
    }
    Ok(view)
}

fn about(text: &str, (frame, calendar): (&Frame, &Calendar), found: &SavedColumns) -> String {
    let mut args = FluentArgs::new();
    args.set("name", found.name.as_str());
    args.set("when", calendar.date_time(found.saved_at));
    frame.language.fill(text, &args)
}

/// What is seen of saved columns, as a form sends it back.
pub(super) fn write_seen(columns: &SavedColumns) -> String {
    format!("{}.{}", columns.saved_at.as_second(), columns.by)
}

/// Reads it again.
pub(super) fn read_seen(text: &str) -> SeenColumns {
    let (at, by) = text.split_once('.')?;
    let at = Timestamp::from_second(at.parse().ok()?).ok()?;
    let by: StaffId = by.parse().ok()?;
    Some((at, by))
}
