//! The course of the disease in one person, and how infectious they are when.

use super::calendar::{DAY, Minute};
use super::chance::{Chance, Purpose};
use super::scenario::{Disease, Setting};

/// From whom or what somebody was infected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Seed,
    Elsewhere,
    Person(u32, Setting),
}

/// One infected person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub person: u32,
    pub infected: Minute,
    pub cause: Cause,
    /// When symptoms begin; of those who have none, when they would.
    pub onset: Minute,
    pub has_symptoms: bool,
    /// Infectiousness relative to the mean of those with symptoms.
    pub force: f64,
}

impl Course {
    /// The course of an infection at `infected`; it follows from the seed and the person.
    pub fn new(seed: u64, disease: &Disease, person: u32, infected: Minute, cause: Cause) -> Self {
        let mut chance = Chance::new(seed, Purpose::Course, u64::from(person), 0);
        let incubation = chance.log_normal(disease.incubation_days, disease.incubation_dispersion);
        let has_symptoms = !chance.is(disease.without_symptoms);
        let force = chance.gamma(disease.individual_shape);
        let force = match has_symptoms {
            true => force,
            false => force * disease.infectivity_without_symptoms,
        };
        Self {
            person,
            infected,
            cause,
            onset: infected.plus_days(incubation.clamp(0.5, 28.0)),
            has_symptoms,
            force,
        }
    }

    /// When they begin to feel ill, if they do.
    pub fn symptoms(&self) -> Option<Minute> {
        self.has_symptoms.then_some(self.onset)
    }
}

/// How infectiousness changes over the course.
#[derive(Clone, Debug)]
pub(crate) struct Infectiousness {
    /// Minutes before symptoms at which it begins.
    before: i32,
    /// The least minutes from infection.
    latent: i32,
    /// Relative to its mean over the infectious period, by hour since it began.
    by_hour: Vec<f64>,
}

impl Infectiousness {
    /// A gamma distribution over time, cut off where the infectious period ends.
    pub fn new(disease: &Disease) -> Self {
        let hours = (disease.infectious_days * 24.0).round() as usize;
        let density = |hour: usize| {
            let day = (hour as f64 + 0.5) / 24.0;
            day.powf(disease.infectiousness_shape - 1.0)
                * (-day / disease.infectiousness_scale_days).exp()
        };
        let by_hour: Vec<f64> = (0..hours).map(density).collect();
        let mean = by_hour.iter().sum::<f64>() / hours as f64;
        let minutes = |days: f64| (days * f64::from(DAY)).round() as i32;
        Self {
            before: minutes(disease.infectious_before_days),
            latent: minutes(disease.latent_days),
            by_hour: by_hour.into_iter().map(|value| value / mean).collect(),
        }
    }

    /// How infectious somebody is at a time: 0 before and after, 1 on average between.
    pub fn at(&self, course: &Course, time: Minute) -> f64 {
        if time.since(course.infected) < self.latent {
            return 0.0;
        }
        let since = time.since(course.onset.plus(-self.before));
        usize::try_from(since.div_euclid(60))
            .ok()
            .and_then(|hour| self.by_hour.get(hour))
            .map_or(0.0, |value| value * course.force)
    }

    /// Whether the person is infectious at some time of `day`.
    pub fn is_infectious_on(&self, course: &Course, day: i32) -> bool {
        let begins = course.onset.plus(-self.before);
        let begins = begins.max(course.infected.plus(self.latent));
        begins.day() <= day && day <= self.ends(course).day()
    }

    /// When the infectious period is over.
    pub fn ends(&self, course: &Course) -> Minute {
        let minutes = self.by_hour.len() as i32 * 60;
        course.onset.plus(minutes - self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn courses(count: u32) -> Vec<Course> {
        let disease = Disease::default();
        (0..count)
            .map(|person| Course::new(3, &disease, person, Minute(0), Cause::Seed))
            .collect()
    }

    #[test]
    fn courses_have_the_incubation_time_and_symptoms_that_were_asked_for() {
        let courses = courses(20_000);
        let days: f64 = courses
            .iter()
            .map(|course| f64::from(course.onset.0) / 1440.0)
            .sum();
        let mean = days / 20_000.0;
        assert!((mean - 5.2).abs() < 0.1, "{mean}");
        let without = courses.iter().filter(|course| !course.has_symptoms).count();
        assert!((without as f64 / 20_000.0 - 0.2).abs() < 0.02, "{without}");
    }

    #[test]
    fn about_44_percent_of_infectiousness_lies_before_symptoms() {
        let infectiousness = Infectiousness::new(&Disease::default());
        let (mut before, mut all) = (0.0, 0.0);
        for course in courses(2_000) {
            for hour in 0..24 * 40 {
                let time = Minute(hour * 60);
                let now = infectiousness.at(&course, time);
                all += now;
                if time < course.onset {
                    before += now;
                }
            }
        }
        let share = before / all;
        assert!((share - 0.44).abs() < 0.03, "{share}");
    }

    #[test]
    fn nobody_is_infectious_before_the_latent_period_or_after_the_end() {
        let infectiousness = Infectiousness::new(&Disease::default());
        for course in courses(500) {
            let ends = infectiousness.ends(&course);
            for hour in 0..24 * 45 {
                let time = Minute(hour * 60 + 7);
                if infectiousness.at(&course, time) > 0.0 {
                    assert!(time.0 >= 720 && time < ends);
                    assert!(infectiousness.is_infectious_on(&course, time.day()));
                }
            }
        }
    }
}
