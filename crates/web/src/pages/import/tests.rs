use super::super::list_filter::{ListAsked, ListFilter};
use super::super::tests::{assert_sound, frames};
use super::*;
use crate::principal::SECURE_STAFF_COOKIE;
use crate::testing::{Answer, City};
use service::{SavedColumns, SavedList};

fn import(text: &str) -> Import {
    let listed = Listed::read(text).unwrap();
    Import {
        kind: FactKind::Test,
        goes: guess(FactKind::Test, &listed.header),
        listed,
        text: text.to_owned(),
    }
}

#[test]
fn every_step_renders_in_every_language() {
    let error = RowError {
        row: 3,
        column: "<b>Result".into(),
        value: "\"><i>maybe".into(),
        why: "import-unknown-word",
    };
    for frame in frames() {
        for why in [
            None,
            Some("import-no-rows"),
            Some("import-too-large"),
            Some("import-not-kept"),
            Some("import-no-text"),
            Some("import-no-kind"),
        ] {
            let html = assert_sound(
                &frame,
                &FirstPage {
                    kinds: vec![Choice::new("test", frame.t("kind-test"), false)],
                    text: "</textarea>".into(),
                    error: why,
                    frame: frame.clone(),
                },
            );
            assert!(!html.contains("</textarea></textarea>"), "{html}");
        }
        for kind in KINDS {
            let import = Import {
                kind,
                ..import("Number,Sampled,Odd\n1,2,3\n")
            };
            let request = RequestKey::from_u128(7);
            let found = (1, vec![error.clone()], import.missing());
            let drawn = preview(frame.clone(), &import, request, found, kind == KINDS[0]);
            assert_sound(&frame, &drawn);
            for error in [None, Some("import-save-bad"), Some("import-save-full")] {
                let saved = Saved {
                    name: "<b>Lab".into(),
                    is_known: error.is_none(),
                    note: error.is_none().then(|| frame.t("import-saved")),
                    error,
                    ..Saved::default()
                };
                let found = (1, Vec::new(), Vec::new());
                let drawn = preview(frame.clone(), &import, request, found, false);
                let html = assert_sound(&frame, &PreviewPage { saved, ..drawn });
                assert!(!html.contains("<b>Lab"), "{html}");
            }
        }
        for why in ["import-empty", "import-bad-day", "import-refused"] {
            assert!(!frame.t(why).contains('⟦'));
        }
        for is_held in [false, true] {
            assert_sound(
                &frame,
                &DonePage {
                    frame: frame.clone(),
                    accepted: 2,
                    changed: 1,
                    is_held,
                    errors: vec![error.clone()],
                    more: is_held.then(|| frame.with("list-more", "count", "7")),
                },
            );
        }
    }
}

async fn send(city: &City, fields: &[(&str, &str)]) -> Answer {
    city.post("/officer/imports?lang=en")
        .cookie(SECURE_STAFF_COOKIE, &city.health)
        .upload(fields, ("file", b""))
        .await
}

#[tokio::test]
async fn a_list_with_a_wrong_column_and_a_bad_row_is_looked_at_and_then_taken_in() {
    let city = City::start().await;
    let ming = city.well_resident("Ming").await;
    let rows = format!(
        "Number\tTaken\tWhat\n{}\t2020-02-19\tpositive\n{}\t2020-02-19\tperhaps\n",
        ming.person, ming.person
    );
    let look = send(&city, &[("kind", "test"), ("rows", &rows)]).await;
    assert_eq!(look.status, 200, "{look:?}");
    assert!(look.text.contains("Nothing goes to: Result"), "{look:?}");
    assert!(!look.text.contains("value=\"take\""), "{look:?}");
    let mut chosen = vec![
        ("kind", "test"),
        ("rows", &*rows),
        ("chosen", "yes"),
        ("c0", "number"),
        ("c1", "sampled"),
        ("c2", "result"),
        ("act", "look"),
    ];
    let again = send(&city, &chosen).await;
    for words in ["1 can be taken in", "1 cannot", "perhaps", "value=\"take\""] {
        assert!(again.text.contains(words), "{words}: {again:?}");
    }
    assert_eq!(city.status(&ming).await, "green", "nothing was written");
    chosen.pop();
    let hidden = |name: &str| {
        let (_, rest) = again
            .text
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap();
        rest[..rest.find('"').unwrap()].to_owned()
    };
    let (request, seen) = (hidden("request"), hidden("seen"));
    let more = rows.replace("perhaps", "negative");
    chosen[1].1 = &more;
    chosen.extend([("request", &*request), ("seen", &*seen), ("act", "take")]);
    let unseen = send(&city, &chosen).await;
    assert!(
        unseen.text.contains("2 can be taken in") && !unseen.text.contains(&request),
        "what nobody looked at is looked at first: {unseen:?}"
    );
    assert_eq!(city.status(&ming).await, "green", "nothing was written");
    chosen[1].1 = &rows;
    let taken = send(&city, &chosen).await;
    assert!(taken.text.contains("Taken in: 1"), "{taken:?}");
    let twice = send(&city, &chosen).await;
    assert!(
        twice.text.contains("Taken in: 1"),
        "a repeat counts once: {twice:?}"
    );
}

/// Whether the page has the column go there.
fn goes_to(page: &Answer, column: &str, field: &str) -> bool {
    let (_, select) = page
        .text
        .split_once(&format!("<select id=\"{column}\""))
        .unwrap();
    let (select, _) = select.split_once("</select>").unwrap();
    select.contains(&format!("<option value=\"{field}\" selected>"))
}

#[tokio::test]
async fn a_list_is_mapped_once_and_the_next_one_with_the_same_headings_by_itself() {
    let city = City::start().await;
    let ming = city.well_resident("Ming").await;
    let list = |day: &str| format!("Kenn-Nr\tAm\tLab\n{}\t{day}\tnegative\n", ming.person);
    let (first, second) = (list("2020-02-18"), list("2020-02-19"));
    let look = send(&city, &[("kind", "test"), ("rows", &first)]).await;
    assert!(!goes_to(&look, "c2", "result"), "it cannot be guessed");
    assert!(!look.text.contains("Forget them"), "{look:?}");
    let mut form = vec![
        ("kind", "test"),
        ("rows", &*first),
        ("chosen", "yes"),
        ("c0", "number"),
        ("c1", "sampled"),
        ("c2", "result"),
        ("act", "save"),
        ("columns_name", ""),
    ];
    let nameless = send(&city, &form).await;
    assert_eq!(nameless.status, 422, "{nameless:?}");
    assert!(nameless.text.contains("Please give a name"), "{nameless:?}");
    assert!(
        goes_to(&nameless, "c2", "result"),
        "what was chosen is kept"
    );
    form[7].1 = "Laboratory of the North";
    let saved = send(&city, &form).await;
    assert!(saved.text.contains("Kept. The next list"), "{saved:?}");
    assert_eq!(city.status(&ming).await, "green");

    let again = send(&city, &[("kind", "test"), ("rows", &second)]).await;
    let says = again
        .text
        .contains("as your office saved them: “Laboratory of the North");
    assert!(says, "{again:?}");
    for (column, field) in [("c0", "number"), ("c1", "sampled"), ("c2", "result")] {
        assert!(goes_to(&again, column, field), "{column}: {again:?}");
    }
    assert!(again.text.contains("1 can be taken in"), "{again:?}");

    // Somebody else of the office saw the form when nothing was saved.
    form[5].1 = "";
    let late = send(&city, &form).await;
    assert!(
        late.text.contains("Somebody of your office changed"),
        "{late:?}"
    );
    assert!(goes_to(&late, "c2", ""), "and what they chose is kept");
    let (_, seen) = late
        .text
        .split_once("name=\"columns_seen\" value=\"")
        .unwrap();
    let (seen, _) = seen.split_once('"').unwrap();
    form.push(("columns_seen", seen));
    let changed = send(&city, &form).await;
    assert!(changed.text.contains("Kept. The next list"), "{changed:?}");
    let third = send(&city, &[("kind", "test"), ("rows", &second)]).await;
    assert!(goes_to(&third, "c2", "") && third.text.contains("Nothing goes to: Result"));

    form[6].1 = "forget";
    let forgotten = send(&city, &form).await;
    assert!(forgotten.text.contains("Forgotten."), "{forgotten:?}");
    let fourth = send(&city, &[("kind", "test"), ("rows", &second)]).await;
    assert!(
        !fourth.text.contains("as your office saved them"),
        "{fourth:?}"
    );
}

#[tokio::test]
async fn what_is_no_list_is_said_and_what_was_pasted_stays() {
    let city = City::start().await;
    let empty = send(&city, &[("kind", "test"), ("rows", "Number,Sampled")]).await;
    assert_eq!(empty.status, 422, "{empty:?}");
    assert!(empty.text.contains("Number,Sampled"), "{empty:?}");
    let open = "Number,Sampled,Result,Remark\n1,2020-02-19,positive,\"at\n2,2020-02-19,positive,\n";
    let open = send(&city, &[("kind", "test"), ("rows", open)]).await;
    assert_eq!(open.status, 422, "{open:?}");
    assert!(open.text.contains("quotation mark"), "{open:?}");
    let other = send(&city, &[("kind", "visit"), ("rows", "a,b\n1,2")]).await;
    assert_eq!(other.status, 422, "{other:?}");
}

#[tokio::test]
async fn kept_columns_are_listed_and_forgotten_and_a_colleague_is_told_of_a_change() {
    for frame in frames() {
        let calendar = Calendar::new(frame.language, jiff::tz::TimeZone::UTC);
        let list = SavedList {
            kind: FactKind::Test,
            headings: [7; 32],
            columns: SavedColumns {
                name: "<b>Lab".into(),
                fields: ["number", "", "result"].map(str::to_owned).into(),
                by: domain::StaffId::from_u128(3),
                saved_at: domain::Timestamp::UNIX_EPOCH,
            },
        };
        for (lists, is_changed) in [(vec![list], false), (Vec::new(), true)] {
            let address = "/officer/imports/columns";
            let filter = ListFilter::new(&frame, address, &[], &ListAsked::default(), None);
            let drawn = (&*lists, filter);
            let drawn = saved_lists::drawn(frame.clone(), &calendar, drawn, is_changed);
            let html = assert_sound(&frame, &drawn);
            assert!(!html.contains("<b>Lab"), "{html}");
        }
    }
    let city = City::start().await;
    let fields = [
        ("kind", "test"),
        ("rows", "Number\tTaken\tWhat\n1\t2020-02-19\tpositive\n"),
        ("chosen", "yes"),
        ("c0", "number"),
        ("c1", "sampled"),
        ("c2", "result"),
        ("columns_name", "North laboratory"),
        ("act", "save"),
    ];
    assert_eq!(send(&city, &fields).await.status, 200);
    let read = async || {
        let page = city.get("/officer/imports/columns?lang=en");
        page.cookie(SECURE_STAFF_COOKIE, &city.health).await
    };
    let shown = read().await;
    for words in ["North laboratory", "Number or identifier", "Result"] {
        assert!(shown.text.contains(words), "{words}: {shown:?}");
    }
    let value = |name: &str| {
        let (_, rest) = shown
            .text
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let forget = async |seen: &str| {
        let form = format!("kind=test&headings={}&seen={seen}", value("headings"));
        let ask = city.post("/officer/imports/columns?lang=en");
        ask.cookie(SECURE_STAFF_COOKIE, &city.health)
            .form(&form)
            .await
    };
    let stale = forget("5.0").await;
    assert_eq!(stale.status, 422);
    assert!(stale.text.contains("meanwhile") && stale.text.contains("North laboratory"));
    assert_eq!(forget(&value("seen")).await.status, 303);
    assert!(read().await.text.contains("keeps no columns yet"));
}

#[tokio::test]
async fn a_list_that_is_too_large_keeps_its_kind_and_what_was_pasted_or_says_why_not() {
    let city = City::start().await;
    let is_kept = |page: &Answer| page.text.contains("<option value=\"contact\" selected>");
    let first = send(&city, &[("kind", "contact"), ("rows", "")]).await;
    assert_eq!(first.status, 422);
    assert!(is_kept(&first), "{first:?}");
    let rows = "Number,Sampled,Result\n".to_owned() + &"1,2020-02-19,positive\n".repeat(8_000);
    let large = send(&city, &[("kind", "contact"), ("rows", &rows)]).await;
    assert_eq!(large.status, 422);
    assert!(large.text.contains("Please divide the list"));
    assert!(is_kept(&large));
    assert_eq!(large.text.matches("1,2020-02-19,positive").count(), 8_000);
    let huge = send(&city, &[("kind", "contact"), ("rows", &rows.repeat(4))]).await;
    assert_eq!(huge.status, 422);
    assert!(huge.text.contains("too large to be shown again") && huge.text.len() < 50_000);
    assert!(is_kept(&huge));
}

#[test]
fn of_many_rows_that_cannot_be_taken_in_the_first_hundred_are_shown_and_the_others_counted() {
    let frame = frames().next().unwrap();
    let errors = |count: usize| {
        let error = |row| RowError {
            row,
            column: "Result".into(),
            value: "maybe".into(),
            why: "import-unknown-word",
        };
        first_errors(&frame, (1..=count).map(error).collect())
    };
    let (shown, more) = errors(100);
    assert_eq!((shown.len(), more), (100, None));
    let (errors, more) = errors(1_000);
    assert_eq!(errors.len(), 100);
    let page = DonePage {
        frame: frame.clone(),
        accepted: 0,
        changed: 0,
        is_held: false,
        errors,
        more,
    };
    let html = assert_sound(&frame, &page);
    assert!(
        html.contains("900") && html.len() < 50_000,
        "{}",
        html.len()
    );
    assert!(html.contains("href=\"/officer/imports\""), "{html}");
}

#[tokio::test]
async fn sixty_kept_lists_are_two_pages_and_each_is_on_one_of_them() {
    let city = City::start().await;
    let access = &city.service.access;
    let officer = access.staff_program(&city.health.parse().unwrap()).await;
    let officer = officer.unwrap();
    for number in 0..60 {
        let headings = [format!("number of {number}")];
        let (list, name) = ((FactKind::Test, &headings[..]), format!("Lab {number:02}"));
        let evidence = &city.service.evidence;
        let saved = evidence.save_columns(&officer, list, &name, &["number"], None);
        assert!(saved.await.unwrap());
    }
    let read = async |address: &str| {
        let page = city.get(address).cookie(SECURE_STAFF_COOKIE, &city.health);
        page.await.text
    };
    let first = read("/officer/imports/columns?lang=en").await;
    assert!(
        first.contains("<h2>Lab 49<") && !first.contains("<h2>Lab 50<"),
        "{first}"
    );
    let (_, next) = first.split_once("rel=\"next\" href=\"").unwrap();
    let second = read(&next.split('"').next().unwrap().replace("&#38;", "&")).await;
    assert!(
        second.contains("<h2>Lab 50<") && second.contains("<h2>Lab 59<"),
        "{second}"
    );
    assert!(!second.contains("<h2>Lab 49<") && !second.contains("rel=\"next\""));
}
