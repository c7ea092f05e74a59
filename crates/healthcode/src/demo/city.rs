//! Puts the made-up city into the database: through the service where it has a way, in bulk where
//! it has none for a whole city.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use domain::{AuthorityKind, PersonId, RequestKey, StaffId, Timestamp};
use futures::{StreamExt, TryStreamExt};
use service::{Item, NewVenue, Registered, Subject, Submission, Token};
use simulate::{Cast, City, Report as Reported};
use store::{Recorded, RecordedVisit, Store, Visit};
use web::{Demo, DemoPhones, Patient, Persona, Scanned, Words};

use super::offices::{Officers, authority_name, signed_in};
use super::people::{MadeUpPhones, prove_phone, register};
use super::plan::{DataFolder, DemoPlan};
use super::time::CityTime;
use crate::commands::keys::status_uri;
use crate::keystore::KeyFolder;
use crate::report::Report;
use crate::system::SystemIds;
use crate::wiring::{self, Runtime};

const POLICY: &str = include_str!("policy.toml");
/// The made-up city's own code; nothing begins with 99.
const ISSUER: &str = "9901";
/// Requests under way at once; the database commits waiting ones together.
const AT_ONCE: usize = 256;
/// Few enough that none of these requests restricts so many people that it waits for a second person.
const REPORTS_PER_REQUEST: usize = 500;
const VISITS_PER_WRITE: usize = 5_000;

/// The city, up and running.
pub struct Town {
    /// Service and record.
    pub runtime: Runtime,
    /// The people of the story.
    pub cast: Cast,
    /// The city as it was made.
    pub city: City,
    /// The people of the story as registered, by index into the city's residents.
    people: BTreeMap<usize, Registered>,
    /// The officers of its health office.
    officers: Officers,
    /// Where one-time codes come.
    phones: Arc<MadeUpPhones>,
    /// The time in it.
    pub time: CityTime,
}

impl Town {
    /// Opens the city of `plan` in `folder`, making it first if need be. Whatever was interrupted is taken up:
    /// each step counts once, however often it is repeated.
    ///
    /// # Errors
    /// If the folder's database or keys cannot be used.
    pub async fn open(folder: &DataFolder, plan: DemoPlan, report: Report) -> Result<Self> {
        let phones = Arc::new(MadeUpPhones::default());
        let time = CityTime::in_folder(folder.path())?;
        let runtime = start(folder, plan.made_at(), Arc::clone(&phones), &time).await?;
        let service = &runtime.service;
        let officers = Officers::of(service, ISSUER.parse()?).await?;
        let publisher = officers.publisher(service).await?;
        service
            .publishing
            .publish_policy(&publisher, POLICY)
            .await?;
        let simulated = plan.for_simulation()?;
        let city = City::generate(&simulated)?;
        let cast = city.cast(simulated.now).context(
            "nobody in so small a city met anybody for long enough; give more with --people",
        )?;
        let mut town = Self {
            runtime,
            cast,
            city,
            people: BTreeMap::new(),
            officers,
            phones,
            time,
        };
        if !folder.is_complete() {
            town.settle(report).await?;
            folder.complete()?;
        }
        for index in town.cast_members() {
            let registered = register(&town.runtime, &town.city.residents[index]).await?;
            prove_phone(&town.runtime, &town.phones, &registered).await?;
            town.people.insert(index, registered);
        }
        Ok(town)
    }

    /// What the pages show of the city.
    ///
    /// # Errors
    /// None once the city is open.
    pub fn demo(&self) -> Result<Demo> {
        let Cast {
            resident,
            bystander,
            traveller,
            undeclared,
            ..
        } = self.cast;
        let venue = &self.city.venues[self.cast.venue].name;
        let mut personas = vec![self.persona(
            "colleague",
            resident,
            Words::new([
                format!("Was at {venue} these days, like many others."),
                format!("这几天和很多人一样到过{venue}。"),
                format!("多くの人と同じように、ここ数日の間に{venue}を訪れました。"),
                format!("많은 사람처럼 요 며칠 사이에 {venue}에 갔습니다."),
                format!("زيارة في هذه الأيام إلى {venue}، مثل كثيرين."),
            ]),
        )?];
        let others = [
            (
                "neighbour",
                bystander,
                [
                    "Lives in another part of the city.",
                    "住在城市的另一边。",
                    "町の別の地区に住んでいます。",
                    "도시의 다른 쪽에 삽니다.",
                    "السكن في جزء آخر من المدينة.",
                ],
            ),
            (
                "traveller",
                traveller,
                [
                    "Came back from another city.",
                    "刚从外地回来。",
                    "ほかの町から戻ってきました。",
                    "다른 도시에서 돌아왔습니다.",
                    "عودة من مدينة أخرى.",
                ],
            ),
            (
                "forgetful",
                undeclared,
                [
                    "Has not declared their health of late.",
                    "最近没有申报健康状况。",
                    "最近、健康の報告をしていません。",
                    "요즘 건강 신고를 하지 않았습니다.",
                    "لا تقرير صحي منذ مدة.",
                ],
            ),
        ];
        for (key, index, about) in others {
            if let Some(index) = index {
                personas.push(self.persona(key, index, Words::new(about))?);
            }
        }
        let works_there = self.city.residents[self.cast.patient].workplace == Some(self.cast.venue);
        let tested = match works_there {
            true => Words::new([
                format!("Works at {venue}. The test came back positive this hour."),
                format!("在{venue}工作，检测结果刚刚显示阳性。"),
                format!("{venue}で働いています。検査の結果が陽性だと、たった今わかりました。"),
                format!("{venue}에서 일합니다. 검사 결과가 방금 양성으로 나왔습니다."),
                format!("مكان العمل {venue}. ظهرت الآن نتيجة الفحص، وهي إيجابية."),
            ]),
            false => Words::new([
                format!("Was at {venue} these days. The test came back positive this hour."),
                format!("这几天到过{venue}，检测结果刚刚显示阳性。"),
                format!(
                    "ここ数日の間に{venue}を訪れました。検査の結果が陽性だと、たった今わかりました。"
                ),
                format!("요 며칠 사이에 {venue}에 갔습니다. 검사 결과가 방금 양성으로 나왔습니다."),
                format!("زيارة في هذه الأيام إلى {venue}. ظهرت الآن نتيجة الفحص، وهي إيجابية."),
            ]),
        };
        let mut patients = vec![self.patient(self.cast.patient, tested)?];
        if let Some(traveller) = traveller {
            patients.push(self.patient(
                traveller,
                Words::new([
                    "Fell ill after a journey.",
                    "旅行归来后发病。",
                    "旅行のあとで具合が悪くなりました。",
                    "여행을 다녀온 뒤 아프기 시작했습니다.",
                    "مرض بعد سفر.",
                ]),
            )?);
        }
        Ok(Demo {
            personas,
            patients,
            officers: self.officers.on_the_pages(),
            operator: wiring::operator(),
            scanned: Scanned::default(),
            phones: DemoPhones::default(),
            day_passes: self.time.day_passes(),
        })
    }

    /// The token of the protagonist's phone.
    ///
    /// # Errors
    /// None once the city is open.
    pub fn resident_token(&self) -> Result<&Token> {
        Ok(&self.registered(self.cast.resident)?.token)
    }

    /// Who is about to be confirmed.
    ///
    /// # Errors
    /// None once the city is open.
    pub fn patient_id(&self) -> Result<PersonId> {
        Ok(self.registered(self.cast.patient)?.person)
    }

    /// The token of the officer who confirms cases, made just now.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn officer_token(&self) -> Result<Token> {
        self.token(self.officers.lin).await
    }

    /// The token of the officer who approves, made just now.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn approver_token(&self) -> Result<Token> {
        self.token(self.officers.zhao).await
    }

    async fn token(&self, id: StaffId) -> Result<Token> {
        let staff = &self.runtime.service.staff;
        Ok(staff.token_at_one_press(&wiring::operator(), id).await?)
    }

    /// Where one-time codes come.
    pub fn phones(&self) -> Arc<MadeUpPhones> {
        Arc::clone(&self.phones)
    }

    /// How many people have which status.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn colours(&self) -> Result<BTreeMap<&'static str, u64>> {
        let store = &self.runtime.store;
        let mut colours: BTreeMap<&'static str, u64> = ["green", "yellow", "red", "undeclared"]
            .map(|status| (status, 0))
            .into();
        let mut after = None;
        loop {
            let page = store.read("demo.colours", after, |tx, after| {
                Box::pin(async move {
                    let people = store::people::after(tx, *after, 1000).await?;
                    let verdicts = store::verdicts::of(tx, &people).await?;
                    Ok::<_, store::StoreError>((people, verdicts))
                })
            });
            let (people, verdicts) = page.await?;
            let Some(last) = people.last().copied() else {
                return Ok(colours);
            };
            for stored in verdicts.into_values() {
                *colours.entry(stored.verdict.status.as_str()).or_default() += 1;
            }
            after = Some(last);
        }
    }

    fn cast_members(&self) -> Vec<usize> {
        let Cast {
            patient,
            resident,
            bystander,
            traveller,
            undeclared,
            ..
        } = self.cast;
        let others = [bystander, traveller, undeclared].into_iter().flatten();
        [patient, resident].into_iter().chain(others).collect()
    }

    fn registered(&self, index: usize) -> Result<&Registered> {
        self.people
            .get(&index)
            .ok_or_else(|| anyhow!("resident {index} plays no part"))
    }

    fn persona(&self, key: &str, index: usize, about: Words) -> Result<Persona> {
        let token = self.registered(index)?.token.clone();
        Ok(Persona {
            key: key.to_owned(),
            name: self.name(index),
            about,
            token,
        })
    }

    fn patient(&self, index: usize, about: Words) -> Result<Patient> {
        let person = self.registered(index)?.person;
        Ok(Patient {
            person,
            name: self.name(index),
            about,
            onset: None,
        })
    }

    /// The made-up name; nobody's, so it may be shown.
    fn name(&self, index: usize) -> Words {
        let name = self.city.residents[index].identity.name.expose();
        Words::new([name; 5])
    }

    async fn settle(&self, report: Report) -> Result<()> {
        let publisher = self.officers.publisher(&self.runtime.service).await?;
        self.runtime
            .service
            .publishing
            .publish_levels(&publisher, &self.city.levels)
            .await?;
        let people = self.register_all(report).await?;
        self.open_venues().await?;
        self.record_visits(&people, report).await?;
        self.take_reports(&people, report).await?;
        self.runtime.service.tracing.run_traces().await?;
        Ok(())
    }

    async fn register_all(&self, report: Report) -> Result<HashMap<PersonId, PersonId>> {
        let mut progress =
            report.progress("registering people", Some(self.city.residents.len() as u64));
        let mut registered = futures::stream::iter(&self.city.residents)
            .map(|resident| async move {
                Ok::<_, anyhow::Error>((
                    resident.id,
                    register(&self.runtime, resident).await?.person,
                ))
            })
            .buffer_unordered(AT_ONCE);
        let mut people = HashMap::new();
        while let Some((made_up, person)) = registered.try_next().await? {
            people.insert(made_up, person);
            progress.advance(1);
        }
        Ok(people)
    }

    async fn open_venues(&self) -> Result<()> {
        let service = &self.runtime.service;
        let officer = &signed_in(service, self.officers.lin).await?;
        futures::stream::iter(&self.city.venues)
            .map(|venue| async move {
                let venue = NewVenue {
                    sign: None,
                    id: Some(venue.id),
                    name: venue.name.clone(),
                    category: Some(venue.setting.as_str().to_owned()),
                    region: venue.region,
                };
                service.visits.put_venue(officer, venue).await
            })
            .buffer_unordered(AT_ONCE)
            .try_for_each(|_| async { Ok(()) })
            .await?;
        Ok(())
    }

    /// Past visits of a whole city: past the service, straight into the record, in bulk. No rule of
    /// the demonstration's policy reads visits, so no verdict waits for them.
    async fn record_visits(
        &self,
        people: &HashMap<PersonId, PersonId>,
        report: Report,
    ) -> Result<()> {
        let mut progress = report.progress("recording visits", Some(self.city.visits.len() as u64));
        for visits in self.city.visits.chunks(VISITS_PER_WRITE) {
            let recorded: Vec<RecordedVisit> = visits
                .iter()
                .map(|visit| Visit {
                    id: visit.id,
                    person: people[&visit.person],
                    venue: self.city.venues[visit.venue].id,
                    category: Some(self.city.venues[visit.venue].setting.as_str().to_owned()),
                    entered: visit.entered,
                    left: visit.left,
                })
                .map(RecordedVisit::own)
                .collect();
            // No case was traced before, so that no visit is late for it.
            let record = self
                .runtime
                .store
                .transaction("demo.visits", recorded, |tx, recorded| {
                    Box::pin(store::visits::put(tx, recorded, Recorded::Live))
                });
            record.await?;
            progress.advance(visits.len() as u64);
        }
        Ok(())
    }

    async fn take_reports(
        &self,
        people: &HashMap<PersonId, PersonId>,
        report: Report,
    ) -> Result<()> {
        let mut progress = report.progress("taking reports", Some(self.city.reports.len() as u64));
        for kind in AuthorityKind::ALL {
            let mut reports: Vec<&Reported> = self
                .city
                .reports
                .iter()
                .filter(|report| report.by == kind)
                .collect();
            if reports.is_empty() {
                continue;
            }
            // A person's reports stand together, so that each is decided once rather than often.
            reports.sort_by_key(|report| report.person);
            let name = authority_name(kind);
            let official = self
                .runtime
                .service
                .access
                .act_for(&wiring::operator(), name)
                .await?;
            for chunk in reports.chunks(REPORTS_PER_REQUEST) {
                let items = chunk.iter().map(|report| Item {
                    subject: Subject::Person(people[&report.person]),
                    said: with_registered(&report.fact, people).into(),
                });
                let request = Some(RequestKey::from_u128(chunk[0].id.as_u128()));
                let submission = Submission {
                    request,
                    content: None,
                    items: items.collect(),
                };
                let receipt = self
                    .runtime
                    .service
                    .evidence
                    .submit(&official, submission)
                    .await?;
                if let Some(refused) = receipt.refused.first() {
                    let why = &refused.reason;
                    return Err(anyhow!("a report of the city was refused: {why}"));
                }
                progress.advance(chunk.len() as u64);
            }
        }
        Ok(())
    }
}

async fn start(
    folder: &DataFolder,
    now: Timestamp,
    phones: Arc<MadeUpPhones>,
    time: &CityTime,
) -> Result<Runtime> {
    let keys = KeyFolder::at(folder.path().join("keys"));
    if !keys.has_secret() {
        let uri = status_uri("http://127.0.0.1");
        keys.generate(ISSUER.parse()?, &uri, &SystemIds, now)?;
    }
    let store = Store::migrate(&folder.database_url(), &SystemIds).await?;
    let clock = Arc::clone(&time.clock);
    wiring::start_demonstration(keys, Arc::new(store), phones, clock).await
}

/// A fact that names another person names them as registered.
fn with_registered(fact: &domain::Fact, people: &HashMap<PersonId, PersonId>) -> domain::Fact {
    let mut fact = fact.clone();
    if let domain::Fact::Contact {
        with: Some(with), ..
    } = &mut fact
        && let Some(registered) = people.get(with)
    {
        *with = *registered;
    }
    fact
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_the_demonstration_checks() {
        let policy = domain::Policy::parse(POLICY).unwrap();
        assert_eq!(policy.issuer().to_string(), ISSUER);
    }
}
