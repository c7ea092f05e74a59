//! What a condition says of a reading. Something unknown satisfies no condition (invariant 3).

use super::Reading;
use super::fact_reader::Value;
use crate::policy::{Comparison, Condition, DateName, Field, Number};

/// Whether the field's value can change by the mere passing of time.
pub(crate) const fn depends_on_time(field: Field) -> bool {
    matches!(field, Field::Level | Field::Minutes | Field::Hours)
}

/// Whether `condition` holds of `reading`. Of `level` it holds already: [`Reading::new`] has
/// narrowed the reading to the time at that level.
pub(crate) fn holds(condition: &Condition, reading: &Reading<'_>) -> bool {
    let Some(value) = value(condition.field, reading) else {
        return false;
    };
    match (&condition.comparison, value) {
        (Comparison::OneOf(words), Value::Word(value)) => words.iter().any(|word| word == value),
        (Comparison::OneOf(words), Value::Words(set)) => set
            .iter()
            .any(|symptom| words.iter().any(|word| word == symptom.as_str())),
        (Comparison::Equals(numbers), Value::Number(value)) => numbers.contains(&value),
        (Comparison::Between { at_least, at_most }, Value::Number(value)) => {
            at_least.is_none_or(|bound| value >= bound)
                && at_most.is_none_or(|bound| value <= bound)
        }
        (Comparison::Within(regions), Value::Region(value)) => {
            regions.iter().any(|region| value.lies_within(*region))
        }
        (Comparison::Outside(regions), Value::Region(value)) => {
            !regions.iter().any(|region| value.lies_within(*region))
        }
        _ => false,
    }
}

/// The value of `field`, `None` if the fact has no such field or its value is unknown.
fn value<'a>(field: Field, reading: &Reading<'a>) -> Option<Value<'a>> {
    match field {
        Field::Minutes => duration(reading, 60),
        Field::Hours => duration(reading, 3600),
        _ => reading.fact.value(field),
    }
}

fn duration<'a>(reading: &Reading<'_>, unit: i64) -> Option<Value<'a>> {
    let thousandths = reading.seconds?.saturating_mul(1000).div_euclid(unit);
    Some(Value::Number(Number::from_thousandths(thousandths)))
}

/// The text for a placeholder in a rule's texts: a date of the fact, or one of its fields.
pub(crate) fn placeholder_value(
    name: &str,
    reading: &Reading<'_>,
    in_words: impl Fn(jiff::Timestamp) -> String,
) -> Option<String> {
    let kind = reading.fact.kind();
    let date = DateName::of(kind, true, name).or_else(|| DateName::of(kind, false, name));
    if let Some(date) = date {
        return reading.date(date).map(|date| in_words(date.at));
    }
    let (field, _) = Field::of(kind, name)?;
    Some(match value(field, reading)? {
        Value::Word(word) => word.to_owned(),
        Value::Words(set) => set
            .iter()
            .map(|symptom| symptom.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        Value::Number(number) => (number.thousandths() / 1000).to_string(),
        Value::Region(region) => region.to_string(),
    })
}
