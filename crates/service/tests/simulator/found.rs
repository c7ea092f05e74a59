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

fn ask(line: Line, wish: Wish) -> Operation {
    Operation::Ask(Node::One, line, wish)
}

/// The answer is lost, whatever the request did meanwhile.
fn lost_after(turns: u8) -> Line {
    Line::HungUp(Cut { turns, millis: 20 })
}
