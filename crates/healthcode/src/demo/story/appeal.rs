//! Somebody reads who looked at them, appeals, and turns green with reasons.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::super::client::text;
use super::Story;

const WHY: &str = "I lent my phone to my sister that day. I was at the dentist.";
const REASONS: &str = "Your receipt shows that you were elsewhere. The contact is taken back.";

impl Story<'_> {
    pub(super) fn the_resident_appeals_and_turns_green_with_reasons(&self) -> Result<()> {
        let resident = Some(&self.dependencies.resident);
        let appeal = json!({ "why": WHY });
        let address = "/api/v1/me/appeals";
        let filed = self.client.post(address, resident, None, &appeal)?.good()?;
        self.say(format_args!(
            "The resident appeals; an answer must come by {}.",
            text(&filed, "/answer_by")?
        ))?;
        let (person, id) = (text(&filed, "/person")?, text(&filed, "/id")?);
        let address = format!("/api/v1/people/{person}/appeals/{id}");
        let restrictions = filed["restrictions"].as_array().into_iter().flatten();
        let withdraw: Vec<&Value> = restrictions
            .filter_map(|restriction| restriction["evidence"].as_array())
            .flatten()
            .collect();
        let answer = json!({ "reasons": REASONS, "withdraw": withdraw });
        let answers = format!("{address}/answer");
        let officer = Some(&self.dependencies.officer);
        let own = self.client.post(&answers, officer, None, &answer)?;
        ensure!(
            own.good().is_err(),
            "who confirmed the case answered an appeal against its contacts"
        );
        let approver = Some(&self.dependencies.approver);
        let queue = self.client.get("/api/v1/appeals", approver)?.good()?;
        ensure!(
            text(&queue, "/0/id")? == id,
            "it is not in the queue: {queue}"
        );
        let opened = self.client.get(&address, approver)?.good()?;
        ensure!(text(&opened, "/appeal/why")? == WHY, "{opened}");
        self.the_resident_reads_who_looked()?;
        let answered = self.client.post(&answers, approver, None, &answer)?;
        answered.good()?;
        let status = self.status(&self.dependencies.resident)?;
        ensure!(
            text(&status, "/status")? == "green",
            "the resident is not green after the answer: {status}"
        );
        let own = self.client.get("/api/v1/me/appeals", resident)?.good()?;
        self.say(format_args!(
            "Dr Zhao, who did not confirm the case, answers: the resident is green, and reads why:"
        ))?;
        self.say(format_args!("    {}", text(&own, "/0/answer/reasons")?))
    }

    /// The officer who opened the appeal stands in the log, and the person reads it at once.
    fn the_resident_reads_who_looked(&self) -> Result<()> {
        let resident = Some(&self.dependencies.resident);
        let looks = self.client.get("/api/v1/me/looks", resident)?.good()?;
        let mut all = looks.as_array().into_iter().flatten();
        let look = all.find(|look| look["did"] == "appeal_read");
        let look = look.context("the resident does not read who opened the appeal")?;
        self.say(format_args!(
            "Dr Zhao opens the appeal, and the resident reads who looked: {}, for an {}.",
            text(look, "/office")?,
            text(look, "/purpose")?
        ))
    }
}
