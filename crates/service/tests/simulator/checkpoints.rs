//! Invariants 7, 8 and 16: what checkpoints, with a network and without, say of every code that somebody
//! still holds.

use domain::Status;
use jiff::SignedDuration;

use crate::invariants::rank;
use crate::model::HeldCode;
use crate::operations::Node;
use crate::world::World;

/// An assertion is believed for so long without a status list.
const FRESH: SignedDuration = SignedDuration::from_mins(15);
/// A status list serves a checkpoint without a network for so long.
const LIST_SERVES: SignedDuration = SignedDuration::from_hours(24);

/// No checkpoint shows a better colour than the holder has: with a network as soon as the restriction
/// was acknowledged, and without one as soon as the checkpoint could know.
pub fn hold(world: &mut World) {
    let (mut accepted, mut refused) = (0, 0);
    for held in &world.model.codes {
        match with_a_network(world, held) {
            true => accepted += 1,
            false => refused += 1,
        }
        without_a_network(world, held);
    }
    let tally = &mut world.model.tally;
    *tally.entry("codes accepted").or_default() += accepted;
    *tally.entry("codes refused").or_default() += refused;
}

/// Whether a node took it.
fn with_a_network(world: &World, held: &HeldCode) -> bool {
    let (model, now) = (&world.model, world.city.now());
    let status = model.people[held.of].status.unwrap();
    let settings = credential::Settings::default();
    let mut is_accepted = false;
    for node in Node::BOTH {
        // Restrictions by what is published take effect in the course of deciding everybody.
        if !model.knows(node) || !model.is_everybody_decided {
            continue;
        }
        let text = world.text_of(held);
        let Ok(accepted) = world.node(node).checks.verify(&text, &settings) else {
            continue;
        };
        is_accepted = true;
        assert!(
            rank(Status::Decided(accepted.colour)) >= rank(status),
            "invariant 7: node {node:?} shows {} of {}, who is {status}",
            accepted.colour,
            held.person
        );
        let life = accepted.expires_at.duration_since(accepted.issued_at);
        assert!(now < accepted.expires_at, "invariant 16: it has expired");
        assert!(
            life <= accepted.form.longest_life(),
            "invariant 16: it lives for {life}"
        );
    }
    is_accepted
}

fn without_a_network(world: &World, held: &HeldCode) {
    let (model, now) = (&world.model, world.city.now());
    let Some(offline) = &model.offline else {
        return;
    };
    let (holder, text) = (&model.people[held.of], world.text_of(held));
    let status = holder.status.unwrap();
    let (trust, lists) = (&offline.trust, Some(&offline.lists));
    let settings = credential::Settings::default();
    let Ok(accepted) = credential::verify(&text, trust, lists, now, &settings) else {
        return;
    };
    let is_fresh = now.duration_since(accepted.issued_at) <= FRESH;
    let age = now.duration_since(offline.fetched_at);
    assert!(
        is_fresh || age <= LIST_SERVES,
        "invariant 8: a list of {age} ago still serves"
    );
    let could_know = holder.worse_at <= offline.step && model.is_everybody_decided;
    assert!(
        is_fresh || !could_know || rank(Status::Decided(accepted.colour)) >= rank(status),
        "invariant 7: without a network {} is shown of {}, who is {status} since before",
        accepted.colour,
        held.person
    );
}
