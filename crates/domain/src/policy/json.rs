//! Writes JSON. Enough for the schema, whose fields keep their order.

use std::fmt::Write as _;

/// A JSON value.
#[derive(Clone)]
pub(super) enum Json {
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

pub(super) fn text(text: impl Into<String>) -> Json {
    Json::Text(text.into())
}

pub(super) fn list(values: impl IntoIterator<Item = Json>) -> Json {
    Json::List(values.into_iter().collect())
}

pub(super) fn words<'w>(words: impl IntoIterator<Item = &'w str>) -> Json {
    list(words.into_iter().map(text))
}

pub(super) fn object<K: Into<String>>(fields: impl IntoIterator<Item = (K, Json)>) -> Json {
    Json::Object(
        fields
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect(),
    )
}

impl Json {
    /// The value with two spaces for each level and a newline at the end.
    pub(super) fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => out.push_str(number),
            Self::Text(text) => quote(text, out),
            Self::List(values) => {
                let short = values.iter().all(|value| matches!(value, Self::Text(_)));
                if short {
                    out.push('[');
                    for (index, value) in values.iter().enumerate() {
                        out.push_str(if index == 0 { "" } else { ", " });
                        value.write(out, depth);
                    }
                    out.push(']');
                } else {
                    enclosed(out, depth, ['[', ']'], values, |out, value| {
                        value.write(out, depth + 1);
                    });
                }
            }
            Self::Object(fields) if fields.is_empty() => out.push_str("{}"),
            Self::Object(fields) => {
                enclosed(out, depth, ['{', '}'], fields, |out, (name, value)| {
                    quote(name, out);
                    out.push_str(": ");
                    value.write(out, depth + 1);
                });
            }
        }
    }
}

fn enclosed<T>(
    out: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    items: &[T],
    mut write: impl FnMut(&mut String, &T),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        write(out, item);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_json() {
        let value = object([
            ("quote", text("a \"b\" \\ \n \u{1}")),
            ("words", words(["x", "y"])),
            (
                "mixed",
                list([Json::Bool(true), Json::Number("1.5".to_owned())]),
            ),
            ("empty", object(Vec::<(String, Json)>::new())),
        ]);
        let expected = r#"{
  "quote": "a \"b\" \\ \n \u0001",
  "words": ["x", "y"],
  "mixed": [
    true,
    1.5
  ],
  "empty": {}
}
"#;
        assert_eq!(value.pretty(), expected);
    }
}
