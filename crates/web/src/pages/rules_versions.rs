//! `/rules/versions` and the pages of each version: what was in force, and what each version changed, rule
//! by rule.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::policy::{self, Rule, RuleChange};
use domain::{Policy, PolicyRef};
use fluent_bundle::FluentArgs;

use super::dates::Calendar;
use super::rule_words::{RuleWords, in_words};
use super::rules::{PolicyView, policy_view};
use super::text_language::TextLanguage;
use super::{Frame, page};
use crate::App;
use crate::problem::Problem;

/// A version in the list.
struct Version {
    text: String,
    address: String,
    changes: String,
    /// The name of the text that says where it stands, if it is not over.
    state: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "rules_versions.html")]
struct VersionsPage {
    frame: Frame,
    versions: Vec<Version>,
}

#[derive(Template)]
#[template(path = "rules_version.html")]
struct VersionPage {
    frame: Frame,
    policy: PolicyView,
    changes: String,
}

/// A rule that a version changed.
struct Changed {
    title: String,
    /// The name of the text that says what became of it.
    what: &'static str,
    only_texts: bool,
    before: Option<RuleWords>,
    after: Option<RuleWords>,
}

#[derive(Template)]
#[template(path = "rules_changes.html")]
struct ChangesPage {
    frame: Frame,
    texts: TextLanguage,
    version: String,
    /// With which version it is compared; `None` of the first.
    before: Option<String>,
    changes: Vec<Changed>,
}

/// Lists every version.
pub(super) async fn list(State(app): State<App>, frame: Frame) -> Result<Response, Problem> {
    let all = app.service.policies.versions();
    let now = app.service.now();
    let in_force = app.service.policies.policy();
    let versions = all.iter().rev().map(|policy| {
        let calendar = Calendar::new(frame.language, policy.time_zone().clone());
        let mut args = FluentArgs::new();
        args.set("version", policy.reference().to_string());
        args.set("when", calendar.date_time(policy.effective()));
        let address = address(policy.reference());
        let is_now = in_force
            .as_ref()
            .is_some_and(|now| now.reference() == policy.reference());
        Version {
            text: frame.language.fill("versions-line", &args),
            changes: format!("{address}/changes"),
            address,
            state: match (is_now, policy.effective() > now) {
                (true, _) => Some("versions-now"),
                (false, true) => Some("versions-later"),
                (false, false) => None,
            },
        }
    });
    page(&VersionsPage {
        versions: versions.collect(),
        frame,
    })
}

/// Shows a version.
pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    Path((id, version)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (all, place) = find(&app, &id, &version)?;
    let policy = &all[place];
    page(&VersionPage {
        changes: format!("{}/changes", address(policy.reference())),
        policy: policy_view(policy, &[], &frame),
        frame,
    })
}

/// Shows what a version changed.
pub(super) async fn changes(
    State(app): State<App>,
    frame: Frame,
    Path((id, version)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (all, place) = find(&app, &id, &version)?;
    page(&changes_page(frame, &all[..place], &all[place]))
}

fn changes_page(frame: Frame, earlier: &[Arc<Policy>], policy: &Policy) -> ChangesPage {
    let before = earlier
        .iter()
        .rfind(|before| before.reference().id == policy.reference().id);
    let language = frame.language_of(policy);
    let title = |rule: &Rule| {
        let title = language.and_then(|language| rule.texts.title.in_language(language));
        title.map_or_else(|| rule.id.to_string(), str::to_owned)
    };
    let changes = before.map(|before| policy::changes(before, policy));
    let changes = changes.unwrap_or_default();
    let changed = changes.iter().map(|change| match *change {
        RuleChange::New(rule) => Changed {
            title: title(rule),
            what: "changes-new",
            only_texts: false,
            before: None,
            after: Some(in_words(&frame, rule)),
        },
        RuleChange::Gone(rule) => Changed {
            title: title(rule),
            what: "changes-gone",
            only_texts: false,
            before: Some(in_words(&frame, rule)),
            after: None,
        },
        RuleChange::Changed {
            before,
            after,
            only_texts,
        } => Changed {
            title: title(after),
            what: "changes-changed",
            only_texts,
            before: (!only_texts).then(|| in_words(&frame, before)),
            after: (!only_texts).then(|| in_words(&frame, after)),
        },
    });
    ChangesPage {
        texts: TextLanguage::new(&frame, language),
        version: policy.reference().to_string(),
        before: before.map(|before| before.reference().to_string()),
        changes: changed.collect(),
        frame,
    }
}

fn address(reference: &PolicyRef) -> String {
    format!("/rules/{}/{}", reference.id, reference.version)
}

/// Every version that was published, the oldest first, and the place of the one that is asked for. One that
/// this program cannot read any more is left out; its text is at the address for programs.
fn find(app: &App, id: &str, version: &str) -> Result<(Vec<Arc<Policy>>, usize), Problem> {
    let all = app.service.policies.versions();
    let asked = |policy: &Arc<Policy>| {
        let reference = policy.reference();
        reference.id == id && reference.version.to_string() == version
    };
    let place = all.iter().position(asked).ok_or_else(Problem::not_found)?;
    Ok((all, place))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_sound, frames};
    use super::*;
    use crate::testing::{City, POLICY, next_policy};

    #[test]
    fn versions_and_their_changes_render_in_every_language() {
        let first = Policy::parse(POLICY).unwrap();
        let second = next_policy().replace("at_least = 15", "at_least = 30");
        let second = Policy::parse(&second).unwrap();
        for frame in frames() {
            let earlier = [Arc::new(first.clone())];
            let html = assert_sound(&frame, &changes_page(frame.clone(), &earlier, &second));
            assert!(html.contains(&frame.t("changes-changed")), "{html}");
            let html = assert_sound(&frame, &changes_page(frame.clone(), &[], &first));
            assert!(html.contains(&frame.t("changes-first")), "{html}");
            let html = assert_sound(&frame, &changes_page(frame.clone(), &earlier, &first));
            assert!(html.contains(&frame.t("changes-none")), "{html}");
            assert_sound(
                &frame,
                &VersionPage {
                    frame: frame.clone(),
                    policy: policy_view(&first, &[], &frame),
                    changes: "/rules/test/1/changes".into(),
                },
            );
        }
    }

    #[tokio::test]
    async fn anybody_reads_which_versions_there_were_and_what_changed() {
        let city = City::start().await;
        let proposal = city.propose_next_policy().await;
        city.service.publishing.compare_proposals().await.unwrap();
        assert!(city.approve(&proposal).await.status < 300);
        let list = city.get("/rules/versions?lang=en").await;
        for address in ["/rules/test/1", "/rules/test/2/changes"] {
            assert!(
                list.text.contains(&format!("href=\"{address}\"")),
                "{list:?}"
            );
            assert_eq!(city.get(address).await.status, 200, "{address}");
        }
        let changes = city.get("/rules/test/2/changes?lang=en").await;
        assert!(changes.text.contains("No rule changed."), "{changes:?}");
        for address in ["/rules/test/9", "/rules/other/1/changes"] {
            assert_eq!(city.get(address).await.status, 404, "{address}");
        }
    }
}
