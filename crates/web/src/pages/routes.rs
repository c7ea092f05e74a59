//! The pages with their addresses.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{get, post};

use super::{
    account_sign_in, alarms, answer_appeals, appeals, at_gate, batches, card, case, cases,
    checkpoint, contradictions, declare, deleting, demo, demo_desk, enter_case, feeds, glitches,
    history, import, installable, invitation, levels, live, log, office, orders, own_data,
    own_visits, people, phone, proposals, propose, providers, records, register, report_glitch,
    resident, rules, rules_versions, scanners, security, settle_contradictions, staff,
    staff_account, staff_members, statistics, take_back, today, venues, visit, waiting, why,
    window,
};
use crate::App;
use crate::middleware;

/// The pages with their addresses. The addresses are listed, so that a test can hold them against
/// the table of who may do what.
pub(crate) struct Routes {
    pub(crate) router: Router<App>,
    pub(crate) list: Vec<(&'static str, &'static str)>,
}

impl Routes {
    fn get<H: Handler<T, App>, T: 'static>(mut self, path: &'static str, handler: H) -> Self {
        self.list.push(("GET", path));
        Self {
            router: self.router.route(path, get(handler)),
            ..self
        }
    }

    fn post<H: Handler<T, App>, T: 'static>(mut self, path: &'static str, handler: H) -> Self {
        self.list.push(("POST", path));
        Self {
            router: self.router.route(path, post(handler)),
            ..self
        }
    }
}

/// Every page.
pub(crate) fn routes(app: &App) -> Routes {
    let pages = Routes {
        router: Router::new(),
        list: Vec::new(),
    }
    .get("/", demo::home)
    .get("/rules", rules::show)
    .get("/rules/versions", rules_versions::list)
    .get("/rules/{id}/{version}", rules_versions::show)
    .get("/rules/{id}/{version}/changes", rules_versions::changes)
    .get("/stats", statistics::show)
    .get("/check", window::check)
    .get("/data", window::data)
    .get("/limits", window::limits)
    .get("/help", window::help)
    .get("/help/report", report_glitch::show)
    .post("/help/report", report_glitch::send)
    .get("/help/report/{number}", report_glitch::answer)
    .get("/officer/imports", import::show)
    .post(
        "/officer/imports",
        import::press.layer(middleware::for_lists()),
    )
    .get("/officer/imports/columns", import::saved_lists::show)
    .post("/officer/imports/columns", import::saved_lists::forget)
    .get("/officer/glitches", glitches::list)
    .get("/officer/glitches/{glitch}", glitches::show)
    .post("/officer/glitches/{glitch}", glitches::press)
    .get("/log", log::show)
    .get("/log/checkpoint", log::checkpoint)
    .get("/log/tile/{*path}", log::tile)
    .post("/log/cosignature", log::cosign)
    .get("/register", register::show)
    .post("/register", register::register)
    .get("/declare", declare::show)
    .post("/declare", declare::declare)
    .get("/me", resident::show)
    .get("/me/pulse", resident::pulse)
    .get("/me/why", why::show)
    .get("/me/history", history::show)
    .get("/me/data", own_data::show)
    .post("/me/data", own_data::export)
    .get("/me/data/delete", deleting::show)
    .post("/me/data/delete", deleting::press)
    .get("/me/visits", own_visits::show)
    .post("/me/visits/scans", own_visits::upload)
    .get("/offline", installable::offline)
    .get("/offline/visit", own_visits::offline)
    .get("/worker.js", installable::worker)
    .get("/manifest.webmanifest", installable::manifest)
    .get("/me/card", card::show)
    .post("/me/phone", live::enrol)
    .post("/me/phone/{device}/assertion", live::assertion)
    .get("/me/prove-phone", phone::show)
    .post("/me/prove-phone/send", phone::send)
    .post("/me/prove-phone", phone::prove)
    .get("/me/security", security::show)
    .post("/me/security", security::end)
    .get("/me/people", people::show)
    .post("/me/people", people::change)
    .get("/sign-in", account_sign_in::show)
    .post("/sign-in", account_sign_in::ask)
    .post("/sign-in/code", account_sign_in::confirm)
    .post("/sign-out", account_sign_in::sign_out)
    .get("/checkpoint", checkpoint::show)
    .get("/checkpoint/answers", checkpoint::answers)
    .get("/checkpoint/knowledge", checkpoint::knowledge)
    .post("/checkpoint", checkpoint::check)
    .get("/checkpoint/enrol", at_gate::show)
    .post("/checkpoint/enrol", at_gate::enrol)
    .get("/checkpoint/scanner", at_gate::about)
    .post("/checkpoint/visits", at_gate::record)
    .get("/officer/scanners", scanners::show)
    .post("/officer/scanners", scanners::make)
    .get("/officer/scanners/{scanner}/venue", scanners::show_venue)
    .post("/officer/scanners/{scanner}/venue", scanners::record_visits)
    .post("/officer/scanners/{scanner}/end", scanners::end)
    .get("/sign-in/{provider}", providers::show)
    .get("/sign-in/{provider}/start", providers::start)
    .get("/sign-in/{provider}/bind", providers::bind)
    .get("/sign-in/{provider}/callback", providers::callback)
    .get("/staff/sign-in", staff::show)
    .post("/staff/sign-in", staff::sign_in)
    .post("/staff/sign-out", staff::sign_out)
    .get("/staff/invitation", invitation::show)
    .post("/staff/invitation", invitation::ask)
    .post("/staff/invitation/{provider}", invitation::leave)
    .post("/staff/passkey", invitation::register)
    .get("/officer", today::show)
    .get("/officer/cases", cases::show)
    .get("/officer/cases/new", enter_case::show)
    .post("/officer/cases/new", enter_case::enter)
    .get("/officer/cases/{person}/{diagnosis}", case::show)
    .get("/officer/stats", statistics::show_whole)
    .get("/officer/log", log::entries)
    .post("/officer/log/read", log::read_whole)
    .get(
        "/officer/evidence/{person}/{evidence}/withdrawal",
        take_back::ask,
    )
    .post(
        "/officer/evidence/{person}/{evidence}/withdrawal",
        take_back::take_back,
    )
    .get("/officer/records", records::show)
    .post("/officer/records", records::open)
    .get("/officer/proposals", proposals::list)
    .get("/officer/levels", levels::show)
    .get("/officer/propose", propose::show)
    .post(
        "/officer/propose/policy",
        propose::policy.layer(middleware::for_lists()),
    )
    .post(
        "/officer/propose/policy/check",
        propose::check.layer(middleware::for_drafts()),
    )
    .post(
        "/officer/propose/levels",
        propose::levels.layer(middleware::for_lists()),
    )
    .get("/officer/proposals/{proposal}", proposals::show)
    .post("/officer/proposals/{proposal}", proposals::decide)
    .get("/officer/orders", orders::show)
    .post("/officer/orders", orders::propose)
    .post("/officer/orders/{order}", orders::decide)
    .get("/officer/batches", batches::show)
    .post("/officer/batches/{batch}", batches::decide)
    .get("/me/appeals", appeals::list)
    .get("/me/appeals/new", appeals::show)
    .post(
        "/me/appeals/new",
        appeals::file.layer(middleware::for_lists()),
    )
    .get("/me/appeals/{appeal}/file", appeals::own_file)
    .get("/officer/appeals", answer_appeals::list)
    .get("/officer/appeals/{person}/{appeal}", answer_appeals::show)
    .post("/officer/appeals/{person}/{appeal}", answer_appeals::answer)
    .get(
        "/officer/appeals/{person}/{appeal}/file",
        answer_appeals::file,
    )
    .get("/me/contradictions", contradictions::list)
    .post("/me/contradictions/{contradiction}", contradictions::say)
    .get("/officer/contradictions", settle_contradictions::list)
    .get(
        "/officer/contradictions/{person}/{contradiction}",
        settle_contradictions::show,
    )
    .post(
        "/officer/contradictions/{person}/{contradiction}",
        settle_contradictions::press,
    )
    .get("/officer/waiting", waiting::list)
    .get("/officer/waiting/{person}", waiting::show)
    .post("/officer/waiting/{person}", waiting::decide)
    .get("/officer/alarms", alarms::show)
    .post("/officer/alarms/{alarm}", alarms::acknowledge)
    .get("/officer/staff", staff_members::show)
    .post("/officer/staff/propose", staff_members::propose)
    .post("/officer/staff/proposals/{proposal}", staff_members::decide)
    .post(
        "/officer/staff/proposals/{proposal}/half",
        staff_members::renew_half,
    )
    .post("/officer/staff/{staff}/end", staff_members::end)
    .get("/officer/account", staff_account::show)
    .post("/officer/account/end", staff_account::end)
    .post("/officer/account/token", staff_account::make_token)
    .get("/visit", visit::show)
    .post("/visit", visit::press)
    .get("/venue-screen", venues::screen)
    .get("/officer/venues", venues::show)
    .post("/officer/venues", venues::add)
    .post("/officer/venues/screen", venues::open)
    .get("/officer/office", office::show)
    .post("/officer/office", office::press)
    .post("/officer/office/card", office::card)
    .post(
        "/officer/account/providers/{provider}/remove",
        staff_account::unbind,
    )
    .get("/officer/feeds", feeds::show)
    .post("/officer/feeds", feeds::make)
    .post("/officer/feeds/proposals/{proposal}", feeds::decide)
    .post("/officer/feeds/{feed}/renew", feeds::renew)
    .post("/officer/feeds/{feed}/end", feeds::end);
    if app.settings.demo.is_none() {
        return pages;
    }
    pages
        .post("/demo/resident", demo::open_resident)
        .post("/demo/day", demo::let_a_day_pass)
        .post("/demo/officer", staff::open_officer)
        .post("/demo/case", demo_desk::confirm)
        .post("/demo/order", demo_desk::propose)
        .post("/demo/approval", demo_desk::approve)
        .post("/demo/scan", checkpoint::scan_persona)
}
