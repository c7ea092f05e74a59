//! Who stays at home or lies in hospital, and on which days that was so.

/// Until when each person stays in.
#[derive(Clone, Debug)]
pub(crate) struct Confinement {
    /// For each person the first day on which they go out again; 0 if they never stayed in.
    home_until: Vec<u16>,
    hospital_until: Vec<u16>,
    /// For each finished day one bit a person: whether they did not go out.
    stayed_in: Vec<Vec<u64>>,
    /// Person, first day in hospital, first day out of it.
    hospital: Vec<(u32, u16, u16)>,
}

/// Until further notice.
const OPEN: u16 = u16::MAX;

impl Confinement {
    /// Everybody is free.
    pub fn new(people: usize) -> Self {
        Self {
            home_until: vec![0; people],
            hospital_until: vec![0; people],
            stayed_in: Vec::new(),
            hospital: Vec::new(),
        }
    }

    /// Whether the person stays at home on `day`, which has not passed yet.
    pub fn is_at_home(&self, person: u32, day: i32) -> bool {
        i32::from(self.home_until[person as usize]) > day
    }

    /// Whether the person is in hospital on `day`, which has not passed yet.
    pub fn is_in_hospital(&self, person: u32, day: i32) -> bool {
        i32::from(self.hospital_until[person as usize]) > day
    }

    /// From the day after `day` the person stays at home for so many days.
    pub fn stay_home(&mut self, person: u32, day: i32, days: u16) {
        let until = (day + 1).clamp(0, i32::from(OPEN)) as u16;
        let until = until.saturating_add(days);
        let home_until = &mut self.home_until[person as usize];
        *home_until = until.max(*home_until);
    }

    /// From the day after `day` the person is in hospital.
    pub fn admit(&mut self, person: u32, day: i32) {
        self.hospital_until[person as usize] = OPEN;
        self.hospital.push((person, (day + 1) as u16, OPEN));
    }

    /// From the day after `day` the person is at home again.
    pub fn discharge(&mut self, person: u32, day: i32) {
        self.hospital_until[person as usize] = 0;
        let theirs = |stay: &&mut (u32, u16, u16)| stay.0 == person && stay.2 == OPEN;
        if let Some(stay) = self.hospital.iter_mut().rev().find(theirs) {
            stay.2 = (day + 1) as u16;
        }
    }

    /// Notes who stays in on `day`. Call it once for each day, in order.
    pub fn begin(&mut self, day: i32) {
        let people = self.home_until.len();
        let mut bits = vec![0u64; people.div_ceil(64)];
        for person in 0..people {
            let until = self.home_until[person].max(self.hospital_until[person]);
            if i32::from(until) > day {
                bits[person / 64] |= 1 << (person % 64);
            }
        }
        self.stayed_in.push(bits);
    }

    /// Whether the person stayed in, at home or in hospital, on a day that has begun.
    pub fn stayed_in(&self, person: u32, day: u16) -> bool {
        let bits = &self.stayed_in[usize::from(day)];
        bits[person as usize / 64] & 1 << (person % 64) != 0
    }

    /// Stays in hospital, by person: first day, first day after.
    pub fn hospital_stays(&self) -> Vec<(u32, u16, u16)> {
        let mut stays = self.hospital.clone();
        stays.sort_unstable();
        stays
    }
}
