//! What may happen, and how it is drawn.

use proptest::collection::vec;
use proptest::prelude::*;

/// How many operations a list has.
const LONGEST: usize = 40;

/// One of those that there are when its turn comes, counted round.
pub type Pick = u8;

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Somebody asks a node for something, under a key of their own.
    Ask(Node, Line, Wish),
    /// What was answered within a day is asked for again, under the same key.
    AskAgain(Node, Pick),
    /// Somebody's phone or page is given a code.
    TakeCode(Node, Pick, Shown),
    /// Somebody opens their page.
    Look(Node, Pick),
    /// A checkpoint that will have no network fetches what it needs.
    Fetch(Node),
    /// A worker of a node has its turn.
    Work(Node, Worker),
    /// Time passes.
    Pass(Time),
    /// A process dies, and another starts on the same database.
    Crash(Node),
    /// The operator puts another issuer key into the folder.
    RotateKey {
        /// Whether the old one is trusted no more.
        is_stolen: bool,
    },
    /// Two staff members publish something.
    Publish(Node, Published),
}

/// One of the two processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// The first.
    One,
    /// The second.
    Two,
}

/// What becomes of a request and its answer on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Both arrive.
    Good,
    /// The caller hangs up after so many turns of the request, and asks again.
    HungUp(u8),
    /// The process dies after so many turns of the request; the caller asks the next one again.
    Died(u8),
    /// The caller hangs up, and asks the other node.
    OtherNode(u8),
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// An account for the holder of a document.
    Register { document: Pick, declares: bool },
    /// To report their health.
    Declare { who: Pick, coughs: bool },
    /// An office or a laboratory submits evidence.
    Submit { who: Pick, what: Saying },
    /// An office takes evidence back.
    Withdraw { which: Pick },
    /// An office confirms a case.
    Confirm { who: Pick },
    /// A phone uploads a visit that it kept.
    Visit {
        who: Pick,
        venue: Pick,
        hours_ago: u8,
        minutes: u8,
    },
}

/// What is submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// They met a case, or one who had.
    Contact { ring: u8, hours_ago: u8 },
    /// A test, negative or not.
    Test { is_negative: bool, hours_ago: u8 },
    /// They were where the level may be high.
    Stay { hours_ago: u8 },
}

/// How a code is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// On a phone that signs.
    Live,
    /// On a page without script.
    Plain,
    /// On paper.
    Card,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worker {
    /// Follows the other node, and the keys.
    Follow,
    /// Finds the contacts of cases.
    Traces,
    /// Decides those whose time has come.
    Sweep,
    /// Decides everybody under what is in force.
    Everybody,
    /// Tells people of changed colours.
    Outbox,
    /// Signs the log.
    Audit,
    /// Forgets receipts and places that are over.
    Leftovers,
}

/// How much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    Seconds(u8),
    Minutes(u8),
    Hours(u8),
}

/// What is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// A policy under which the first ring is yellow or red, in force after so many hours.
    Policy {
        first_ring_is_red: bool,
        in_hours: u8,
    },
    /// That a region is of high risk, or no longer.
    Level { is_high: bool },
}

/// Lists of operations.
pub fn operations() -> impl Strategy<Value = Vec<Operation>> {
    vec(operation(), LONGEST / 2..=LONGEST)
}

fn operation() -> impl Strategy<Value = Operation> {
    let pick = any::<Pick>;
    prop_oneof![
        40 => (node(), line(), wish()).prop_map(|(node, line, wish)| Operation::Ask(node, line, wish)),
        4 => (node(), pick()).prop_map(|(node, which)| Operation::AskAgain(node, which)),
        14 => (node(), pick(), shown()).prop_map(|(node, who, shown)| Operation::TakeCode(node, who, shown)),
        4 => (node(), pick()).prop_map(|(node, who)| Operation::Look(node, who)),
        3 => node().prop_map(Operation::Fetch),
        20 => (node(), worker()).prop_map(|(node, worker)| Operation::Work(node, worker)),
        10 => time().prop_map(Operation::Pass),
        3 => node().prop_map(Operation::Crash),
        2 => any::<bool>().prop_map(|is_stolen| Operation::RotateKey { is_stolen }),
        4 => (node(), published()).prop_map(|(node, what)| Operation::Publish(node, what)),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    prop_oneof![3 => Just(Node::One), 1 => Just(Node::Two)]
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        12 => Just(Line::Good),
        2 => (0..6_u8).prop_map(Line::HungUp),
        1 => (0..6_u8).prop_map(Line::Died),
        1 => (0..6_u8).prop_map(Line::OtherNode),
    ]
}

fn wish() -> impl Strategy<Value = Wish> {
    let pick = any::<Pick>;
    prop_oneof![
        4 => (pick(), any::<bool>()).prop_map(|(document, declares)| Wish::Register { document, declares }),
        3 => (pick(), any::<bool>()).prop_map(|(who, coughs)| Wish::Declare { who, coughs }),
        6 => (pick(), saying()).prop_map(|(who, what)| Wish::Submit { who, what }),
        3 => pick().prop_map(|which| Wish::Withdraw { which }),
        2 => pick().prop_map(|who| Wish::Confirm { who }),
        5 => (pick(), pick(), 1..30_u8, 5..90_u8).prop_map(|(who, venue, hours_ago, minutes)| {
            Wish::Visit { who, venue, hours_ago, minutes }
        }),
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
    prop_oneof![
        (any::<bool>(), 0..30_u8).prop_map(|(first_ring_is_red, in_hours)| Published::Policy {
            first_ring_is_red,
            in_hours
        }),
        any::<bool>().prop_map(|is_high| Published::Level { is_high }),
    ]
}
