//! From text to a policy that may be relied upon.

use super::check;
use super::document;
use super::model::Policy;
use super::problem::PolicyError;
use super::reader::{Report, Table};

impl Policy {
    /// Reads a policy document.
    ///
    /// # Errors
    /// Every problem at once, in the order of the text, each with line, column, field, what was
    /// found, what was expected and the remedy. Checks that look at whole rules run once every
    /// field could be read.
    pub fn parse(text: &str) -> Result<Self, Vec<PolicyError>> {
        let mut report = Report::new(text);
        let policy = report.parse().and_then(|root| {
            let policy = document::read(Table::root(root.get_ref()), &mut report)?;
            check::check(&policy, &mut report);
            Some(policy)
        });
        let errors = report.into_errors();
        match policy {
            Some(policy) if errors.is_empty() => Ok(policy),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
pub(super) mod tests;

#[cfg(test)]
#[path = "spoilt_tests.rs"]
mod spoilt_tests;
