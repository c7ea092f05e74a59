//! The columns of a line list: what each could hold, and which field it most likely goes to.

use domain::evidence::FactKind;

/// Where a column goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// The kind of document, or none: then every number is an identity card's, or an identifier.
    DocumentKind,
    /// The number of the document, or the identifier of a person.
    Number,
    /// When the illness was found.
    Found,
    /// The first day of illness.
    Onset,
    /// What was found.
    Status,
    /// When the sample was taken.
    Sampled,
    /// When the result was reported.
    Reported,
    /// What kind of test.
    TestKind,
    /// What the test showed.
    Result,
    /// How they met.
    Relation,
    /// From when.
    First,
    /// Until when.
    Last,
    /// How many minutes.
    Minutes,
}

/// The kinds of list that are taken in here, of those that an office may submit.
pub(super) const KINDS: [FactKind; 3] = [FactKind::Diagnosis, FactKind::Test, FactKind::Contact];

impl Target {
    /// Whether it takes a day or a time.
    pub(super) const fn is_time(self) -> bool {
        matches!(
            self,
            Self::Found | Self::Onset | Self::Sampled | Self::Reported | Self::First | Self::Last
        )
    }

    /// The fields of a kind of list, those that it cannot do without first.
    pub(super) const fn of(kind: FactKind) -> (&'static [Self], &'static [Self]) {
        use Target as T;
        match kind {
            FactKind::Test => (
                &[T::Number, T::Sampled, T::Result],
                &[T::DocumentKind, T::Reported, T::TestKind],
            ),
            FactKind::Contact => (
                &[T::Number, T::First],
                &[T::DocumentKind, T::Last, T::Relation, T::Minutes],
            ),
            _ => (
                &[T::Number, T::Found],
                &[T::DocumentKind, T::Onset, T::Status],
            ),
        }
    }

    /// Every field of a kind of list.
    pub(super) fn all(kind: FactKind) -> impl Iterator<Item = Self> {
        let (required, others) = Self::of(kind);
        required.iter().chain(others).copied()
    }

    /// Its word in the form, and the last part of the name of its text.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::DocumentKind => "document-kind",
            Self::Number => "number",
            Self::Found => "found",
            Self::Onset => "onset",
            Self::Status => "status",
            Self::Sampled => "sampled",
            Self::Reported => "reported",
            Self::TestKind => "test-kind",
            Self::Result => "result",
            Self::Relation => "relation",
            Self::First => "first",
            Self::Last => "last",
            Self::Minutes => "minutes",
        }
    }

    /// What lists call it, in small letters.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::DocumentKind => &[
                "document kind",
                "document type",
                "kind",
                "id type",
                "证件类型",
            ],
            Self::Number => &[
                "number",
                "document",
                "document number",
                "id",
                "id number",
                "passport",
                "person",
                "ausweis",
                "证件号码",
                "身份证号",
                "番号",
                "번호",
                "رقم",
            ],
            Self::Found => &[
                "found",
                "found on",
                "date",
                "diagnosis",
                "diagnosed",
                "diagnosis date",
                "confirmed on",
                "确诊日期",
                "日付",
                "날짜",
                "التاريخ",
            ],
            Self::Onset => &[
                "onset",
                "onset date",
                "first day",
                "symptoms since",
                "illness",
                "发病日期",
                "発症日",
                "발병일",
                "بداية المرض",
            ],
            Self::Status => &[
                "status",
                "finding",
                "classification",
                "分类",
                "状態",
                "상태",
                "الحالة",
            ],
            Self::Sampled => &[
                "sampled",
                "sample",
                "sample date",
                "sampling",
                "taken",
                "entnahme",
                "采样时间",
                "採取日",
                "채취일",
                "أخذ العينة",
            ],
            Self::Reported => &[
                "reported",
                "report date",
                "result date",
                "报告时间",
                "報告日",
                "보고일",
            ],
            Self::TestKind => &[
                "test",
                "test kind",
                "test type",
                "method",
                "检测方法",
                "検査",
                "검사",
            ],
            Self::Result => &[
                "result",
                "outcome",
                "ergebnis",
                "结果",
                "結果",
                "결과",
                "النتيجة",
            ],
            Self::Relation => &[
                "relation",
                "how",
                "contact type",
                "relationship",
                "关系",
                "関係",
                "관계",
            ],
            Self::First => &[
                "first",
                "from",
                "first day",
                "first contact",
                "开始",
                "開始",
                "시작",
                "من",
            ],
            Self::Last => &[
                "last",
                "until",
                "last day",
                "last contact",
                "结束",
                "終了",
                "끝",
                "حتى",
            ],
            Self::Minutes => &["minutes", "duration", "分钟", "分", "분", "دقائق"],
        }
    }
}

/// Which field each column most likely goes to; no field twice.
pub(super) fn guess(kind: FactKind, header: &[String]) -> Vec<Option<Target>> {
    let mut goes: Vec<Option<Target>> = vec![None; header.len()];
    let named: Vec<String> = header.iter().map(|name| plain(name)).collect();
    let fits: [fn(&str, &str) -> bool; 2] = [
        |name, of| name == of,
        |name, of| of.chars().count() > 3 && name.contains(of),
    ];
    for fits in fits {
        for target in Target::all(kind) {
            if goes.contains(&Some(target)) {
                continue;
            }
            let free = |(place, name): &(usize, &String)| {
                goes[*place].is_none() && target.names().iter().any(|of| fits(name, of))
            };
            let found = named.iter().enumerate().find(free);
            if let Some((place, _)) = found {
                goes[place] = Some(target);
            }
        }
    }
    goes
}

/// Small letters, one space for whatever stands between words.
pub(super) fn plain(name: &str) -> String {
    let words = name.split(|letter: char| letter.is_whitespace() || "_-./".contains(letter));
    let words = words.filter(|word| !word.is_empty()).map(str::to_lowercase);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_guessed_by_their_names_and_none_twice() {
        let guess = |kind, header: &[&str]| -> Vec<&str> {
            let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
            let found = guess(kind, &header).into_iter();
            found
                .map(|target| target.map_or("", Target::word))
                .collect()
        };
        assert_eq!(
            guess(
                FactKind::Test,
                &["Lab", "ID_number", "Sample date", "Ergebnis", "Result"]
            ),
            ["", "number", "sampled", "result", ""]
        );
        assert_eq!(
            guess(FactKind::Diagnosis, &["证件号码", "发病日期", "确诊日期"]),
            ["number", "onset", "found"]
        );
        assert_eq!(guess(FactKind::Contact, &["a", "b"]), ["", ""]);
    }
}
