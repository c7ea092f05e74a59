//! Rows, good and bad.

use domain::evidence::{Period, Ring};

use super::*;

#[test]
fn bad_rows_are_refused_one_by_one_with_place_value_reason_and_remedy() {
    let text = "person,venue,entered,left\n\
                good,cafe,1582156800,\n\
                ,cafe,1582156800,\n\
                li.hua@example,,1582156800,\n\
                p3,cafe,2020-02-20 08:00,\n\
                p4,cafe,1582156800,1582156799\n\
                p5,cafe,1582156800\n\
                p6,cafe,tomorrow,\n\
                also good,cafe,1582156800,1582156800\n";
    assert_eq!(
        refusals(FactKind::Visit, "visits.csv", text),
        [
            "row 3, person: is empty; write any text",
            "row 4, venue: is empty; write any text",
            "row 5, entered \"2020-02-20 08:00\": has no time zone, so it is not clear when it was; \
         add Z or an offset, as in 2020-02-20T08:00:00+08:00",
            "row 6, left \"1582156799\": lies before entered (2020-02-20T00:00:00Z); \
         correct left or entered",
            "row 7: has 3 values, the header has 4; put values that hold a comma into quotation marks",
            "row 8, entered \"tomorrow\": is not a time; \
         write a time such as 2020-02-20T08:00:00+08:00, or whole Unix seconds",
        ]
    );
}

#[test]
fn a_refused_formula_computes_nothing_and_reads_back_by_every_way_of_reading() {
    let text = "person,venue,entered\n\"=HYPERLINK(\"\"x\"\")\",@cafe,never\n'-1,+86;=1+1,never\n";
    let (dir, path) = folder("visits.csv", text);
    let refused = read(FactKind::Visit, &path)
        .unwrap()
        .1
        .refused_file
        .unwrap();
    let kept = fs::read_to_string(&refused).unwrap();
    for cell in ["\n\"'=HYPERLINK(\"\"x\"\")\",'@cafe,", "\n''-1,'+86;'=1+1,"] {
        assert!(kept.contains(cell), "{kept}");
    }
    fs::write(&path, kept.replace("never", "1582156800")).unwrap();
    let options = ReadOptions {
        now: None,
        keep_refused: false,
    };
    let mut reader = facts(FactKind::Visit, &path, options).unwrap().unwrap();
    let mut names = Vec::new();
    while let Some(row) = reader.next() {
        row.unwrap();
        names.push([reader.text(0), reader.text(1)].map(str::to_owned));
    }
    assert_eq!(names, [["=HYPERLINK(\"x\")", "@cafe"], ["'-1", "+86;=1+1"]]);
    drop(dir);
}

#[test]
fn refused_rows_are_kept_whole_and_the_corrected_file_can_be_read() {
    let text = "person,venue,entered\ngood,cafe,1582156800\nbad,\"a \"\"b\"\", c\",never\n";
    let (_dir, path) = folder("visits.csv", text);
    let (rows, report) = read(FactKind::Visit, &path).unwrap();
    assert_eq!((rows.len(), report.read, report.refused), (1, 1, 1));
    let refused = report.refused_file.unwrap();
    assert_eq!(refused.file_name().unwrap(), "visits.csv.refused.csv");
    let kept = fs::read_to_string(&refused).unwrap();
    assert!(
        kept.starts_with("person,venue,entered,row,field,reason,guard\n"),
        "{kept}"
    );
    assert!(
        kept.contains("bad,\"a \"\"b\"\", c\",never,3,entered,\"is not a time; "),
        "{kept}"
    );

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&refused).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others may not read about people");
    }

    fs::write(&refused, kept.replace("never", "1582156800")).unwrap();
    let (rows, report) = read(FactKind::Visit, &refused).unwrap();
    assert_eq!((rows[0].person.as_str(), report.refused), ("bad", 0));
}

#[test]
fn refused_rows_are_not_kept_unless_asked_and_no_part_is_left_behind() {
    let (dir, path) = folder("visits.csv", "person,venue,entered\nbad,cafe,never\n");
    let silent = ReadOptions {
        keep_refused: false,
        ..KEEP
    };
    let reader = facts(FactKind::Visit, &path, silent).unwrap().unwrap();
    assert_eq!(reader.read_all().unwrap().1.refused_file, None);
    let mut given_up = facts(FactKind::Visit, &path, KEEP).unwrap().unwrap();
    assert!(given_up.next().is_none());
    drop(given_up);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn personal_values_are_masked_in_messages() {
    let text = "person,with,relation,ring,first,last\n\
                990101199003077719,990101199003077719,close,1,1582156800,1582156800\n";
    let messages = refusals(FactKind::Contact, "contacts.csv", text);
    assert_eq!(
        messages,
        ["row 2, with \"99***\": is the person themselves; name the other person"]
    );
}

#[test]
fn each_kind_of_evidence_is_read_and_its_own_mistakes_are_refused() {
    use FactKind::*;
    for (kind, header, good, bad, field) in [
        (
            Diagnosis,
            "person,status,at,onset",
            "p,confirmed,1582156800,",
            "p,ill,1582156800,",
            "status",
        ),
        (
            Diagnosis,
            "person,status,at",
            "p,excluded,1582156800",
            "p,excluded,",
            "at",
        ),
        (
            Contact,
            "person,with,relation,ring,first,last,minutes",
            "p,,household,1,1582156800,1582160400,60.0",
            "p,,household,0,1582156800,1582160400,",
            "ring",
        ),
        (
            Contact,
            "person,with,relation,ring,first,last",
            "p,q,venue,2,1582156800,1582160400",
            "p,q,venue,2,1582160400,1582156800",
            "last",
        ),
        (
            Stay,
            "person,region,arrived,left,mode,source",
            "p,420106,1582156800,,transit,rail",
            "p,Wuhan,1582156800,,transit,rail",
            "region",
        ),
        (
            Test,
            "person,kind,result,sampled,reported,lab",
            "p,pcr,pending,1582156800,,",
            "p,pcr,negative,1582160400,1582156800,",
            "reported",
        ),
        (
            Declaration,
            "person,at,symptoms,temperature,contact",
            "p,1582156800,fever; cough,38.1,none",
            "p,1582156800,,3.81,none",
            "temperature",
        ),
        (
            Declaration,
            "person,at,symptoms,contact",
            "p,1582156800,,none",
            "p,1582156800,sad,none",
            "symptoms",
        ),
        (
            Vaccination,
            "person,product,dose,at",
            "p,V,2,1582156800",
            "p,V,two,1582156800",
            "dose",
        ),
        (
            Contradiction,
            "person,at,about",
            "p,1582156800,stay",
            "p,1582156800,name",
            "about",
        ),
        (
            ForeignVerdict,
            "person,issuer,colour,at,until",
            "p,44,red,1582156800,1582160400",
            "p,44,grey,1582156800,1582160400",
            "colour",
        ),
    ] {
        let (_dir, path) = folder("file.csv", format!("{header}\n{good}\n{bad}\n"));
        let (rows, report) = read(kind, &path).unwrap();
        assert_eq!(
            (rows.len(), report.refused),
            (1, 1),
            "{kind}: {:?}",
            report.examples
        );
        assert_eq!(rows[0].fact.kind(), kind);
        assert_eq!(report.examples[0].field, Some(field), "{kind}");
    }
}

#[test]
fn values_become_the_words_of_the_domain() {
    let (_dir, path) = folder(
        "contacts.ndjson",
        r#"{"person":"p","with":"q","relation":"vehicle","ring":1,"first":0,"last":100000060,"minutes":1}"#,
    );
    let (rows, _) = read(FactKind::Contact, &path).unwrap();
    let (first, last) = (Timestamp::UNIX_EPOCH, time("1973-03-03T09:47:40Z"));
    let (with, relation) = (Some(person_id("q")), Relation::Vehicle);
    assert_eq!(
        rows[0].fact,
        Fact::contact(
            with,
            relation,
            Ring::FIRST,
            Period::new(first, last).unwrap(),
            Some(1)
        )
    );

    let (_dir, path) = folder(
        "declarations.ndjson",
        r#"{"person":"p","at":0,"symptoms":["fever","cough"],"contact":"unsure"}"#,
    );
    let (rows, _) = read(FactKind::Declaration, &path).unwrap();
    let Fact::Declaration { symptoms, .. } = rows[0].fact else {
        panic!("{:?}", rows[0])
    };
    assert_eq!(
        symptoms,
        Symptoms::from_iter([Symptom::Fever, Symptom::Cough])
    );
}

#[test]
fn an_order_needs_two_persons_a_basis_and_an_end_within_72_hours() {
    let rows = "person,colour,from,until,basis,signed_by\n\
                p,red,1582156800,1582416000,Article 39,Wang;Li\n\
                p,red,1582156800,1582416001,Article 39,Wang;Li\n\
                p,red,1582156800,1582416000,Article 39,Wang; Wang\n\
                p,red,1582156800,1582416000,Article 39,Wang\n\
                p,green,1582156800,1582416000,Article 39,Wang;Li\n\
                p,red,1582156800,1582416000,,Wang;Li\n";
    assert_eq!(
        refusals(FactKind::Order, "orders.csv", rows),
        [
            "row 3: an order ends after it begins and within 72 hours; this one lasts 72 hours; \
         an order that is not valid restricts nobody; correct it",
            "row 4: an order is signed by two different persons; \
         an order that is not valid restricts nobody; correct it",
            "row 5: an order is signed by two different persons; \
         an order that is not valid restricts nobody; correct it",
            "row 6: an order restricts: its colour is red or yellow, not green; \
         an order that is not valid restricts nobody; correct it",
            "row 7, basis: is empty; write any text",
        ]
    );
}

#[test]
fn a_verdict_of_another_issuer_ends_within_a_year() {
    let rows = "person,issuer,colour,at,until\n\
                p,44,red,1582156800,1582156800\n\
                p,44,red,1582156800,1582156799\n\
                p,44,red,1582156800,1613865600\n";
    assert_eq!(
        refusals(FactKind::ForeignVerdict, "foreign_verdicts.csv", rows),
        [
            "row 3, until \"1582156799\": lies before at (2020-02-20T00:00:00Z); correct until or at",
            "row 4, until \"1613865600\": a verdict holds for at most 366 days, this one for 367; \
             correct until or at",
        ]
    );
}

#[test]
fn what_lies_more_than_a_day_in_the_future_is_refused_but_an_end_may() {
    let now = Some(time("2020-02-20T00:00:00Z"));
    let (_dir, path) = folder(
        "visits.csv",
        "person,venue,entered\np,cafe,2020-02-21T00:00:00Z\np,cafe,2020-02-21T00:00:01Z\n",
    );
    let reader = facts(FactKind::Visit, &path, ReadOptions { now, ..KEEP })
        .unwrap()
        .unwrap();
    let (_, report) = reader.read_all().unwrap();
    assert_eq!((report.read, report.refused), (1, 1));
    assert_eq!(report.examples[0].reason, "lies in the future");

    let (_dir, path) = folder(
        "cases.csv",
        "person,from,until\np,2020-02-19T00:00:00Z,2020-03-19T00:00:00Z\n",
    );
    let (rows, _) = cases(&path, ReadOptions { now, ..KEEP })
        .unwrap()
        .read_all()
        .unwrap();
    assert_eq!(rows.len(), 1);
}

#[test]
fn levels_may_be_padded_and_totals_are_nobodys_level() {
    let (_dir, path) = folder(
        "regions.csv",
        "region,level,from,until,scope\n\
         420100,high,0,,\n420000,high,0,,total\nIT,low,0,100000060,own\n42,severe,0,,\n42,low,100000060,0,\n",
    );
    let (levels, report) = read_levels(&path, KEEP).unwrap();
    let shown: Vec<_> = levels
        .iter()
        .map(|row| (row.region.to_string(), row.level))
        .collect();
    assert_eq!(
        shown,
        [("4201".into(), Level::High), ("IT".into(), Level::Low)]
    );
    assert_eq!(report.refused, 2);
}

#[test]
fn people_and_truth_are_read() {
    let (_dir, path) = folder(
        "people.csv",
        "person,region,birth_year,sex\np,33,1990,f\nq,,,\nr,,90,\n",
    );
    let (rows, report) = people(&path, KEEP).unwrap().read_all().unwrap();
    assert_eq!(
        (rows[0].birth_year, rows[1].region, report.refused),
        (Some(1990), None, 1)
    );
    assert_eq!(report.examples[0].value.as_deref(), Some("***"));
    let (_dir, path) = folder(
        "truth.csv",
        "person,infected_at,exposed_at\np,100000060,0\nq,,\n",
    );
    let (rows, _) = truth(&path, KEEP).unwrap().read_all().unwrap();
    assert_eq!(
        (rows[0].infected_at, rows[1].exposed_at),
        (Some(time("1973-03-03T09:47:40Z")), None)
    );
}
