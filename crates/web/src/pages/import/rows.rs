//! The rows of a line list, read by the columns that somebody chose.

use domain::evidence::{
    DiagnosisStatus, FactKind, OpenPeriod, Period, Relation, Ring, TestKind, TestResult,
};
use domain::{BadDocument, Document, DocumentKind, Fact, Timestamp};
use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use service::{Item, Said, Subject};

use super::columns::Target;
use crate::pages::dates::Calendar;

/// A list as it was given: the names of its columns, and its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowError {
    /// Which row, counted from 1 without the header.
    pub(super) row: usize,
    /// Which column, by its name.
    pub(super) column: String,
    /// What stands there.
    pub(super) value: String,
    /// The name of the text that says what is wrong.
    pub(super) why: &'static str,
}

impl Listed {
    /// Reads text whose first line names the columns, with tabs, commas or semicolons between them.
    ///
    /// # Errors
    /// The name of the text that says what is wrong: a cell over several lines may have taken rows for text.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().next().unwrap_or_default();
        let count = |between: char| first.matches(between).count();
        let between = ['\t', ';', ',']
            .into_iter()
            .max_by_key(|between| count(*between));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(between.map_or(b',', |between| between as u8))
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|_| "import-no-text")?;
            let is_broken = |cell: &str| cell.contains(['\n', '\r']);
            if record.iter().any(is_broken) {
                return Err("import-open-quotation");
            }
            let row: Vec<String> = record.iter().map(str::to_owned).collect();
            if rows.is_empty() || row.iter().any(|cell| !cell.is_empty()) {
                rows.push(row);
            }
        }
        let header = match rows.is_empty() {
            true => Vec::new(),
            false => rows.remove(0),
        };
        Ok(Self { header, rows })
    }
}

/// Reads rows.
pub(super) struct RowReader<'a> {
    pub(super) kind: FactKind,
    pub(super) goes: &'a [Option<Target>],
    pub(super) listed: &'a Listed,
    pub(super) calendar: &'a Calendar,
    pub(super) now: Timestamp,
}

type Cell<T> = Result<T, (Target, &'static str)>;

impl RowReader<'_> {
    /// What each row says, with its number; and what is wrong with the others.
    pub(super) fn read(&self) -> (Vec<(usize, Item)>, Vec<RowError>) {
        let (mut items, mut errors) = (Vec::new(), Vec::new());
        for (row, number) in self.listed.rows.iter().zip(1..) {
            match self.item(row) {
                Ok(item) => items.push((number, item)),
                Err((target, why)) => errors.push(self.error(number, target, why)),
            }
        }
        (items, errors)
    }

    /// What is wrong with a row, and where.
    pub(super) fn error(&self, number: usize, target: Target, why: &'static str) -> RowError {
        let place = self.goes.iter().position(|goes| *goes == Some(target));
        let cell = |cells: &[String]| place.and_then(|place| cells.get(place).cloned());
        let row = self.listed.rows.get(number.saturating_sub(1));
        RowError {
            row: number,
            column: cell(&self.listed.header).unwrap_or_default(),
            value: row.and_then(|row| cell(row)).unwrap_or_default(),
            why,
        }
    }

    fn item(&self, row: &[String]) -> Cell<Item> {
        let subject = self.subject(row)?;
        let fact = match self.kind {
            FactKind::Test => self.test(row)?,
            FactKind::Contact => self.contact(row)?,
            _ => self.diagnosis(row)?,
        };
        let said = match self.is_of_today(row) {
            true => Said::FactNow(fact),
            false => Said::Fact(fact),
        };
        Ok(Item { subject, said })
    }

    /// Whether a cell names today: what is meant then ends with the moment at which it is read.
    fn is_of_today(&self, row: &[String]) -> bool {
        let today = self.calendar.date(self.now);
        let cells = self.goes.iter().zip(row);
        let mut times = cells.filter(|(goes, _)| goes.is_some_and(Target::is_time));
        times.any(|(_, text)| day(&text.replace('/', "-")) == Some(today))
    }

    fn get<'r>(&self, row: &'r [String], target: Target) -> &'r str {
        let place = self.goes.iter().position(|goes| *goes == Some(target));
        place
            .and_then(|place| row.get(place))
            .map_or("", String::as_str)
    }

    fn subject(&self, row: &[String]) -> Cell<Subject> {
        let number = self.get(row, Target::Number);
        let kind = self.get(row, Target::DocumentKind);
        if number.is_empty() {
            return Err((Target::Number, "import-empty"));
        }
        if kind.is_empty()
            && let Ok(person) = number.parse()
        {
            return Ok(Subject::Person(person));
        }
        let kind = match kind {
            "" => DocumentKind::IdentityCard,
            kind => document_kind(kind).ok_or((Target::DocumentKind, "import-unknown-word"))?,
        };
        let document = Document::new(kind, number).map_err(|why| {
            let why = match why {
                BadDocument::Shape => "enter-bad-number",
                BadDocument::CheckDigit => "enter-bad-digit",
            };
            (Target::Number, why)
        });
        document.map(Subject::Document)
    }

    fn diagnosis(&self, row: &[String]) -> Cell<Fact> {
        let at = self.required(row, Target::Found, Side::Within)?;
        let onset = self.time(row, Target::Onset, Side::Start)?;
        if onset.is_some_and(|onset| at < onset) {
            return Err((Target::Onset, "enter-found-first"));
        }
        let status = match self.get(row, Target::Status) {
            "" => DiagnosisStatus::Confirmed,
            word => {
                let found = STATUSES.iter().find(|(names, _)| is_one_of(word, names));
                found.ok_or((Target::Status, "import-unknown-word"))?.1
            }
        };
        Ok(Fact::diagnosis(status, at, onset))
    }

    fn test(&self, row: &[String]) -> Cell<Fact> {
        let sampled = self.required(row, Target::Sampled, Side::Within)?;
        let reported = self.time(row, Target::Reported, Side::End)?;
        let period = OpenPeriod::new(sampled, reported.or(Some(sampled)));
        let period = period.map_err(|_| (Target::Reported, "enter-last-first"))?;
        let word = self.get(row, Target::Result);
        let result = RESULTS.iter().find(|(names, _)| is_one_of(word, names));
        let (_, result) = result.ok_or((Target::Result, "import-unknown-word"))?;
        let kind = match self.get(row, Target::TestKind) {
            "" => TestKind::Pcr,
            word => {
                let found = TESTS.iter().find(|(names, _)| is_one_of(word, names));
                found.ok_or((Target::TestKind, "import-unknown-word"))?.1
            }
        };
        Ok(Fact::test(kind, *result, period, None))
    }

    fn contact(&self, row: &[String]) -> Cell<Fact> {
        let first = self.required(row, Target::First, Side::Start)?;
        let last = match self.time(row, Target::Last, Side::End)? {
            Some(last) => last,
            None => self.required(row, Target::First, Side::End)?,
        };
        let period = Period::new(first, last).map_err(|_| (Target::Last, "enter-last-first"))?;
        let relation = match self.get(row, Target::Relation) {
            "" => Relation::Other,
            word => {
                let word = word.to_lowercase();
                word.parse()
                    .map_err(|_| (Target::Relation, "import-unknown-word"))?
            }
        };
        let minutes = match self.get(row, Target::Minutes) {
            "" => None,
            text => Some(
                text.parse()
                    .map_err(|_| (Target::Minutes, "enter-bad-minutes"))?,
            ),
        };
        Ok(Fact::contact(None, relation, Ring::FIRST, period, minutes))
    }

    fn required(&self, row: &[String], target: Target, side: Side) -> Cell<Timestamp> {
        let found = self.time(row, target, side)?;
        found.ok_or((target, "import-empty"))
    }

    /// A day or a time; it may not lie in the future.
    fn time(&self, row: &[String], target: Target, side: Side) -> Cell<Option<Timestamp>> {
        let text = self.get(row, target);
        if text.is_empty() {
            return Ok(None);
        }
        let at = match text.parse::<Timestamp>().ok() {
            Some(at) => Some(at),
            None => self.local(text, side),
        };
        let at = at.ok_or((target, "import-bad-day"))?;
        if at > self.now {
            return Err((target, "enter-bad-day"));
        }
        Ok(Some(at))
    }

    fn local(&self, text: &str, side: Side) -> Option<Timestamp> {
        let text = text.replace('/', "-");
        if let Ok(time) = text.replacen(' ', "T", 1).parse::<DateTime>()
            && text.len() > 10
        {
            let start = self.calendar.start_of(time.date())?;
            let since = time.duration_since(time.date().at(0, 0, 0, 0));
            return start.checked_add(since).ok();
        }
        let day = day(&text)?;
        let start = self.calendar.start_of(day)?;
        Some(match side {
            Side::Start => start,
            Side::Within => (start + SignedDuration::from_hours(12)).min(self.now.max(start)),
            Side::End => self.calendar.end_of(day, self.now.max(start)),
        })
    }
}

/// Which instant of a day is meant.
#[derive(Clone, Copy)]
enum Side {
    Start,
    Within,
    End,
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok().or_else(|| german(text))
}

/// `18.02.2020`.
fn german(text: &str) -> Option<Date> {
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let year: i16 = year.parse().ok().filter(|year| *year > 1900)?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

fn is_one_of(word: &str, names: &[&str]) -> bool {
    let word = word.to_lowercase();
    names.iter().any(|name| *name == word)
}

fn document_kind(word: &str) -> Option<DocumentKind> {
    DocumentKind::from_code(word).or_else(|| {
        let found = DOCUMENTS.iter().find(|(names, _)| is_one_of(word, names));
        found.map(|(_, kind)| *kind)
    })
}

const DOCUMENTS: &[(&[&str], DocumentKind)] = &[
    (
        &["identity card", "id card", "id", "身份证"],
        DocumentKind::IdentityCard,
    ),
    (
        &["passport", "护照", "パスポート", "여권", "جواز سفر"],
        DocumentKind::Passport,
    ),
    (&["other", "其他"], DocumentKind::Other),
];

const STATUSES: &[(&[&str], DiagnosisStatus)] = &[
    (
        &["confirmed", "positive", "确诊", "確定", "확진", "مؤكد"],
        DiagnosisStatus::Confirmed,
    ),
    (
        &["asymptomatic", "无症状", "無症状", "무증상", "بلا أعراض"],
        DiagnosisStatus::Asymptomatic,
    ),
    (
        &["suspected", "probable", "疑似", "疑い", "의심", "مشتبه"],
        DiagnosisStatus::Suspected,
    ),
    (
        &["recovered", "康复", "回復", "회복", "متعافٍ"],
        DiagnosisStatus::Recovered,
    ),
    (
        &["excluded", "排除", "否定", "배제", "مستبعد"],
        DiagnosisStatus::Excluded,
    ),
];

const RESULTS: &[(&[&str], TestResult)] = &[
    (
        &[
            "positive",
            "pos",
            "+",
            "detected",
            "positiv",
            "阳性",
            "陽性",
            "양성",
            "إيجابي",
        ],
        TestResult::Positive,
    ),
    (
        &[
            "negative",
            "neg",
            "-",
            "not detected",
            "negativ",
            "阴性",
            "陰性",
            "음성",
            "سلبي",
        ],
        TestResult::Negative,
    ),
    (
        &["inconclusive", "unclear", "不明", "판정 불가", "غير حاسم"],
        TestResult::Inconclusive,
    ),
    (&["pending"], TestResult::Pending),
];

const TESTS: &[(&[&str], TestKind)] = &[
    (&["pcr", "nucleic acid", "核酸"], TestKind::Pcr),
    (
        &["antigen", "rapid", "抗原", "항원", "مستضد"],
        TestKind::Antigen,
    ),
    (
        &["antibody", "抗体", "항체", "أجسام مضادة"],
        TestKind::Antibody,
    ),
];

#[cfg(test)]
mod tests {
    use super::super::columns::guess;
    use super::*;
    use crate::language::Language;

    fn read(kind: FactKind, text: &str) -> (Vec<(usize, Item)>, Vec<RowError>) {
        let listed = Listed::read(text).unwrap();
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        let reader = RowReader {
            kind,
            goes: &guess(kind, &listed.header),
            listed: &listed,
            calendar: &Calendar::new(Language::English, zone),
            now: "2020-02-20T04:00:00Z".parse().unwrap(),
        };
        reader.read()
    }

    #[test]
    fn good_rows_become_items_and_bad_ones_say_where_and_why() {
        let text = "Number;Kind;Sample date;Result\n\
            E1234567;passport;18.02.2020;pos\n\
            E1234568;passport;2020-02-19 08:30;negativ\n\
            \n\
            E1234569;passport;2020-02-25;pos\n\
            E1234570;passport;soon;pos\n\
            E1234571;passport;2020-02-18;maybe\n\
            110101199003070001;;2020-02-18;pos\n\
            ;passport;2020-02-18;pos\n";
        let (items, errors) = read(FactKind::Test, text);
        let rows: Vec<usize> = items.iter().map(|(row, _)| *row).collect();
        assert_eq!(rows, [1, 2]);
        let said: Vec<(usize, &str, &str)> = errors
            .iter()
            .map(|error| (error.row, &*error.column, error.why))
            .collect();
        assert_eq!(
            said,
            [
                (3, "Sample date", "enter-bad-day"),
                (4, "Sample date", "import-bad-day"),
                (5, "Result", "import-unknown-word"),
                (6, "Number", "enter-bad-digit"),
                (7, "Number", "import-empty"),
            ]
        );
        assert_eq!(errors[1].value, "soon");
    }

    #[test]
    fn a_list_of_cases_and_one_of_contacts_are_read_with_what_they_have() {
        let (cases, errors) = read(
            FactKind::Diagnosis,
            "number,kind,found,onset,status\n\"E1234567\",20,2020/02/19,2020-02-17,无症状\n",
        );
        assert_eq!((cases.len(), errors.len()), (1, 0), "{errors:?}");
        let (contacts, errors) = read(
            FactKind::Contact,
            "number\tkind\tfirst\tlast\trelation\tminutes\nE1234567\t20\t2020-02-18\t\tclose\t40\n\
             E1234568\t20\t2020-02-18\t2020-02-17\tclose\tlong\n",
        );
        assert_eq!((contacts.len(), errors.len()), (1, 1), "{errors:?}");
        assert_eq!(errors[0].why, "enter-last-first");
    }
}
