//! Lists of operations that failed once, made smaller, each under the name of what was wrong.

use crate::operations::{Cut, Line, Node, Operation, Saying, Shown, Wish};
use crate::{on_postgresql, on_sqlite};

const REGISTER: Wish = Wish::Register {
    document: 0,
    declares: true,
};

/// A caller hung up after the restriction was committed and before the node had taken it in. Asking again
/// was answered as a repeat, and the node went on showing green until it had followed the record.
#[test]
fn invariant_7_a_restriction_whose_first_answer_was_lost_is_known_once_it_is_acknowledged() {
    let mut operations = vec![ask(Line::Good, REGISTER)];
    for turns in 4..20 {
        let what = Saying::Contact {
            ring: 1,
            hours_ago: turns,
        };
        operations.extend([
            Operation::TakeCode(Node::One, 0, Shown::Card),
            ask(lost_after(turns), Wish::Submit { who: 0, what }),
            ask(Line::Good, Wish::Withdraw { which: 0 }),
        ]);
    }
    on_sqlite(&operations);
    on_postgresql(&operations);
}

/// The caller hung up and asked again while the appeal was being written. The second request found
/// nothing left to appeal against, and was refused in place of answered as the first.
#[test]
fn invariant_6_an_appeal_that_is_asked_for_while_it_is_written_is_answered_as_the_first() {
    let mut operations = vec![ask(Line::Good, REGISTER)];
    for turns in 4..20 {
        let what = Saying::Contact {
            ring: 1,
            hours_ago: turns,
        };
        let cut = Cut { turns, millis: 0 };
        operations.extend([
            ask(Line::Good, Wish::Submit { who: 0, what }),
            ask(Line::HungUp(cut), Wish::Appeal { who: 0 }),
            Operation::Answer {
                node: Node::One,
                which: 0,
                withdraws: true,
            },
        ]);
    }
    on_sqlite(&operations);
    on_postgresql(&operations);
}

fn ask(line: Line, wish: Wish) -> Operation {
    Operation::Ask(Node::One, line, wish)
}

/// The answer is lost, whatever the request did meanwhile.
fn lost_after(turns: u8) -> Line {
    Line::HungUp(Cut { turns, millis: 20 })
}
