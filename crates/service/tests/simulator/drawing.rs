//! How lists of operations are drawn.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::operations::{
    Cut, Line, Node, Operation, Pick, Published, Saying, Shown, Time, Wish, Worker,
};

/// How many operations a list has.
const LONGEST: usize = 60;

/// Lists of operations. The first ones open accounts, so that there is somebody whom the others are about.
pub fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let some = vec(operation(), LONGEST / 2..=LONGEST);
    (vec(registration(), 2..4), some).prop_map(|(mut operations, others)| {
        operations.extend(others);
        operations
    })
}

fn registration() -> impl Strategy<Value = Operation> {
    (node(), line(), any::<Pick>()).prop_map(|(node, line, document)| {
        let declares = true;
        Operation::Ask(node, line, Wish::Register { document, declares })
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation as O;
    let pick = any::<Pick>;
    prop_oneof![
        40 => (node(), line(), wish()).prop_map(|(node, line, wish)| O::Ask(node, line, wish)),
        4 => (node(), pick()).prop_map(|(node, which)| O::AskAgain(node, which)),
        14 => (node(), pick(), shown()).prop_map(|(node, who, shown)| O::TakeCode(node, who, shown)),
        4 => (node(), pick()).prop_map(|(node, who)| O::Look(node, who)),
        2 => (node(), pick()).prop_map(|(node, who)| O::Prove(node, who)),
        4 => (node(), pick(), any::<bool>())
            .prop_map(|(node, which, withdraws)| O::Answer { node, which, withdraws }),
        2 => (node(), pick(), 1..90_u8).prop_map(|(node, who, hours)| O::Order(node, who, hours)),
        3 => node().prop_map(O::Fetch),
        20 => (node(), worker()).prop_map(|(node, worker)| O::Work(node, worker)),
        10 => time().prop_map(O::Pass),
        3 => node().prop_map(O::Crash),
        2 => any::<bool>().prop_map(|is_stolen| O::RotateKey { is_stolen }),
        4 => (node(), published()).prop_map(|(node, what)| O::Publish(node, what)),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    prop_oneof![3 => Just(Node::One), 1 => Just(Node::Two)]
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        10 => Just(Line::Good),
        3 => cut().prop_map(Line::HungUp),
        1 => cut().prop_map(Line::Died),
        1 => cut().prop_map(Line::OtherNode),
    ]
}

fn cut() -> impl Strategy<Value = Cut> {
    let millis = prop_oneof![Just(0), Just(1), Just(20)];
    (0..24_u8, millis).prop_map(|(turns, millis)| Cut { turns, millis })
}

fn wish() -> impl Strategy<Value = Wish> {
    use Wish as W;
    let pick = any::<Pick>;
    prop_oneof![
        3 => (pick(), any::<bool>()).prop_map(|(document, declares)| W::Register { document, declares }),
        3 => (pick(), any::<bool>()).prop_map(|(who, coughs)| W::Declare { who, coughs }),
        6 => (pick(), saying()).prop_map(|(who, what)| W::Submit { who, what }),
        2 => (pick(), saying()).prop_map(|(document, what)| W::SubmitByDocument { document, what }),
        3 => pick().prop_map(|which| W::Withdraw { which }),
        2 => pick().prop_map(|who| W::Confirm { who }),
        5 => (pick(), pick(), 1..30_u8, 5..90_u8)
            .prop_map(|(who, venue, hours_ago, minutes)| W::Visit { who, venue, hours_ago, minutes }),
        2 => (pick(), pick()).prop_map(|(who, venue)| W::CheckIn { who, venue }),
        4 => pick().prop_map(|who| W::Appeal { who }),
        3 => (pick(), any::<bool>()).prop_map(|(code, measures)| W::Door { code, measures }),
    ]
}

fn saying() -> impl Strategy<Value = Saying> {
    prop_oneof![
        3 => (1..3_u8, 1..100_u8).prop_map(|(ring, hours_ago)| Saying::Contact { ring, hours_ago }),
        2 => (any::<bool>(), 1..40_u8)
            .prop_map(|(is_negative, hours_ago)| Saying::Test { is_negative, hours_ago }),
        1 => (1..100_u8).prop_map(|hours_ago| Saying::Stay { hours_ago }),
    ]
}

fn shown() -> impl Strategy<Value = Shown> {
    prop_oneof![2 => Just(Shown::Live), 1 => Just(Shown::Plain), 1 => Just(Shown::Card)]
}

fn worker() -> impl Strategy<Value = Worker> {
    prop_oneof![
        5 => Just(Worker::Follow),
        4 => Just(Worker::Traces),
        2 => Just(Worker::Sweep),
        3 => Just(Worker::Everybody),
        1 => Just(Worker::Outbox),
        2 => Just(Worker::Audit),
        1 => Just(Worker::Leftovers),
        2 => Just(Worker::Mirror),
        1 => Just(Worker::Count),
        1 => Just(Worker::Watch),
    ]
}

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        2 => (1..60_u8).prop_map(Time::Seconds),
        3 => (1..60_u8).prop_map(Time::Minutes),
        2 => (1..100_u8).prop_map(Time::Hours),
    ]
}

fn published() -> impl Strategy<Value = Published> {
    let policy = (any::<bool>(), any::<bool>(), 0..30_u8);
    prop_oneof![
        2 => policy.prop_map(|(first_ring_is_red, reads_visits, in_hours)| Published::Policy {
            first_ring_is_red,
            reads_visits,
            in_hours,
        }),
        1 => any::<bool>().prop_map(|is_high| Published::Level { is_high }),
    ]
}
