//! The story of the demonstration, which runs by itself through the real interface.

mod appeal;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use credential::{
    Assertion, FreshTrustList, HolderKey, PublicKey, Settings, StatusLists, live_code, verify,
};
use domain::{Clock, IdSource, PersonId, Timestamp};
use jiff::SignedDuration;
use serde_json::{Value, json};
use service::Token;

use super::client::{Client, text};
use super::people::MadeUpPhones;
use crate::hex;
use crate::report::Report;
use crate::system::SystemIds;

/// How long the city is given to find the contacts of the case: far more than it needs.
const PATIENCE: u32 = 300;
const PAUSE: Duration = Duration::from_millis(100);

/// What the story needs to know of the city.
pub struct StoryDependencies {
    /// The token of the protagonist's phone.
    pub resident: Token,
    /// Who is confirmed as a case.
    pub patient: PersonId,
    /// The token of the officer who confirms cases.
    pub officer: Token,
    /// The token of the officer who is the second person.
    pub approver: Token,
    /// Where one-time codes come.
    pub phones: Arc<MadeUpPhones>,
    /// The keys that a checkpoint pins.
    pub roots: Vec<PublicKey>,
    /// The time in the city, by which phones and checkpoints go too.
    pub clock: Arc<dyn Clock>,
}

/// Tells the story against the server at `base`. Blocks.
///
/// # Errors
/// At the first thing that does not happen as it should.
pub fn tell(base: String, dependencies: &StoryDependencies, report: Report) -> Result<()> {
    let story = Story {
        client: Client::new(base),
        dependencies,
        report,
    };
    let newcomer = story.somebody_registers()?;
    let phone = story.the_resident_enrols_a_phone()?;
    story.the_checkpoint_lets_the_code_pass(&phone)?;
    story.the_officer_confirms_the_case()?;
    story.the_code_turns_with_a_reason()?;
    story.the_checkpoint_refuses_the_old_code(&phone)?;
    story.the_new_code_is_yellow(&phone)?;
    story.whoever_met_nobody_stays_green(&newcomer)?;
    story.a_second_officer_approves_what_the_first_proposes()?;
    story.the_resident_appeals_and_turns_green_with_reasons()?;
    story.two_officers_order_and_the_newcomer_reads_who_and_why(&newcomer)
}

/// Somebody who registered during the story.
struct Newcomer {
    token: Token,
    person: String,
}

struct Story<'a> {
    client: Client,
    dependencies: &'a StoryDependencies,
    report: Report,
}

/// A phone: its key, and the assertion that it fetched.
struct Phone {
    key: HolderKey,
    device: String,
    assertion: Assertion,
}

impl Phone {
    /// The live code that the phone draws at a time.
    fn code(&self, now: Timestamp, counter: u32) -> Result<String> {
        let shown = self.key.present(&self.assertion, now, counter)?;
        Ok(live_code(&self.assertion, &shown)?)
    }
}

impl Story<'_> {
    fn somebody_registers(&self) -> Result<Newcomer> {
        let body = json!({
            "name": "Visitor of the demonstration",
            "document": { "kind": "20", "number": format!("ZZ98{:06}", random() % 1_000_000) },
            "phones": [format!("00000 {:06}", random() % 1_000_000)],
            "declaration": { "symptoms": [], "temperature": 36.6, "contact": "none" },
        });
        let key = format!("{:032x}", random());
        let registered = self
            .client
            .post("/api/v1/registrations", None, Some(&key), &body)?
            .good()?;
        let token: Token = text(&registered, "/token")?.parse()?;
        let status = self.status(&token)?;
        ensure!(
            text(&status, "/status")? == "green",
            "the newcomer is not green: {status}"
        );
        self.say(format_args!(
            "Somebody registers and declares to be well: green until {}.",
            text(&status, "/until")?
        ))?;
        self.the_newcomer_proves_the_phone(&token)?;
        let person = text(&registered, "/person")?.to_owned();
        Ok(Newcomer { token, person })
    }

    fn the_newcomer_proves_the_phone(&self, token: &Token) -> Result<()> {
        let plain = || {
            self.client
                .post("/api/v1/me/codes/plain", Some(token), None, &json!({}))
        };
        ensure!(
            plain()?.good().is_err(),
            "a code was given to somebody who proved nothing"
        );
        let address = "/api/v1/me/phone-codes";
        let asked = self.client.post(address, Some(token), None, &json!({}))?;
        let asked = asked.good()?;
        let proof = json!({
            "challenge": text(&asked, "/challenge")?,
            "code": self.dependencies.phones.last_code()?,
        });
        let address = "/api/v1/me/phone-proofs";
        let proven = self.client.post(address, Some(token), None, &proof)?;
        ensure!(text(&proven.good()?, "/assurance")? == "phone");
        plain()?.good()?;
        self.say(format_args!(
            "A one-time code proves the newcomer's phone, and there is a code to show."
        ))
    }

    fn the_resident_enrols_a_phone(&self) -> Result<Phone> {
        let resident = Some(&self.dependencies.resident);
        let status = self.status(&self.dependencies.resident)?;
        ensure!(
            text(&status, "/status")? == "green",
            "the resident is {} already: the story has happened in this folder, or the city is old; \
             for a fresh one give another folder with --dir",
            text(&status, "/status")?
        );
        let key = fresh_key()?;
        let public_key = hex::encode(&key.public_key()?.to_bytes());
        let body = json!({ "public_keys": [public_key] });
        let enrolled = self
            .client
            .post("/api/v1/me/phones", resident, None, &body)?
            .good()?;
        let device = text(&enrolled, "/keys/0/device")?.to_owned();
        let assertion = self.fetch_assertion(&device)?;
        self.say(format_args!(
            "A resident is green, enrols a phone and fetches a signed code."
        ))?;
        Ok(Phone {
            key,
            device,
            assertion,
        })
    }

    fn the_checkpoint_lets_the_code_pass(&self, phone: &Phone) -> Result<()> {
        let checked = self.check(&phone.code(self.now(), 1)?)?;
        ensure!(
            checked["is_valid"] == true && checked["colour"] == "green",
            "{checked}"
        );
        let accepted = self
            .check_offline(phone, 2)?
            .context("the code does not verify offline")?;
        ensure!(
            accepted == domain::Colour::Green,
            "offline the code is {accepted}"
        );
        self.say(format_args!(
            "A checkpoint scans it: green, and green without a network too."
        ))
    }

    fn the_officer_confirms_the_case(&self) -> Result<()> {
        // Two cases of one person in one second are one case (ADR 56), and this story may be told twice
        // in one second.
        std::thread::sleep(Duration::from_secs(1));
        let officer = Some(&self.dependencies.officer);
        let body = json!({ "person": self.dependencies.patient.to_string() });
        let key = format!("{:032x}", random());
        let case = self
            .client
            .post("/api/v1/cases", officer, Some(&key), &body)?
            .good()?;
        let follow = text(&case, "/trace")?;
        for _ in 0..PATIENCE {
            let trace = self.client.get(follow, officer)?.good()?;
            if trace["state"] == "finished" {
                return self.say(format_args!(
                    "An officer confirms a case; its {} contacts are found.",
                    trace["contacts"]
                ));
            }
            std::thread::sleep(PAUSE);
        }
        bail!("the contacts of the case were not found in time")
    }

    fn the_code_turns_with_a_reason(&self) -> Result<()> {
        let status = self.status(&self.dependencies.resident)?;
        ensure!(
            text(&status, "/status")? == "yellow",
            "the resident did not turn: where days were moved on, they met the patient too long ago; for \
             a fresh city give another folder with --dir: {status}"
        );
        self.say(format_args!(
            "The resident, who was at the same place, is yellow now:"
        ))?;
        for field in ["title", "reason", "guidance"] {
            let value = text(&status, &format!("/restrictions/0/{field}"))?;
            self.say(format_args!("    {value}"))?;
        }
        self.say(format_args!("    {}", text(&status, "/contest")?))
    }

    fn the_checkpoint_refuses_the_old_code(&self, phone: &Phone) -> Result<()> {
        let checked = self.check(&phone.code(self.now(), 3)?)?;
        ensure!(
            checked["is_valid"] == false,
            "the old code still passes: {checked}"
        );
        let reason = text(&checked, "/refusal/reason")?;
        ensure!(
            reason == "revoked",
            "the old code is refused for another reason: {checked}"
        );
        match self.check_offline(phone, 4)? {
            Err(refusal) if refusal.word() == "revoked" => {}
            other => bail!("offline the old code is not refused as revoked: {other:?}"),
        }
        self.say(format_args!(
            "The checkpoint refuses the old green code: revoked. The status list says so too."
        ))
    }

    fn the_new_code_is_yellow(&self, phone: &Phone) -> Result<()> {
        let assertion = self.fetch_assertion(&phone.device)?;
        let shown = phone.key.present(&assertion, self.now(), 5)?;
        let checked = self.check(&live_code(&assertion, &shown)?)?;
        ensure!(
            checked["is_valid"] == true && checked["colour"] == "yellow",
            "{checked}"
        );
        self.say(format_args!(
            "The phone fetches its new code: genuine, and yellow."
        ))
    }

    fn whoever_met_nobody_stays_green(&self, newcomer: &Newcomer) -> Result<()> {
        self.is_green(newcomer)?;
        self.say(format_args!("Whoever met nobody stays green."))
    }

    fn is_green(&self, newcomer: &Newcomer) -> Result<()> {
        let status = self.status(&newcomer.token)?;
        ensure!(
            text(&status, "/status")? == "green",
            "the newcomer turned: {status}"
        );
        Ok(())
    }

    fn a_second_officer_approves_what_the_first_proposes(&self) -> Result<()> {
        let (officer, approver) = (
            Some(&self.dependencies.officer),
            Some(&self.dependencies.approver),
        );
        // A region in which nobody was, so that nobody's status changes.
        let from = self.now().to_string();
        let level = json!({ "region": "659012", "level": "low", "from": from });
        let levels = json!({ "levels": [level] });
        let proposed = self
            .client
            .post("/api/v1/regions/levels", officer, None, &levels)?
            .good()?;
        let address = format!("/api/v1/proposals/{}", text(&proposed, "/id")?);
        let approval = format!("{address}/approval");
        let reason = json!({ "reason": "seen and agreed" });
        let alone = self.client.post(&approval, officer, None, &reason)?;
        ensure!(alone.good().is_err(), "one person alone has published");
        for _ in 0..PATIENCE {
            let proposal = self.client.get(&address, approver)?.good()?;
            if text(&proposal, "/state")? == "open" {
                self.client
                    .post(&approval, approver, None, &reason)?
                    .good()?;
                return self.say(format_args!(
                    "Dr Lin proposes a region's level; Dr Zhao, the second person, approves it."
                ));
            }
            std::thread::sleep(PAUSE);
        }
        bail!("whom the level would change was not found out in time")
    }

    fn two_officers_order_and_the_newcomer_reads_who_and_why(
        &self,
        newcomer: &Newcomer,
    ) -> Result<()> {
        const BASIS: &str = "Epidemic Act of the made-up city, article 39";
        self.an_officer_signs_in("lin", "Dr Lin")?;
        let (lin, zhao) = (&self.dependencies.officer, &self.dependencies.approver);
        let from = self.now();
        let order = json!({
            "people": [newcomer.person],
            "colour": "red",
            "from": from.to_string(),
            "until": (from + SignedDuration::from_hours(12)).to_string(),
            "basis": BASIS,
        });
        let address = "/api/v1/orders";
        let proposed = self.client.post(address, Some(lin), None, &order)?.good()?;
        self.is_green(newcomer)?;
        self.an_officer_signs_in("zhao", "Dr Zhao")?;
        let approval = format!("{address}/{}/approval", text(&proposed, "/id")?);
        let reason = json!({ "reason": "seen and agreed" });
        let alone = self.client.post(&approval, Some(lin), None, &reason)?;
        ensure!(alone.good().is_err(), "one person alone has ordered");
        self.client
            .post(&approval, Some(zhao), None, &reason)?
            .good()?;
        let status = self.status(&newcomer.token)?;
        let order = "/restrictions/0/orders/0";
        ensure!(
            text(&status, "/status")? == "red"
                && text(&status, &format!("{order}/basis"))? == BASIS,
            "the newcomer does not read the order: {status}"
        );
        self.say(format_args!(
            "Dr Lin orders that the newcomer stays at home, Dr Zhao approves: the newcomer is red, and \
             reads who and why: {}, {BASIS}.",
            text(&status, &format!("{order}/offices/0"))?
        ))
    }

    /// At the desk, with one press; the desk says who it is.
    fn an_officer_signs_in(&self, key: &str, name: &str) -> Result<()> {
        let session = self
            .client
            .press("/demo/officer", &[("officer", key)], "staff")?;
        let desk = self.client.page("/officer?lang=en", "staff", &session)?;
        ensure!(
            desk.contains(name),
            "the desk does not say that {name} signed in"
        );
        self.say(format_args!("{name} signs in at the desk."))
    }

    fn status(&self, token: &Token) -> Result<Value> {
        self.client
            .get("/api/v1/me/status?lang=en", Some(token))?
            .good()
    }

    fn fetch_assertion(&self, device: &str) -> Result<Assertion> {
        let path = format!("/api/v1/me/phones/{device}/assertion");
        let issued = self
            .client
            .post(&path, Some(&self.dependencies.resident), None, &json!({}))?
            .good()?;
        let bytes = hex::decode(text(&issued, "/assertion")?).context("the assertion is no hex")?;
        Ok(Assertion::decode(&bytes)?)
    }

    fn check(&self, code: &str) -> Result<Value> {
        let body = json!({ "code": code, "live_only": true });
        self.client
            .post("/api/v1/verifications", None, None, &body)?
            .good()
    }

    /// Checks with nothing but the pinned root, the trust list and the status list.
    fn check_offline(
        &self,
        phone: &Phone,
        counter: u32,
    ) -> Result<Result<domain::Colour, credential::Refusal>> {
        let signed = self.client.bytes("/api/v1/trust-list")?;
        let now = self.now();
        let trust = FreshTrustList::open(&signed, &self.dependencies.roots, None, now)?;
        let list = phone.assertion.claims().status.list;
        let token = self.client.bytes(&format!("/api/v1/status-lists/{list}"))?;
        let mut lists = StatusLists::new();
        lists.add(&token, &trust)?;
        let now = self.now();
        let code = phone.code(now, counter)?;
        let checked = verify(&code, &trust, Some(&lists), now, &Settings::live_only());
        Ok(checked.map(|accepted| accepted.colour))
    }

    fn now(&self) -> Timestamp {
        self.dependencies.clock.now()
    }

    fn say(&self, line: impl std::fmt::Display) -> Result<()> {
        self.report.line(line)
    }
}

fn random() -> u128 {
    SystemIds.next_u128()
}

fn fresh_key() -> Result<HolderKey> {
    let mut secret = [0; 32];
    SystemIds.fill(&mut secret);
    Ok(HolderKey::from_bytes(secret)?)
}
