//! People by group within group (province, city, county), with small figures hidden.
//!
//! Every group shows how many people it has and how many of them changed in which way. Down a column,
//! the children of a group add up to it; along a row, the changes and those who did not change
//! (never printed) add up to the people. The rules, applied until nothing more is hidden:
//!
//! 1. A figure from 1 to 9 is hidden.
//! 2. Of the groups inside a hidden one, at least one is hidden: the smallest that is not 0.
//! 3. Of the children of a shown group none or at least two are hidden, and what they leave unknown,
//!    down to the smallest hidden groups inside them, has room (see [`has_room`]). Otherwise another
//!    is hidden, the smallest first, zeros last; when all are, the group itself.
//! 4. Along a row that shows its people, the hidden changes and the unchanged together have room;
//!    otherwise the smallest change is hidden, and when there is none, the people.
//!
//! Then no sum tells a small figure: what it gains, another unknown one under the same shown group
//! can lose; the hidden groups between them follow, and the unchanged, never printed, keep every row
//! balanced.

use super::{has_room, is_small};

/// The ways in which a person's colour changes.
pub(crate) const CHANGES: usize = 4;
/// People, then the changes.
pub(crate) const FIGURES: usize = CHANGES + 1;

/// Groups within groups.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

/// A group.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) label: String,
    /// 0 is everybody.
    pub(crate) depth: u8,
    parent: usize,
    children: Vec<usize>,
    figures: [u64; FIGURES],
    hidden: [bool; FIGURES],
}

impl Node {
    /// A figure, unless it is hidden: people first, then the changes.
    pub(crate) fn shown(&self, figure: usize) -> Option<u64> {
        (!self.hidden[figure]).then_some(self.figures[figure])
    }

    /// Whether it holds the people who belong to the group around this one, but to none inside it.
    fn is_remainder(&self) -> bool {
        self.label.starts_with("no ")
    }
}

impl Tree {
    /// Everybody, in one group.
    pub(crate) fn new() -> Self {
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
    pub(crate) const ROOT: usize = 0;

    /// The group called `label` inside `parent`, new if there is none.
    pub(crate) fn child(&mut self, parent: usize, label: &str) -> usize {
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
    pub(crate) fn add(&mut self, node: usize, figures: &[u64; FIGURES]) {
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
    pub(crate) fn hide(&mut self, everybody: [bool; FIGURES]) {
        let small = self.nodes.iter().map(|node| node.figures.map(is_small));
        let mut hidden: Vec<[bool; FIGURES]> = small.collect();
        for (hidden, elsewhere) in hidden[Self::ROOT].iter_mut().zip(everybody) {
            *hidden |= elsewhere;
        }
        for (node, hidden) in self.nodes.iter_mut().zip(hidden) {
            node.hidden = hidden;
        }
        let places = || 0..self.nodes.len();
        let all: Vec<_> = places()
            .flat_map(|node| (0..FIGURES).map(move |figure| (node, figure)))
            .collect();
        for (node, figure) in &all {
            if self.nodes[*node].hidden[*figure] {
                self.conceal(*node, *figure);
            }
        }
        loop {
            let before = self.hidden_figures();
            (0..self.nodes.len()).for_each(|node| self.balance_row(node));
            all.iter()
                .for_each(|(node, figure)| self.balance_inside(*node, *figure));
            if self.hidden_figures() == before {
                return;
            }
        }
    }

    /// The groups in order: each followed by those inside it, by label, remainders last.
    pub(crate) fn in_order(&self) -> Vec<&Node> {
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

    /// Hides a figure of a group, and by rule 2 one inside it.
    fn conceal(&mut self, node: usize, figure: usize) {
        self.nodes[node].hidden[figure] = true;
        let children = self.nodes[node].children.clone();
        let of = |child: &usize| self.nodes[*child].figures[figure];
        let is_hidden = |child: &usize| self.nodes[*child].hidden[figure];
        if of(&node) == 0 {
            children
                .iter()
                .for_each(|child| self.conceal(*child, figure));
        } else if !children
            .iter()
            .any(|child| is_hidden(child) && of(child) > 0)
        {
            let others = children.into_iter().filter(|child| of(child) > 0);
            if let Some(child) = others.min_by_key(|child| (of(child), *child)) {
                self.conceal(child, figure);
            }
        }
    }

    /// Rule 3.
    fn balance_inside(&mut self, node: usize, figure: usize) {
        while !self.nodes[node].hidden[figure] {
            let mut unknown = Vec::new();
            self.unknown_inside(node, figure, &mut unknown);
            if unknown.iter().all(|value| *value == 0) {
                return;
            }
            let children = self.nodes[node].children.iter();
            let hidden = children.filter(|child| self.nodes[**child].hidden[figure]);
            let next = if hidden.count() < 2 {
                self.next_child(node, figure)
            } else if has_room(unknown.into_iter()) {
                return;
            } else {
                self.next_inside(node, figure)
            };
            self.conceal(next.unwrap_or(node), figure);
        }
    }

    /// The smallest hidden groups inside `node` under nothing but hidden ones.
    fn unknown_inside(&self, node: usize, figure: usize, unknown: &mut Vec<u64>) {
        let children = self.nodes[node].children.iter();
        for child in children.filter(|child| self.nodes[**child].hidden[figure]) {
            if self.nodes[*child].children.is_empty() {
                unknown.push(self.nodes[*child].figures[figure]);
            } else {
                self.unknown_inside(*child, figure, unknown);
            }
        }
    }

    /// The smallest child of `node` that is shown, zeros last.
    fn next_child(&self, node: usize, figure: usize) -> Option<usize> {
        let children = self.nodes[node].children.iter().copied();
        let shown = children.filter(|child| !self.nodes[*child].hidden[figure]);
        shown.min_by_key(|child| self.order(*child, figure))
    }

    /// The next group inside `node` to hide; `None` if all are hidden.
    fn next_inside(&self, node: usize, figure: usize) -> Option<usize> {
        let here = self.next_child(node, figure);
        if here.is_some_and(|child| self.nodes[child].figures[figure] > 0) {
            return here;
        }
        let children = self.nodes[node].children.iter();
        let hidden = children.filter(|child| self.nodes[**child].hidden[figure]);
        let deeper = hidden.filter_map(|child| self.next_inside(*child, figure));
        deeper
            .chain(here)
            .min_by_key(|child| self.order(*child, figure))
    }

    fn order(&self, node: usize, figure: usize) -> (bool, u64, usize) {
        let value = self.nodes[node].figures[figure];
        (value == 0, value, node)
    }

    /// Rule 4.
    fn balance_row(&mut self, place: usize) {
        loop {
            let node = &self.nodes[place];
            let unchanged = node.figures[0] - node.figures[1..].iter().sum::<u64>();
            let hidden = (1..FIGURES).filter(|change| node.hidden[*change]);
            let hidden = hidden.map(|change| node.figures[change]).chain([unchanged]);
            if node.hidden[0] || !hidden.clone().any(is_small) || has_room(hidden) {
                return;
            }
            let shown = (1..FIGURES).filter(|change| !node.hidden[*change]);
            let shown = shown.filter(|change| node.figures[*change] > 0);
            let next = shown
                .min_by_key(|change| node.figures[*change])
                .unwrap_or(0);
            self.conceal(place, next);
        }
    }
}

#[cfg(test)]
mod tests;
