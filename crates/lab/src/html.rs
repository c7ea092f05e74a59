//! A report as one HTML file: nothing loaded from elsewhere, no script, made for A4.

use std::fmt::Write as _;

use super::page::{Page, Row, Section, Shown};

/// Width of the longest bar, in the units of the drawing.
const LONGEST: u64 = 100;

/// The page as HTML.
pub fn html(page: &Page) -> String {
    let mut out = String::new();
    let title = escaped(&page.title);
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         <dl>\n"
    );
    for (name, value) in &page.facts {
        let (name, value) = (escaped(name), escaped(value));
        let _ = writeln!(out, "<dt>{name}</dt><dd>{value}</dd>");
    }
    out.push_str("</dl>\n");
    for section in &page.sections {
        write_section(&mut out, section);
    }
    out.push_str("<h2>How to read this</h2>\n");
    for note in &page.notes {
        let _ = writeln!(out, "<p>{}</p>", escaped(note));
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn write_section(out: &mut String, section: &Section) {
    let (title, about) = (escaped(&section.title), escaped(&section.about));
    let _ = write!(
        out,
        "<section>\n<h2>{title}</h2>\n<p>{about}</p>\n<table>\n<caption>{title}</caption>\n\
         <thead><tr><td></td>"
    );
    for column in &section.columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(&column.name));
        if column.is_drawn {
            out.push_str("<td class=\"bar\"></td>");
        }
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    let longest: Vec<u64> = (0..section.columns.len())
        .map(|place| {
            // The bar of everybody would make all others short.
            let counted = section
                .rows
                .iter()
                .filter(|row| row.depth > 0 || is_flat(section));
            let lengths = counted.filter_map(|row| row.cells.get(place)?.length());
            lengths.max().unwrap_or(0)
        })
        .collect();
    for row in &section.rows {
        write_row(out, section, row, &longest);
    }
    out.push_str("</tbody>\n</table>\n</section>\n");
}

fn is_flat(section: &Section) -> bool {
    section.rows.iter().all(|row| row.depth == 0)
}

fn write_row(out: &mut String, section: &Section, row: &Row, longest: &[u64]) {
    let class = match is_flat(section) {
        true => String::new(),
        false => format!(" class=\"in{}\"", row.depth),
    };
    let label = escaped(&row.label);
    let _ = write!(out, "<tr><th scope=\"row\"{class}>{label}</th>");
    for ((column, cell), longest) in section.columns.iter().zip(&row.cells).zip(longest) {
        match cell {
            Shown::Hidden => out.push_str("<td><abbr title=\"hidden\">*</abbr></td>"),
            cell => {
                let _ = write!(out, "<td>{}</td>", escaped(&cell.to_string()));
            }
        }
        if column.is_drawn {
            let length = cell
                .length()
                .filter(|length| length <= longest && *longest > 0);
            let _ = write!(out, "<td class=\"bar\">{}</td>", bar(length, *longest));
        }
    }
    out.push_str("</tr>\n");
}

/// A bar; the number beside it says the same, so that it is hidden from screen readers.
fn bar(length: Option<u64>, longest: u64) -> String {
    let Some(length) = length else {
        return String::new();
    };
    let width = (u128::from(length) * u128::from(LONGEST)).div_ceil(u128::from(longest.max(1)));
    format!(
        "<svg viewBox=\"0 0 {LONGEST} 8\" width=\"{LONGEST}\" height=\"8\" aria-hidden=\"true\">\
         <rect width=\"{width}\" height=\"8\"/></svg>"
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // No other control character may stand in HTML.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

const STYLE: &str = "
@page { size: A4; margin: 15mm }
body { margin: 0; background: #fff; color: #1b1b1b; font: 15px/1.45 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem }
h1 { font-size: 1.6rem; margin: 0 0 1rem }
h2 { font-size: 1.15rem; margin: 2rem 0 .3rem; break-after: avoid }
p { margin: .3rem 0; max-width: 45rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 }
dt { color: #444 } dd { margin: 0 }
table { border-collapse: collapse; margin-top: .5rem; font-variant-numeric: tabular-nums }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
thead { display: table-header-group }
tr { break-inside: avoid }
th, td { padding: .2rem .6rem; text-align: right; vertical-align: middle; border-bottom: 1px solid #ddd }
thead th { border-bottom: 2px solid #444; font-weight: 600; vertical-align: bottom }
tbody th { text-align: left; font-weight: 400 }
tbody th.in0 { font-weight: 600 } tbody th.in2 { padding-left: 1.8rem } tbody th.in3 { padding-left: 3rem }
td.bar { padding: .2rem 0; text-align: left }
svg { display: block } rect { fill: #1f5fa8 }
abbr { text-decoration: none }
@media print { main { max-width: none; padding: 0 } body { font-size: 10pt } rect { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
@media (max-width: 40rem) { section { overflow-x: auto } }
";

#[cfg(test)]
mod tests;
