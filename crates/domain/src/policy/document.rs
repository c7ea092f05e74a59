//! Reads the document: header, declaration, code, appeal, and the list of rules.

use jiff::tz::TimeZone;

use super::conditions::optional;
use super::model::{CodeRule, DeclarationRule, Duration, Language, Policy};
use super::problem::Problem;
use super::reader::{Node, Report, Table};
use super::rules::read_rule;
use super::texts::{self, Placeholders};
use crate::account::Assurance;
use crate::appeal::{AppealRule, Relief};
use crate::contradiction::ContradictionRule;
use crate::region::Level;
use crate::verdict::PolicyRef;

/// Reads a whole policy; `None` if anything in it could not be read. Every problem is in `report`.
pub(super) fn read(mut root: Table<'_>, report: &mut Report<'_>) -> Option<Policy> {
    let (languages, header) = match root.required("policy", "a table [policy]", report) {
        Some(node) => read_header(&node, report),
        None => (Vec::new(), None),
    };
    let declaration = root
        .required(
            "declaration",
            "a table [declaration] with lasts = \"14d\"",
            report,
        )
        .and_then(|node| read_declaration(&node, report));
    let code = optional(root.optional("code", report), |node| {
        read_code(&node, report)
    });
    let appeal = optional(root.optional("appeal", report), |node| {
        read_appeal(&node, report)
    });
    let contradictions = optional(root.optional("contradictions", report), |node| {
        read_contradictions(&node, report)
    });
    let nodes = optional(root.optional("rule", report), |node| {
        node.list("a list of rules, each under [[rule]]", report)
    });
    root.finish(report);

    let nodes = nodes?.unwrap_or_default();
    let count = nodes.len();
    let mut named = Vec::new();
    let rules: Vec<_> = nodes
        .into_iter()
        .filter_map(|node| read_rule(node, &languages, &mut named, report))
        .collect();
    let header = header?;
    let declaration = declaration?;
    let code = code?.unwrap_or(header.code);
    let appeal = appeal?;
    let contradictions = contradictions?;
    (rules.len() == count).then_some(Policy {
        declaration,
        code,
        appeal,
        contradictions,
        rules,
        ..header
    })
}

fn read_header(node: &Node<'_>, report: &mut Report<'_>) -> (Vec<Language>, Option<Policy>) {
    let Some(mut table) = node.table("a table [policy]", report) else {
        return (Vec::new(), None);
    };
    let languages = table
        .required("languages", "languages = [\"en\"]", report)
        .and_then(|node| read_languages(&node, report));
    let published = languages.clone().unwrap_or_default();

    let id = table.required("id", "id = \"my-city\"", report);
    let id = id.and_then(|node| slug(&node, report));
    let version = table.required("version", "version = 1", report);
    let version = version.and_then(|node| node.whole(1, u32::MAX, report));
    let issuer = table.required("issuer", "issuer = \"330100\"", report);
    let issuer = issuer.and_then(|node| node.region(report));
    let time_zone = table.required("time_zone", "time_zone = \"Asia/Shanghai\"", report);
    let time_zone = time_zone.and_then(|node| read_time_zone(&node, report));
    let effective = table.required("effective", "effective = 2020-02-17T00:00:00+08:00", report);
    let effective = effective.and_then(|node| node.timestamp(None, report));
    let look_back = table.required("look_back", "look_back = \"40d\"", report);
    let look_back = look_back.and_then(|node| positive_duration(&node, report));
    let approved_by = optional(table.optional("approved_by", report), |node| {
        read_names(&node, report)
    });
    let contest = table.required("contest", "contest.en = \"…\"", report);
    let contest = contest.and_then(|node| {
        texts::read(
            &node,
            "contest",
            &published,
            Some(&Placeholders::none()),
            report,
        )
    });
    table.finish(report);

    let header = (|| {
        Some(Policy {
            reference: PolicyRef {
                id: id?,
                version: version?,
            },
            issuer: issuer?,
            time_zone: time_zone?,
            effective: effective?,
            look_back: look_back?,
            approved_by: approved_by?.unwrap_or_default(),
            languages: languages?,
            contest: contest?,
            declaration: DeclarationRule {
                lasts: Duration::Days(0),
            },
            code: CodeRule {
                needs: Assurance::Phone,
            },
            appeal: None,
            contradictions: None,
            rules: Vec::new(),
        })
    })();
    (published, header)
}

fn read_languages(node: &Node<'_>, report: &mut Report<'_>) -> Option<Vec<Language>> {
    let expected = "a list of language tags such as [\"en\", \"zh\"]";
    let nodes = node.list(expected, report)?;
    if nodes.is_empty() {
        node.unexpected(report, expected);
        return None;
    }
    let mut languages = Vec::new();
    for node in &nodes {
        let tag = node.text("a language tag such as \"en\"", report)?;
        if !is_language_tag(tag) {
            node.unexpected(report, "a language tag such as \"en\" or \"zh-Hant\"");
            return None;
        }
        let language = Language(tag.to_owned());
        if languages.contains(&language) {
            node.problem(
                report,
                Problem::Twice {
                    found: tag.to_owned(),
                },
            );
            return None;
        }
        languages.push(language);
    }
    Some(languages)
}

fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    matches!(first.len(), 2 | 3)
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && parts.all(|part| {
            matches!(part.len(), 2..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn read_time_zone(node: &Node<'_>, report: &mut Report<'_>) -> Option<TimeZone> {
    let expected = "a time zone of the IANA database such as \"Asia/Shanghai\"";
    let zone = TimeZone::get(node.text(expected, report)?).ok();
    if zone.is_none() {
        node.unexpected(report, expected);
    }
    zone
}

fn read_names(node: &Node<'_>, report: &mut Report<'_>) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for node in node.list("a list of names, which may be empty", report)? {
        let name = node.text("a name in quotes", report)?.trim();
        if name.is_empty() {
            node.problem(report, Problem::Empty);
            return None;
        }
        names.push(name.to_owned());
    }
    Some(names)
}

fn read_declaration(node: &Node<'_>, report: &mut Report<'_>) -> Option<DeclarationRule> {
    let mut table = node.table("a table [declaration]", report)?;
    let lasts = table.required("lasts", "lasts = \"14d\"", report);
    table.finish(report);
    Some(DeclarationRule {
        lasts: positive_duration(&lasts?, report)?,
    })
}

fn read_code(node: &Node<'_>, report: &mut Report<'_>) -> Option<CodeRule> {
    let mut table = node.table("a table [code]", report)?;
    let needs = table.required("needs", "needs = \"phone\"", report);
    table.finish(report);
    let word = needs?.word(Assurance::WORDS, report)?;
    let needs = Assurance::ALL
        .into_iter()
        .find(|one| one.as_str() == word)?;
    Some(CodeRule { needs })
}

/// A promise that nobody lives to see is none.
const LONGEST_ANSWER_DAYS: u16 = 14;

fn read_appeal(node: &Node<'_>, report: &mut Report<'_>) -> Option<AppealRule> {
    let mut table = node.table("a table [appeal]", report)?;
    let within = table.required("answer_within", "answer_within = \"24h\"", report);
    let within = within.and_then(|node| read_answer_within(&node, report));
    let relief = optional(table.optional("relief", report), |node| {
        let word = node.word(&Relief::ALL.map(Relief::as_str), report)?;
        Relief::ALL.into_iter().find(|one| one.as_str() == word)
    });
    let suspend = optional(table.optional("suspend", report), |node| {
        node.word(&SUSPEND, report)
    });
    table.finish(report);
    Some(AppealRule {
        answer_within: within?,
        relief: relief?.unwrap_or(Relief::None),
        suspends: suspend? == Some(SUSPEND[1]),
    })
}

/// Whether a restriction is suspended while its appeal is late.
pub(super) const SUSPEND: [&str; 2] = ["never", "after-twice"];

fn read_answer_within(node: &Node<'_>, report: &mut Report<'_>) -> Option<Duration> {
    let within = positive_duration(node, report)?;
    if within.at_most() > Duration::Days(LONGEST_ANSWER_DAYS).at_most() {
        node.unexpected(report, "at most \"14d\": somebody waits for the answer");
        return None;
    }
    Some(within)
}

fn read_contradictions(node: &Node<'_>, report: &mut Report<'_>) -> Option<ContradictionRule> {
    let mut table = node.table("a table [contradictions]", report)?;
    let stays = optional(table.optional("stays", report), |node| {
        let word = node.word(&Level::ALL.map(Level::as_str), report)?;
        Level::ALL.into_iter().find(|one| one.as_str() == word)
    });
    let tests = optional(table.optional("tests", report), |node| {
        positive_duration(&node, report)
    });
    let within = table.required("hear_within", "hear_within = \"48h\"", report);
    let within = within.and_then(|node| {
        let within = positive_duration(&node, report)?;
        let (least, most) = (Duration::Hours(24), Duration::Days(LONGEST_ANSWER_DAYS));
        let is_fair = (least.at_most()..=most.at_most()).contains(&within.at_most());
        if !is_fair {
            node.unexpected(
                report,
                "\"24h\" to \"14d\": the person must have time to answer",
            );
        }
        is_fair.then_some(within)
    });
    table.finish(report);
    let (stays, tests) = (stays?, tests?);
    if stays.is_none() && tests.is_none() {
        node.unexpected(
            report,
            "what is compared: stays = \"medium\" or tests = \"7d\"",
        );
        return None;
    }
    Some(ContradictionRule {
        stays,
        tests,
        hear_within: within?,
    })
}

/// A name: lower-case words, digits and hyphens.
pub(super) fn slug(node: &Node<'_>, report: &mut Report<'_>) -> Option<String> {
    let expected = "a name of lower-case letters, digits and hyphens such as \"close-contact\"";
    let text = node.text(expected, report)?;
    let words = text.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    });
    if !words || text.len() > 64 {
        node.unexpected(report, expected);
        return None;
    }
    Some(text.to_owned())
}

/// A duration that is more than nothing. `"0d"` is: it lasts until the end of the day.
pub(super) fn positive_duration(node: &Node<'_>, report: &mut Report<'_>) -> Option<Duration> {
    let duration = node.duration(report)?;
    if duration == Duration::Hours(0) {
        node.unexpected(
            report,
            "a duration longer than nothing, such as \"14d\" or \"72h\"",
        );
        return None;
    }
    Some(duration)
}
