//! What may happen.

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
    /// Somebody proves their phone by the code that was sent to it.
    Prove(Node, Pick),
    /// Another office answers an appeal.
    Answer {
        node: Node,
        which: Pick,
        /// Whether the evidence was wrong.
        withdraws: bool,
    },
    /// Two staff members order somebody to stay at home for so many hours.
    Order(Node, Pick, u8),
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
    /// The caller hangs up, and asks again.
    HungUp(Cut),
    /// The process dies; the caller asks the one that comes after it.
    Died(Cut),
    /// The caller hangs up, and asks the other node.
    OtherNode(Cut),
}

/// When a request is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// After so many turns.
    pub turns: u8,
    /// Nobody looks at it for so long before: what it asked of the database is done meanwhile.
    pub millis: u8,
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
    /// Somebody enters a place, now.
    CheckIn { who: Pick, venue: Pick },
    /// Somebody appeals against all that restricts them.
    Appeal { who: Pick },
    /// A scanner at a door records whose code it let in, and maybe their temperature.
    Door { code: Pick, measures: bool },
    /// An office submits evidence about the holder of a document.
    SubmitByDocument { document: Pick, what: Saying },
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
    /// Writes the mirror.
    Mirror,
    /// Counts for the statistics.
    Count,
    /// Watches appeals, and looks for contradictions.
    Watch,
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
        /// Whether a rule reads visits; only if none does is a mirror of use.
        reads_visits: bool,
        in_hours: u8,
    },
    /// That a region is of high risk, or no longer.
    Level { is_high: bool },
}
