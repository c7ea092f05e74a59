//! What a form says when a value has to be looked at again: a summary that leads to each field, and
//! the same message beside the field.

/// A message about a form that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FormError {
    /// The `id` of the field, where the message is about one.
    pub(super) field: Option<&'static str>,
    /// The name of the text that says what is wrong.
    pub(super) text: &'static str,
}

impl FormError {
    /// About the field with this `id`.
    pub(super) const fn at(field: &'static str, text: &'static str) -> Self {
        Self {
            field: Some(field),
            text,
        }
    }

    /// About no field that the page has.
    pub(super) const fn of_all(text: &'static str) -> Self {
        Self { field: None, text }
    }
}

/// Every message about a form, in the order of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FormErrors(Vec<FormError>);

impl FormErrors {
    /// Whether the form may be taken as it is.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages.
    pub(super) fn iter(&self) -> impl Iterator<Item = &FormError> {
        self.0.iter()
    }

    /// The name of the text about a field.
    pub(super) fn at(&self, field: &str) -> Option<&'static str> {
        let found = self.0.iter().find(|error| error.field == Some(field));
        found.map(|error| error.text)
    }
}

impl FromIterator<FormError> for FormErrors {
    fn from_iter<I: IntoIterator<Item = FormError>>(errors: I) -> Self {
        Self(errors.into_iter().collect())
    }
}

impl From<FormError> for FormErrors {
    fn from(error: FormError) -> Self {
        Self(vec![error])
    }
}
