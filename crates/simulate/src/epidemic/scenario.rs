//! The parameters of a simulation: each with its unit, its default and where that comes from.
//! `docs/simulation.md` says more about the sources.

use std::num::NonZeroUsize;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::defaults;

/// Everything from which a simulated epidemic follows.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// How many people, residents and visitors together. 100 to 20 million.
    pub people: u32,
    /// How many local days. 1 to 366.
    pub days: u16,
    /// Everything random follows from it.
    pub seed: u64,
    /// How many threads work. The result does not depend on it.
    pub threads: NonZeroUsize,
    /// The first local day.
    pub first_day: Date,
    /// The zone in which people get up and go to bed.
    pub time_zone: TimeZone,
    /// The disease.
    pub disease: Disease,
    /// How near people come to each other, by setting, in the order of [`Setting::ALL`].
    pub settings: [Nearness; Setting::ALL.len()],
    /// What gets written down about visits and what people declare.
    pub records: Records,
    /// Who is tested, and what tests show.
    pub testing: Testing,
    /// What people do about the epidemic.
    pub measures: Measures,
    /// Who travels.
    pub travel: Travel,
}

/// Where two people meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// At home, in one household.
    Home,
    /// In the lift or at the door of the building in which both live.
    Building,
    /// In a school class.
    School,
    /// In a team at work.
    Work,
    /// On a bus or train of the city.
    Transport,
    /// In a shop.
    Shop,
    /// In a restaurant.
    Restaurant,
    /// In a gym.
    Gym,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 8] = [
        Self::Home,
        Self::Building,
        Self::School,
        Self::Work,
        Self::Transport,
        Self::Shop,
        Self::Restaurant,
        Self::Gym,
    ];

    /// The word used in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Building => "building",
            Self::School => "school",
            Self::Work => "work",
            Self::Transport => "transport",
            Self::Shop => "shop",
            Self::Restaurant => "restaurant",
            Self::Gym => "gym",
        }
    }
}

/// How near two people come to each other who are in the same setting at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Nearness {
    /// Chance that they come near each other at all, on one day.
    pub chance: f64,
    /// Share of their time together that they are near, on average.
    pub share: f64,
    /// How easily the disease passes in a minute near, relative to work. Not used at home, where
    /// [`Disease::household_attack`] says it.
    pub intensity: f64,
}

/// The disease: when it passes, how easily, and to how many.
#[derive(Clone, Debug)]
pub struct Disease {
    /// Residents infected from outside in the course of the first week.
    pub seed_cases: u32,
    /// How many people a seed case infects on average while nobody does anything about it.
    pub reproduction_number: f64,
    /// Chance that a case infects a given member of the household, while nobody does anything.
    pub household_attack: f64,
    /// Mean time from infection to symptoms, in days; log-normal.
    pub incubation_days: f64,
    /// Dispersion of that time: the factor of one standard deviation.
    pub incubation_dispersion: f64,
    /// How long before symptoms a case becomes infectious, in days.
    pub infectious_before_days: f64,
    /// Shape of the gamma distribution of infectiousness over time.
    pub infectiousness_shape: f64,
    /// Its scale, in days.
    pub infectiousness_scale_days: f64,
    /// How long a case is infectious at most, in days.
    pub infectious_days: f64,
    /// The least time from infection until the disease passes on, in days.
    pub latent_days: f64,
    /// Share of the infected who never have symptoms.
    pub without_symptoms: f64,
    /// Their infectiousness relative to the others.
    pub infectivity_without_symptoms: f64,
    /// Shape of the gamma distribution of infectiousness between people; the smaller, the more
    /// uneven.
    pub individual_shape: f64,
}

/// What gets written down about visits and declarations.
#[derive(Clone, Debug)]
pub struct Records {
    /// Visits recorded for each person and day, on average.
    pub visits_per_day: f64,
    /// Share of the recorded visits without check-out.
    pub open_visits: f64,
    /// A declaration is due every so many days.
    pub declare_every_days: u16,
    /// Share of people who forget.
    pub forgetful: f64,
    /// Share of the due declarations that those make.
    pub forgetful_declare: f64,
    /// Share of people who never declare symptoms or contacts.
    pub lying: f64,
    /// Chance that an honest person declares within a day of falling ill.
    pub declare_when_ill: f64,
}

/// Who is tested and what tests show.
#[derive(Clone, Debug)]
pub struct Testing {
    /// Chance that somebody with the disease and symptoms goes for a test.
    pub seek_when_ill: f64,
    /// Days from symptoms to that test: at least 0 and below this.
    pub delay_days: f64,
    /// Chance that somebody with another illness goes for a test.
    pub seek_with_cold: f64,
    /// Share of people who fall ill with something else on a day.
    pub colds_per_day: f64,
    /// Share of people tested on a day without a reason.
    pub screening_per_day: f64,
    /// Share of those who come for a test with symptoms whom the doctor reports as suspected.
    pub suspected: f64,
    /// Mean time from sample to result, in hours; at least 4, evenly spread.
    pub turnaround_hours: f64,
    /// Chance that a test of an infected person is negative, by whole days since infection. The last
    /// value holds for all later days.
    pub false_negative: Vec<f64>,
    /// Chance that a test of anybody else is positive.
    pub false_positive: f64,
    /// Share of tests that must be repeated.
    pub inconclusive: f64,
}

/// What people do about the epidemic.
#[derive(Clone, Debug)]
pub struct Measures {
    /// Chance that somebody with symptoms of the disease stays at home, for ten days.
    pub stay_home_when_ill: f64,
    /// Whether confirmed cases are isolated until recovered.
    pub isolate_cases: bool,
    /// Chance that the case's contacts are notified: of the household, named or seated nearby.
    pub quarantine: f64,
    /// Days for which those stay at home.
    pub quarantine_days: u16,
    /// Chance that such a contact is tested, one and seven days after.
    pub test_contacts: f64,
    /// Chance that a case names somebody whom it was near for 15 minutes outside the household.
    pub names_contacts: f64,
    /// Share of the confirmed cases for whom the community office lists the whole building.
    pub list_building: f64,
}

/// Who travels.
#[derive(Clone, Debug)]
pub struct Travel {
    /// Share of the residents who leave for another city on a day.
    pub trips_per_day: f64,
    /// Share of the trips on which another region is passed without stopping.
    pub transit: f64,
    /// Whether the stays say in which district each resident lives. If they do, a policy that reads
    /// the levels of stays restricts whole districts.
    pub list_residents: bool,
    /// Share of all people who are visitors from elsewhere.
    pub visitors: f64,
    /// Chance for each night in a high-risk region elsewhere to be infected there; a tenth of it in
    /// a medium-risk one.
    pub infection_per_night: f64,
}

/// Why a scenario cannot be simulated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadScenario {
    /// A parameter lies outside its range.
    #[error("{name} is {value}, but must lie between {least} and {most}; correct it")]
    OutOfRange {
        /// Which parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The least value allowed.
        least: f64,
        /// The greatest.
        most: f64,
    },
    /// Days before or after it have no midnight that a clock could show.
    #[error("the calendar does not reach 90 days around {first}; choose another first day")]
    Calendar {
        /// The first day.
        first: Date,
    },
    /// People do not go out that often.
    #[error(
        "{wanted} visits a day cannot be recorded: people make {possible:.2}; ask for at most as many"
    )]
    TooManyVisits {
        /// Visits per person and day asked for.
        wanted: f64,
        /// Visits per person and day that happen.
        possible: f64,
    },
    /// Households alone pass the disease on more often than cases in all should.
    #[error(
        "a case infects {household:.2} people at home already, but is to infect {wanted} in all; \
         lower household_attack or raise reproduction_number"
    )]
    HouseholdAboveAll {
        /// Infections in the household per case.
        household: f64,
        /// The reproduction number asked for.
        wanted: f64,
    },
    /// Nobody meets anybody.
    #[error(
        "people never meet, so nobody can infect {wanted} others; raise the chances in settings"
    )]
    NobodyMeets {
        /// What was asked for.
        wanted: f64,
    },
}

impl Scenario {
    /// A city of so many people with the default disease, tests and measures, from Monday
    /// 17 February 2020 in Shanghai's zone.
    pub fn new(people: u32, days: u16, seed: u64) -> Self {
        Self {
            people,
            days,
            seed,
            threads: NonZeroUsize::MIN,
            first_day: date(2020, 2, 17),
            time_zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
            disease: Disease {
                seed_cases: (people / 10_000).max(10),
                ..Disease::default()
            },
            settings: defaults::settings(),
            records: Records::default(),
            testing: Testing::default(),
            measures: Measures::default(),
            travel: Travel::default(),
        }
    }

    /// Whether every parameter lies in its range.
    ///
    /// # Errors
    /// [`BadScenario::OutOfRange`] for the first that does not.
    pub fn check(&self) -> Result<(), BadScenario> {
        within("people", f64::from(self.people), 100.0, 20e6)?;
        within("days", f64::from(self.days), 1.0, 366.0)?;
        let Disease {
            seed_cases,
            reproduction_number,
            household_attack,
            incubation_days,
            incubation_dispersion,
            infectious_before_days,
            infectiousness_shape,
            infectiousness_scale_days,
            infectious_days,
            latent_days,
            without_symptoms,
            infectivity_without_symptoms,
            individual_shape,
        } = &self.disease;
        let seeds = f64::from(*seed_cases);
        within("seed_cases", seeds, 0.0, f64::from(self.people) / 4.0)?;
        within("reproduction_number", *reproduction_number, 0.0, 20.0)?;
        within("household_attack", *household_attack, 0.0, 0.9)?;
        within("incubation_days", *incubation_days, 0.5, 21.0)?;
        within("incubation_dispersion", *incubation_dispersion, 1.0, 3.0)?;
        within("infectious_before_days", *infectious_before_days, 0.0, 10.0)?;
        within("infectiousness_shape", *infectiousness_shape, 1.0, 20.0)?;
        within(
            "infectiousness_scale_days",
            *infectiousness_scale_days,
            0.1,
            10.0,
        )?;
        within("infectious_days", *infectious_days, 1.0, 28.0)?;
        within("latent_days", *latent_days, 0.0, 10.0)?;
        within("individual_shape", *individual_shape, 0.05, 100.0)?;
        for nearness in &self.settings {
            within("settings.chance", nearness.chance, 0.0, 1.0)?;
            within("settings.share", nearness.share, 0.0, 1.0)?;
            within("settings.intensity", nearness.intensity, 0.0, 100.0)?;
        }
        let every = f64::from(self.records.declare_every_days);
        within("declare_every_days", every, 1.0, 60.0)?;
        within("visits_per_day", self.records.visits_per_day, 0.0, 20.0)?;
        within("delay_days", self.testing.delay_days, 0.1, 14.0)?;
        within(
            "turnaround_hours",
            self.testing.turnaround_hours,
            4.0,
            240.0,
        )?;
        let days = f64::from(self.measures.quarantine_days);
        within("quarantine_days", days, 0.0, 60.0)?;
        let false_negatives = self.testing.false_negative.iter();
        let shares = [
            ("without_symptoms", *without_symptoms),
            (
                "infectivity_without_symptoms",
                *infectivity_without_symptoms,
            ),
            ("open_visits", self.records.open_visits),
            ("forgetful", self.records.forgetful),
            ("forgetful_declare", self.records.forgetful_declare),
            ("lying", self.records.lying),
            (
                "forgetful and lying together",
                self.records.forgetful + self.records.lying,
            ),
            ("declare_when_ill", self.records.declare_when_ill),
            ("seek_when_ill", self.testing.seek_when_ill),
            ("seek_with_cold", self.testing.seek_with_cold),
            ("colds_per_day", self.testing.colds_per_day),
            ("screening_per_day", self.testing.screening_per_day),
            ("suspected", self.testing.suspected),
            ("false_positive", self.testing.false_positive),
            ("inconclusive", self.testing.inconclusive),
            ("stay_home_when_ill", self.measures.stay_home_when_ill),
            ("quarantine", self.measures.quarantine),
            ("test_contacts", self.measures.test_contacts),
            ("names_contacts", self.measures.names_contacts),
            ("list_building", self.measures.list_building),
            ("trips_per_day", self.travel.trips_per_day),
            ("transit", self.travel.transit),
            ("visitors", self.travel.visitors),
            ("infection_per_night", self.travel.infection_per_night),
        ];
        let false_negatives = false_negatives.map(|share| ("false_negative", *share));
        for (name, share) in shares.into_iter().chain(false_negatives) {
            within(name, share, 0.0, 1.0)?;
        }
        within("visitors", self.travel.visitors, 0.0, 0.5)
    }
}

fn within(name: &'static str, value: f64, least: f64, most: f64) -> Result<(), BadScenario> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(BadScenario::OutOfRange {
        name,
        value,
        least,
        most,
    })
}
