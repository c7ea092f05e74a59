//! Why a rule is in force, as a person reads it.

use domain::Reason;
use domain::evidence::Order;
use domain::policy::Outcome;
use fluent_bundle::FluentArgs;
use service::{SELF_AUTHORITY, StatusReport, TRACER_AUTHORITY, office_of};

use super::Frame;
use super::dates::Calendar;
use super::status_style::StatusStyle;
use super::ways_out::{WayView, ways_out};

/// A rule in force, as a person reads it.
pub(super) struct ReasonView {
    pub(super) style: StatusStyle,
    pub(super) title: String,
    pub(super) what: String,
    pub(super) guidance: String,
    pub(super) until: String,
    pub(super) authority: String,
    pub(super) rule: String,
    pub(super) evidence: Vec<String>,
    pub(super) orders: Vec<OrderView>,
    pub(super) ways_out: Vec<WayView>,
}

/// An order, as the person concerned reads it: no text of a policy can leave this out.
pub(super) struct OrderView {
    /// Whose two officials answer for it.
    pub(super) by: String,
    pub(super) basis: String,
    pub(super) until: String,
}

pub(super) fn reason_view(
    reason: &Reason,
    report: &StatusReport,
    frame: &Frame,
    calendar: &Calendar,
) -> ReasonView {
    let finding = &reason.finding;
    let authority = match finding.authority {
        SELF_AUTHORITY => frame.t("authority-self"),
        TRACER_AUTHORITY => frame.t("authority-tracer"),
        other => report.authority_name(other).unwrap_or_default().to_owned(),
    };
    ReasonView {
        style: match reason.gives {
            Outcome::Restriction(colour) => colour.into(),
            Outcome::Advice => StatusStyle::Green,
        },
        title: reason.texts.title.clone(),
        what: reason.texts.reason.clone(),
        guidance: reason.texts.guidance.clone(),
        until: calendar.end(finding.until),
        authority,
        rule: finding.rule.to_string(),
        evidence: finding.evidence.iter().map(ToString::to_string).collect(),
        orders: report
            .orders_of(finding)
            .map(|order| order_view(order, frame, calendar))
            .collect(),
        ways_out: ways_out(reason, frame, calendar),
    }
}

fn order_view(order: &Order, frame: &Frame, calendar: &Calendar) -> OrderView {
    let [first, second] = order.signed_by().each_ref().map(|signer| office_of(signer));
    let by = if first == second {
        frame.with("order-by-one-office", "office", first)
    } else {
        let mut offices = FluentArgs::new();
        offices.set("first", first);
        offices.set("second", second);
        frame.language.fill("order-by-two-offices", &offices)
    };
    OrderView {
        by,
        basis: order.basis().to_owned(),
        until: calendar.end(order.until()),
    }
}

#[cfg(test)]
impl ReasonView {
    /// A reason with everything that one may have, and with characters that must be escaped.
    pub(super) fn sample(style: StatusStyle) -> Self {
        Self {
            style,
            title: "Close contact".into(),
            what: "You were with a case.".into(),
            guidance: "Stay at home.".into(),
            until: "the end of 2 March 2020".into(),
            authority: "City <health> office".into(),
            rule: "close-contact".into(),
            evidence: vec!["0".repeat(32)],
            orders: vec![OrderView {
                by: "Two officials of <b>one office".into(),
                basis: "Law <b>39".into(),
                until: "tomorrow".into(),
            }],
            ways_out: vec![WayView {
                words: "9 of <b>14".into(),
                have: 9,
                need: 14,
                next: Some("tomorrow".into()),
                is_report: true,
            }],
        }
    }
}
