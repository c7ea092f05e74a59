//! People by group within group (province, city, county), with small figures hidden.
//!
//! Every group shows how many people it has and how many of them changed in which way. Down a column,
//! the children of a group add up to it; along a row, the changes and those who did not change
//! (never printed) add up to the people. The rules, applied until nothing more is hidden:
//!
//! 1. A figure from 1 to 9 is hidden.
//! 2. What is hidden in a group is hidden in all groups inside it.
//! 3. Of the children of a group that shows a figure, those that hide it are at least two and have
//!    room (see [`has_room`]); otherwise the smallest one that shows it hides it too. If all that are
//!    not nought are hidden and still have no room, the noughts are hidden as well.
//! 4. Along a row, the hidden changes and the unchanged together have room; otherwise the smallest
//!    change is hidden, and when there is none, the people.
//!
//! Because the unchanged are never printed, whatever a hidden figure gains another hidden one of the
//! same column can lose, and the two rows stay balanced: no sum tells either.

use super::is_small;
use super::suppress::has_room;

/// The ways in which a person's colour changes.
pub(super) const CHANGES: usize = 4;
/// People, then the changes.
pub(super) const FIGURES: usize = CHANGES + 1;

/// Groups within groups.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

/// A group.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) label: String,
    /// 0 is everybody.
    pub(super) depth: u8,
    parent: usize,
    children: Vec<usize>,
    figures: [u64; FIGURES],
    hidden: [bool; FIGURES],
}

impl Node {
    /// A figure, unless it is hidden: people first, then the changes.
    pub(super) fn shown(&self, figure: usize) -> Option<u64> {
        (!self.hidden[figure]).then_some(self.figures[figure])
    }

    /// The label of whoever belongs to the group around this one, but to none inside it.
    fn is_remainder(&self) -> bool {
        self.label.starts_with("no ")
    }
}

impl Tree {
    /// Everybody, in one group.
    pub(super) fn new() -> Self {
        let everybody = Node {
            label: "everybody".into(),
            depth: 0,
            parent: 0,
            children: Vec::new(),
            figures: [0; FIGURES],
            hidden: [false; FIGURES],
        };
        Self {
            nodes: vec![everybody],
        }
    }

    /// The group that holds everybody.
    pub(super) const ROOT: usize = 0;

    /// The group called `label` inside `parent`, new if there is none.
    pub(super) fn child(&mut self, parent: usize, label: &str) -> usize {
        let mut children = self.nodes[parent].children.iter();
        if let Some(child) = children.find(|child| self.nodes[**child].label == label) {
            return *child;
        }
        let child = self.nodes.len();
        self.nodes.push(Node {
            label: label.to_owned(),
            depth: self.nodes[parent].depth + 1,
            parent,
            children: Vec::new(),
            figures: [0; FIGURES],
            hidden: [false; FIGURES],
        });
        self.nodes[parent].children.push(child);
        child
    }

    /// Adds figures to a group and all around it.
    pub(super) fn add(&mut self, node: usize, figures: &[u64; FIGURES]) {
        let mut node = node;
        loop {
            for (sum, figure) in self.nodes[node].figures.iter_mut().zip(figures) {
                *sum += figure;
            }
            if node == Self::ROOT {
                return;
            }
            node = self.nodes[node].parent;
        }
    }

    /// Hides what must be hidden; `everybody` says what is hidden of everybody elsewhere.
    pub(super) fn hide(&mut self, everybody: [bool; FIGURES]) {
        for node in &mut self.nodes {
            node.hidden = node.figures.map(is_small);
        }
        for (hidden, elsewhere) in self.nodes[Self::ROOT].hidden.iter_mut().zip(everybody) {
            *hidden |= elsewhere;
        }
        loop {
            let before = self.hidden_figures();
            for node in 0..self.nodes.len() {
                self.hide_inside(node);
                self.balance_row(node);
                (0..FIGURES).for_each(|figure| self.balance_children(node, figure));
            }
            if self.hidden_figures() == before {
                return;
            }
        }
    }

    /// The groups in order: each followed by those inside it, by label, remainders last.
    pub(super) fn in_order(&self) -> Vec<&Node> {
        let mut nodes = Vec::with_capacity(self.nodes.len());
        let mut open = vec![Self::ROOT];
        while let Some(node) = open.pop() {
            let node = &self.nodes[node];
            nodes.push(node);
            let mut children = node.children.clone();
            children.sort_by_key(|child| {
                let child = &self.nodes[*child];
                (child.is_remainder(), child.label.clone())
            });
            open.extend(children.iter().rev());
        }
        nodes
    }

    fn hidden_figures(&self) -> usize {
        let hidden = |node: &Node| node.hidden.iter().filter(|hidden| **hidden).count();
        self.nodes.iter().map(hidden).sum()
    }

    /// Rule 2.
    fn hide_inside(&mut self, node: usize) {
        let hidden = self.nodes[node].hidden;
        for child in self.nodes[node].children.clone() {
            for (inside, around) in self.nodes[child].hidden.iter_mut().zip(hidden) {
                *inside |= around;
            }
        }
    }

    /// Rule 3.
    fn balance_children(&mut self, node: usize, figure: usize) {
        if self.nodes[node].hidden[figure] {
            return;
        }
        let children = self.nodes[node].children.clone();
        loop {
            let of = |child: &usize| self.nodes[*child].figures[figure];
            let (hidden, shown): (Vec<usize>, Vec<usize>) = children
                .iter()
                .partition(|child| self.nodes[**child].hidden[figure]);
            if hidden.iter().all(|child| of(child) == 0) || has_room(hidden.iter().map(of)) {
                return;
            }
            let next = shown.iter().copied().filter(|child| of(child) > 0);
            match next.min_by_key(|child| (of(child), *child)) {
                Some(next) => self.nodes[next].hidden[figure] = true,
                None => {
                    shown
                        .iter()
                        .for_each(|child| self.nodes[*child].hidden[figure] = true);
                    return;
                }
            }
        }
    }

    /// Rule 4.
    fn balance_row(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        let changed: u64 = node.figures[1..].iter().sum();
        let unchanged = node.figures[0] - changed;
        while !node.hidden[0] {
            let hidden = (1..FIGURES).filter(|change| node.hidden[*change]);
            let mut hidden: Vec<u64> = hidden.map(|change| node.figures[change]).collect();
            if hidden.is_empty() && !is_small(unchanged) {
                return;
            }
            hidden.push(unchanged);
            if !hidden.iter().copied().any(is_small) || has_room(hidden.into_iter()) {
                return;
            }
            let shown = (1..FIGURES).filter(|change| !node.hidden[*change]);
            let shown = shown.filter(|change| node.figures[*change] > 0);
            match shown.min_by_key(|change| node.figures[*change]) {
                Some(change) => node.hidden[change] = true,
                None => node.hidden[0] = true,
            }
        }
        node.hidden = [true; FIGURES];
    }
}

#[cfg(test)]
mod tests;
