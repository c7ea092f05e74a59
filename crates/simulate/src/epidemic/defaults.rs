//! The default parameters. `docs/simulation.md` names their sources in full; all figures from papers
//! are approximate.

use super::scenario::{Disease, Measures, Nearness, Records, Setting, Testing, Travel};

/// Assumptions, chosen so that an adult meets about as many people a day as contact surveys find
/// (about 13 in POLYMOD, Mossong et al. 2008) and eating and exercise weigh more than shopping.
pub(crate) fn settings() -> [Nearness; Setting::ALL.len()] {
    Setting::ALL.map(|setting| {
        let (chance, share, intensity) = match setting {
            Setting::Home => (1.0, 0.4, 1.0),
            Setting::Building => (0.02, 1.0, 0.5),
            Setting::School => (0.2, 0.3, 0.7),
            Setting::Work => (0.5, 0.2, 1.0),
            Setting::Transport => (0.12, 1.0, 1.0),
            Setting::Shop => (0.3, 0.3, 0.5),
            Setting::Restaurant => (0.2, 0.9, 1.5),
            Setting::Gym => (0.15, 0.5, 1.5),
        };
        Nearness {
            chance,
            share,
            intensity,
        }
    })
}

impl Default for Disease {
    fn default() -> Self {
        Self {
            seed_cases: 10,
            // Early estimates for the first strain lie between 2 and 3.
            reproduction_number: 2.5,
            // Madewell et al. 2020: about 17 percent.
            household_attack: 0.17,
            // Li et al. 2020: about 5.2 days; the dispersion after Lauer et al. 2020.
            incubation_days: 5.2,
            incubation_dispersion: 1.52,
            // He et al. 2020: from about 2.3 days before symptoms, 44 percent before symptoms.
            infectious_before_days: 2.3,
            infectiousness_shape: 2.1,
            infectiousness_scale_days: 1.45,
            infectious_days: 12.0,
            // An assumption; it only cuts off the shortest incubation times.
            latent_days: 0.5,
            // Buitrago-Garcia et al. 2020: about 20 percent, about a third as infectious; other
            // estimates lie higher, so one half is used.
            without_symptoms: 0.2,
            infectivity_without_symptoms: 0.5,
            // Milder than the 0.1 to 0.6 estimated for whole offspring distributions, because the
            // uneven number of contacts comes on top.
            individual_shape: 1.0,
        }
    }
}

impl Default for Records {
    /// Assumptions.
    fn default() -> Self {
        Self {
            visits_per_day: 1.0,
            open_visits: 0.03,
            declare_every_days: 7,
            forgetful: 0.12,
            forgetful_declare: 0.4,
            lying: 0.05,
            declare_when_ill: 0.7,
        }
    }
}

impl Default for Testing {
    fn default() -> Self {
        Self {
            seek_when_ill: 0.7,
            delay_days: 4.0,
            seek_with_cold: 0.15,
            // About 7 percent of people a month; an assumption.
            colds_per_day: 0.0023,
            screening_per_day: 0.002,
            suspected: 0.3,
            turnaround_hours: 16.0,
            false_negative: kucirka(),
            false_positive: 0.0002,
            inconclusive: 0.005,
        }
    }
}

/// Kucirka et al. 2020, PCR, by days since exposure: none found on day 1, 33 percent on day 4,
/// 62 percent on day 5, 80 percent on day 8, 34 percent on day 21. Straight lines between, and on to
/// almost none by day 35.
fn kucirka() -> Vec<f64> {
    const KNOTS: [(usize, f64); 8] = [
        (0, 1.0),
        (1, 1.0),
        (4, 0.67),
        (5, 0.38),
        (8, 0.20),
        (9, 0.21),
        (21, 0.66),
        (35, 0.97),
    ];
    let mut table = vec![KNOTS[0].1];
    for pair in KNOTS.windows(2) {
        let [(from, start), (until, end)] = [pair[0], pair[1]];
        let slope = (end - start) / (until - from) as f64;
        table.extend((from + 1..=until).map(|day| start + slope * (day - from) as f64));
    }
    table
}

impl Default for Measures {
    /// Assumptions.
    fn default() -> Self {
        Self {
            stay_home_when_ill: 0.4,
            isolate_cases: true,
            quarantine: 0.6,
            quarantine_days: 14,
            test_contacts: 0.8,
            names_contacts: 0.4,
            list_building: 1.0,
        }
    }
}

impl Measures {
    /// Nobody changes anything. Cases are still found, tested and recorded, and their contacts
    /// listed.
    pub fn none() -> Self {
        Self {
            stay_home_when_ill: 0.0,
            isolate_cases: false,
            quarantine: 0.0,
            quarantine_days: 0,
            ..Self::default()
        }
    }
}

impl Default for Travel {
    /// Assumptions.
    fn default() -> Self {
        Self {
            trips_per_day: 0.002,
            transit: 0.25,
            list_residents: false,
            visitors: 0.01,
            infection_per_night: 0.002,
        }
    }
}
