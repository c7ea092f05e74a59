//! The commands that `docs/operating/install.md` tells an operator to type.

use std::fs;

use anyhow::{Context as _, Result};

use crate::settings::Settings;

/// The commands of the program on the page, in its order.
///
/// # Errors
/// The page cannot be read.
pub(super) fn commands(settings: &Settings) -> Result<Vec<String>> {
    let page = settings.root.join("docs/operating/install.md");
    let text = fs::read_to_string(&page).with_context(|| page.display().to_string())?;
    Ok(of(&text))
}

fn of(text: &str) -> Vec<String> {
    let mut language = None;
    let mut commands = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("```") {
            language = match language {
                None => Some(name),
                Some(_) => None,
            };
        } else if language == Some("") && line.starts_with("healthcode ") {
            // Columns on the page are spaces to the shell.
            let words: Vec<&str> = line.split_whitespace().collect();
            commands.push(words.join(" "));
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_in_blocks_of_no_language() {
        let page = "
1. Do

   ```
   healthcode migrate --config /etc/a
   healthcode doctor  --config /etc/a
   useradd healthcode
   ```

   ```toml
   healthcode = 1
   ```

healthcode serve
";
        let found = of(page);
        assert_eq!(
            found,
            [
                "healthcode migrate --config /etc/a",
                "healthcode doctor --config /etc/a"
            ]
        );
    }

    #[test]
    fn the_page_has_the_commands_that_are_tried() {
        let found = commands(&Settings::read()).unwrap();
        for verb in [
            "keys generate",
            "migrate",
            "doctor",
            "policy publish",
            "staff invite",
            "serve",
        ] {
            let begins = format!("healthcode {verb}");
            assert!(
                found.iter().any(|command| command.starts_with(&begins)),
                "{verb}: {found:?}"
            );
        }
    }
}
