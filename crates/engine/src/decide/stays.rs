//! Which stays are worth a look. There are more of them than of anything else, and few were where a
//! rule asks for.

use domain::FactKind;

use super::block::{Block, TOGETHER, Useful};
use super::plan::{Plan, RegionPlan};
use crate::columns::{NONE, Seconds, Stays};

impl Block<'_> {
    pub(super) fn stays(&mut self, plan: &Plan<'_>) {
        if !plan.policy.reads(FactKind::Stay) {
            return;
        }
        let table = &plan.columns.stays;
        let rules = plan.rules_on(FactKind::Stay);
        let rows = self.rows_of(plan, &table.person);
        let mut flags = [0; TOGETHER];
        self.rows(plan, table, &rules, rows, |rows, useful| {
            let flags = &mut flags[..rows.len()];
            let (arrived, left) = (&table.arrived[rows.clone()], &table.left[rows.clone()]);
            mark_ahead(arrived, left, plan.now, flags);
            let count = pick_regions(
                &table.region[rows.clone()],
                &plan.is_region_of_use,
                flags,
                useful,
            );
            keep_in_time(plan, table, rows.start, &mut useful[..count])
        });
    }
}

/// Marks stays that begin or end later than now: they may change the verdict then, whatever their
/// region.
#[inline(never)]
fn mark_ahead(arrived: &[Seconds], left: &[Seconds], now: Seconds, flags: &mut [u8]) {
    for ((arrived, left), flag) in arrived.iter().zip(left).zip(flags) {
        *flag = u8::from((*arrived > now) | ((*left > now) & (*left != NONE)));
    }
}

/// Puts the marked ones and those in regions of use together, without a branch.
#[inline(never)]
fn pick_regions(
    region: &[u16],
    is_of_use: &[u8; 1 << 16],
    flags: &[u8],
    useful: &mut Useful,
) -> usize {
    let mut count = 0;
    for (row, (region, flag)) in region.iter().zip(flags).enumerate() {
        useful[count % TOGETHER].0 = row;
        count += usize::from(flag | is_of_use[usize::from(*region)]);
    }
    count
}

/// Keeps those of which a rule can make anything, for their time.
fn keep_in_time(
    plan: &Plan<'_>,
    table: &Stays,
    first: usize,
    useful: &mut [(usize, u32)],
) -> usize {
    let mut count = 0;
    for place in 0..useful.len() {
        let row = first + useful[place].0;
        let (arrived, left) = (table.arrived[row], table.left[row]);
        let RegionPlan { span, .. } = &plan.regions[usize::from(table.region[row])];
        let is_ahead = (arrived > plan.now) | ((left > plan.now) & (left != NONE));
        let is_in_time = (left >= span.from) & (arrived <= span.until);
        useful[count].0 = row;
        count += usize::from(is_ahead | is_in_time);
    }
    count
}
