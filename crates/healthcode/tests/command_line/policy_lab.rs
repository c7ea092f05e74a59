//! Trying a policy before it bites: `policy diff` and `policy score` on files.

use crate::newcomer::{Folder, POLICY};

const AT: &str = "2020-02-20T12:00:00+08:00";

/// 30 people live with somebody ill, 40 were at the same venue, 30 met nobody. The draft lets venue
/// contacts go.
fn town() -> Folder {
    let folder = Folder::new();
    folder.write("old.toml", POLICY);
    let venue = POLICY.find("[[rule]]\nid = \"venue-contact\"").unwrap();
    let after = POLICY.find("[[rule]]\nid = \"positive-test\"").unwrap();
    let draft = format!("{}{}", &POLICY[..venue], &POLICY[after..]);
    folder.write("new.toml", &draft.replace("version = 1", "version = 2"));

    let met = "2020-02-18T10:00:00+08:00,2020-02-18T11:00:00+08:00";
    let mut contacts = "person,with,relation,ring,first,last\n".to_owned();
    let mut people = "person,region,birth_year,sex\n".to_owned();
    let mut truth = "person,infected_at,exposed_at\n".to_owned();
    for person in 0..100 {
        let relation = ["household", "venue"].get(usize::from(person >= 30));
        if let Some(relation) = relation.filter(|_| person < 70) {
            contacts += &format!("p{person},index,{relation},1,{met}\n");
        }
        let region = if person % 2 == 0 { "330106" } else { "330108" };
        people += &format!(
            "p{person},{region},{},{}\n",
            1940 + person / 2,
            ["f", "m"][person % 2]
        );
        let infected = if person < 20 {
            "2020-02-18T10:30:00+08:00"
        } else {
            ""
        };
        if person < 40 {
            truth += &format!("p{person},{infected},2020-02-18T10:00:00+08:00\n");
        }
    }
    folder.write("city/contacts.csv", &contacts);
    folder.write("city/people.csv", &people);
    folder.write(
        "city/tests.csv",
        "person,kind,result,sampled,reported\n\
         index,pcr,positive,2020-02-18T20:00:00+08:00,2020-02-19T09:00:00+08:00\n",
    );
    folder.write("truth.csv", &truth);
    folder
}

fn diff(folder: &Folder, more: &[&str]) -> crate::newcomer::Run {
    let ask = [
        "policy", "diff", "old.toml", "new.toml", "--data", "city", "--at", AT,
    ];
    folder.run(&[&ask, more].concat())
}

fn score(folder: &Folder, more: &[&str]) -> crate::newcomer::Run {
    let ask = [
        "policy",
        "score",
        "old.toml",
        "new.toml",
        "--data",
        "city",
        "--truth",
        "truth.csv",
        "--until",
        "2020-02-24T00:00:00+08:00",
    ];
    folder.run(&[&ask, more].concat())
}

#[test]
fn diff_says_whom_a_draft_would_free_and_which_contacts_it_would_miss() {
    let folder = town();
    let run = diff(&folder, &[]);
    run.exits(0).prints(&[
        "What would change: test-town v1 to test-town v2",
        "venue-contact (yellow, in the old policy only)",
        "missed: restricted by the old policy only",
        "330106",
        "* stands for",
    ]);
    let freed = run
        .out
        .lines()
        .find(|line| line.trim_start().starts_with("newly freed"))
        .unwrap();
    assert!(freed.contains("40") && freed.contains("39.6 %"), "{freed}");
}

#[test]
fn diff_speaks_json_in_which_what_is_hidden_is_null() {
    let run = diff(&town(), &["--json"]);
    run.exits(0);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        (&json["people"], &json["newly_freed"]),
        (&101.into(), &40.into())
    );
    assert_eq!(json["contacts"]["missed"], 40);
    // The index case alone is red by a test.
    let mut rules = json["rules"].as_array().unwrap().iter();
    let positive = rules.find(|rule| rule["rule"] == "positive-test").unwrap();
    assert!(positive["restricted_old"].is_null(), "{positive}");
}

#[test]
fn diff_tells_its_moment_in_the_zone_of_the_policy_unless_utc_is_asked_for() {
    let folder = town();
    let at = |more: &[&str]| {
        let run = diff(&folder, &[more, &["--json"]].concat());
        run.exits(0);
        let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        json["at"].as_str().unwrap().to_owned()
    };
    let (local, utc) = (at(&[]), at(&["--utc"]));
    assert!(
        local.ends_with("+08:00") && utc.ends_with("+00:00"),
        "{local} {utc}"
    );
    let timestamp = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    assert_eq!(timestamp(&local), timestamp(&utc));
}

#[test]
fn diff_writes_a_page_to_print() {
    let folder = town();
    diff(&folder, &["-o", "report.html"])
        .exits(0)
        .says(&["report.html"]);
    let page = std::fs::read_to_string(folder.path("report.html")).unwrap();
    for part in [
        "<!DOCTYPE html>",
        "newly freed</th><td>40</td>",
        "@page { size: A4",
        "</html>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script"));
}

#[test]
fn diff_refuses_what_it_cannot_compare() {
    let folder = town();
    folder.write(
        "bad.toml",
        &POLICY.replace("gives = \"red\"", "gives = \"purple\""),
    );
    let run = |arguments: &[&str]| folder.run(&[&["policy", "diff"], arguments].concat());
    run(&["old.toml", "new.toml", "--data", "city"])
        .exits(2)
        .says(&["--at"]);
    run(&["old.toml", "--data", "city", "--at", AT])
        .exits(2)
        .says(&["NEW"]);
    run(&["old.toml", "gone.toml", "--data", "city", "--at", AT])
        .exits(2)
        .says(&["gone.toml"]);
    run(&["old.toml", "bad.toml", "--data", "city", "--at", AT])
        .exits(1)
        .says(&["bad.toml", "purple"]);
    run(&["old.toml", "new.toml", "--data", "nowhere", "--at", AT])
        .exits(2)
        .says(&["nowhere"]);
    run(&["old.toml", "new.toml", "--data", "city", "--at", "noon"])
        .exits(2)
        .says(&["noon"]);
    run(&[
        "old.toml",
        "new.toml",
        "--data",
        "city",
        "--at",
        "1950-01-01T00:00:00Z",
    ])
    .exits(2)
    .says(&["--at", "1970"]);
    diff(&folder, &["-o", "report.pdf"])
        .exits(2)
        .says(&["report.pdf", ".html"]);
    diff(&folder, &["-o", "no/such/report.html"])
        .exits(1)
        .says(&["report.html"]);
}

#[test]
fn a_bad_row_is_refused_alone_and_the_exit_status_says_so() {
    let folder = town();
    folder.write("city/people.csv", "person,region\np1,330106\np2,nowhere\n");
    let run = diff(&folder, &[]);
    run.exits(1)
        .says(&["people.csv", "1 of 2 rows refused"])
        .prints(&["newly freed"]);
}

#[test]
fn score_sets_policies_side_by_side() {
    let folder = town();
    let run = score(&folder, &["--json", "-o", "score.html"]);
    run.exits(0);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        (&json["infected"], &json["exposed"]),
        (&20.into(), &40.into())
    );
    // The contacts are known on the 19th at 9, so that the midnight of the 20th restricts them; who
    // was infected on the 18th at 10:30 is infectious on the 21st.
    for (policy, reached, missed) in [(0, 40, 0), (1, 30, 10)] {
        let policy = &json["policies"][policy];
        assert_eq!(policy["infected"]["in_time"], 20, "{policy}");
        assert_eq!(policy["exposed"]["in_time"], reached, "{policy}");
        assert_eq!(policy["exposed"]["missed"], missed, "{policy}");
        assert_eq!(policy["lead_days"]["median"], 1.4, "{policy}");
    }
    let page = std::fs::read_to_string(folder.path("score.html")).unwrap();
    assert!(
        page.contains("<th scope=\"col\">test-town v2</th>"),
        "{page}"
    );
    score(&folder, &[])
        .exits(0)
        .prints(&["Of the infected", "test-town v1", "median"]);
}

#[test]
fn score_refuses_what_it_cannot_replay() {
    let folder = town();
    score(&folder, &["--latent", "three"])
        .exits(2)
        .says(&["--latent", "3d"]);
    score(&folder, &["--horizon", "2d"])
        .exits(2)
        .says(&["--horizon"]);
    score(&folder, &["--hour", "24"]).exits(2).says(&["--hour"]);
    score(&folder, &["--from", "2020-03-24T00:00:00+08:00"])
        .exits(2)
        .says(&["--until"]);
    score(&folder, &["-o", "score.csv"])
        .exits(2)
        .says(&["score.csv", ".html"]);
    folder.write("truth.csv", "person,infected_at,exposed_at\np1,,\n");
    let ask = [
        "policy",
        "score",
        "old.toml",
        "--data",
        "city",
        "--truth",
        "truth.csv",
    ];
    folder.run(&ask).exits(2).says(&["truth.csv", "--from"]);
    folder.write("truth.csv", "someone,infected_at\np1,\n");
    folder.run(&ask).exits(1).says(&["truth.csv", "person"]);
    let gone = [
        "policy", "score", "old.toml", "--data", "city", "--truth", "gone.csv",
    ];
    folder.run(&gone).exits(2).says(&["gone.csv"]);
    folder
        .run(&["policy", "score", "--data", "city", "--truth", "truth.csv"])
        .exits(2)
        .says(&["POLICY"]);
}

#[test]
fn score_says_when_the_truth_names_people_whom_nothing_else_names() {
    let folder = town();
    folder.write(
        "truth.csv",
        "person,infected_at,exposed_at\nghost,2020-02-18T10:30:00+08:00,\n",
    );
    score(&folder, &[])
        .exits(0)
        .says(&["1 row", "never restricted"]);
}
