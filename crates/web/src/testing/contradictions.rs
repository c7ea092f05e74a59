//! Somebody whose declaration a hotel contradicts.

use domain::{Level, RegionLevel};
use serde_json::json;
use service::Publisher;

use super::offices::operator;
use super::{City, Person};

impl City {
    /// Somebody who said to have been at home, and whom a hotel saw in another city; with what is found.
    pub(crate) async fn contradicted_resident(&self, name: &str) -> (Person, String) {
        let levels = [RegionLevel {
            region: "4201".parse().unwrap(),
            level: Level::Medium,
            from: "2020-01-01T00:00:00Z".parse().unwrap(),
            until: None,
        }];
        let publisher = Publisher::from(&operator());
        let published = self.service.publishing.publish_levels(&publisher, &levels);
        published.await.unwrap();
        let person = self.resident(name).await;
        let home = json!({
            "region": "330106", "arrived": "2020-01-20T00:00:00Z", "mode": "resident",
        });
        let body = json!({ "declaration": { "contact": "none" }, "stays": [home] });
        let declared = self.declare(&person, &body).await;
        assert_eq!(declared.json["status"], "green", "{declared:?}");
        let night = json!({
            "kind": "stay", "region": "420102", "mode": "stay", "source": "hotel",
            "arrived": "2020-02-10T12:00:00Z", "left": "2020-02-11T01:00:00Z",
        });
        let sent = json!({ "person": person.person, "fact": night });
        self.submit(&self.health, &sent).await;
        let contradictions = &self.service.contradictions;
        while contradictions.find_next().await.unwrap() {}
        let own = self.get("/api/v1/me/contradictions").token(&person.token);
        let id = own.await.json[0]["id"].as_str().unwrap().to_owned();
        (person, id)
    }
}
