//! Whose page it is, where an account holds several people: a row of names, each one press away.

use service::{Relation, Resident};

use super::Frame;
use crate::App;

/// The row of names. Empty for an account that holds nobody else.
#[derive(Debug, Default)]
pub(super) struct Whose {
    pub(super) people: Vec<Name>,
}

/// Somebody on the account.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) name: String,
    /// Their page.
    pub(super) address: String,
    pub(super) is_shown: bool,
}

impl Whose {
    /// Who is on the account of `resident`, whose page at `path` is shown. Without the vault there are
    /// no names; the page is shown all the same.
    pub(super) async fn of(app: &App, frame: &Frame, resident: &Resident, path: &str) -> Self {
        let others = match app.service.accounts.people_of(resident).await {
            Ok((others, _)) => others,
            Err(error) => {
                tracing::warn!(%error, "the people on an account cannot be named");
                return Self::default();
            }
        };
        if others.is_empty() {
            return Self::default();
        }
        let shown = resident.person();
        let is_own = others.iter().all(|other| other.person != shown);
        let mut people = vec![Name {
            name: frame.t("people-own"),
            address: path.to_owned(),
            is_shown: is_own,
        }];
        people.extend(others.into_iter().map(|other| Name {
            name: match other.name {
                Some(name) => name.expose().clone(),
                None => frame.t(relation_text(other.relation)),
            },
            address: format!("{path}?person={}", other.person),
            is_shown: other.person == shown,
        }));
        Self { people }
    }

    /// The name of the person who is shown, if that is not the account's own.
    pub(super) fn other(&self) -> Option<&str> {
        let others = self.people.iter().skip(1);
        let mut shown = others.filter(|other| other.is_shown);
        shown.next().map(|other| other.name.as_str())
    }
}

pub(super) const fn relation_text(relation: Relation) -> &'static str {
    match relation {
        Relation::Guardian => "relation-guardian",
        Relation::Consent | Relation::ConsentInOffice => "relation-consent",
    }
}

#[cfg(test)]
impl Whose {
    /// An account with a daughter on it, whose page is shown.
    pub(super) fn sample() -> Self {
        let name = |name: &str, is_shown| Name {
            name: name.to_owned(),
            address: "/me".to_owned(),
            is_shown,
        };
        Self {
            people: vec![name("me", false), name("<b>Lan", true)],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::IntoFuture;

    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    #[tokio::test]
    async fn a_daughter_switches_to_her_mother_and_everything_is_the_mothers() {
        let city = City::start().await;
        let daughter = city.well_resident("Ming").await;
        let mother = city.proven_resident("Gran").await;
        let post = |address: String, session: &str, form: String| {
            let ask = city.post(&address).cookie(RESIDENT_COOKIE, session);
            ask.form(&form).into_future()
        };
        let get = |address: String| {
            let ask = city
                .get(&address)
                .cookie(RESIDENT_COOKIE, &daughter.session);
            ask.into_future()
        };
        let alone = get("/me?lang=en".to_owned()).await.text;
        assert!(!alone.contains("class=\"whose\""), "{alone}");
        let people = || "/me/people?lang=en".to_owned();
        let given = post(people(), &mother.session, "give=yes".to_owned()).await;
        let word = given.text.split("lead mono\">").nth(1).unwrap()[..10].to_owned();
        let taken = post(people(), &daughter.session, format!("consent={word}")).await;
        assert_eq!(taken.status, 303, "{taken:?}");

        let hers = format!("/me?person={}", mother.person);
        let own = get("/me?lang=en".to_owned()).await.text;
        assert!(own.contains(&format!("href=\"{hers}\"")), "{own}");
        assert!(own.contains("href=\"/me\" aria-current=\"page\""), "{own}");
        let page = get(format!("{hers}&lang=en")).await.text;
        assert!(page.contains("<title>Gran: Green"), "{page}");
        for address in ["/declare", "/me/why", "/me/card"] {
            let link = format!("href=\"{address}?person={}\"", mother.person);
            assert!(page.contains(&link), "{address}: {page}");
        }
        // She consented that her code is shown, not that what is kept of her is read.
        for address in ["/me/history", "/me/data"] {
            assert!(
                !page.contains(&format!("href=\"{address}?person")),
                "{page}"
            );
            let asked = get(format!("{address}?person={}", mother.person)).await;
            let handed_out = match address {
                "/me/data" => {
                    let address = format!("{address}?person={}", mother.person);
                    post(address, &daughter.session, String::new()).await
                }
                _ => asked,
            };
            assert_eq!(handed_out.status, 403, "{address}: {handed_out:?}");
        }
        let switch = format!("href=\"?lang=zh&#38;person={}\"", mother.person);
        assert!(
            page.contains(&switch),
            "the language keeps the person: {page}"
        );
        assert!(page.contains(&format!("data-person=\"{}\"", mother.person)));

        // A report for her is hers.
        let form = get(format!("/declare?person={}&lang=en", mother.person))
            .await
            .text;
        let action = format!("action=\"/declare?person={}\"", mother.person);
        assert!(form.contains(&action), "{form}");
        let address = format!("/declare?person={}", mother.person);
        let ill = "contact=none&symptom=fever&symptom=cough".to_owned();
        let sent = post(address, &daughter.session, ill).await;
        assert_eq!(sent.status, 303, "{sent:?}");
        assert_eq!(sent.headers["location"].to_str().unwrap(), hers);
        assert_eq!(city.status(&mother).await, "yellow");
        assert_eq!(city.status(&daughter).await, "green");
    }

    #[tokio::test]
    async fn keys_of_a_phone_are_those_of_the_person_who_is_shown() {
        let city = City::start().await;
        let daughter = city.well_resident("Ming").await;
        let mother = city.proven_resident("Gran").await;
        let form = |session: &str, form: &str| {
            let ask = city
                .post("/me/people?lang=en")
                .cookie(RESIDENT_COOKIE, session);
            ask.form(form).into_future()
        };
        let given = form(&mother.session, "give=yes").await;
        let word = given.text.split("lead mono\">").nth(1).unwrap()[..10].to_owned();
        form(&daughter.session, &format!("consent={word}")).await;
        let who = format!("?person={}", mother.person);
        let keys = format!("public_keys={}", City::public_key(7));
        let enrolled = city.post(&format!("/me/phone{who}"));
        let enrolled = enrolled.cookie(RESIDENT_COOKIE, &daughter.session);
        let enrolled = enrolled.form(&keys).await;
        let device = enrolled.json["keys"][0]["device"].as_str().unwrap();
        for (who, status) in [(&*who, 200), ("", 404)] {
            let address = format!("/me/phone/{device}/assertion{who}");
            let signed = city.post(&address);
            let signed = signed.cookie(RESIDENT_COOKIE, &daughter.session);
            assert_eq!(signed.form("").await.status, status, "{who}");
        }
    }
}
