//! Texts are kept, and read by others: none holds what cannot be seen, on either database.

use domain::evidence::{Dose, GroupKind, OpenPeriod, Order, TestKind, TestResult};
use domain::{AuthorityKind, Colour, Fact, Pii};
use service::{NewMembership, NewVenue, ServiceError};

use crate::city::{City, hangzhou, hours};

crate::stories! {
    a_text_with_a_nul_in_it_is_refused_with_its_field
}

const NUL: &str = "Lake\0side";

async fn a_text_with_a_nul_in_it_is_refused_with_its_field(city: City) {
    let li = city.resident("Li").await;
    let (ago, now) = (city.ago(2), city.now());
    let sampled = OpenPeriod::new(ago, None).unwrap();
    let (pcr, negative) = (TestKind::Pcr, TestResult::Negative);
    let order = |basis: &str, signer: &str| {
        let signed_by = ["Dr Lin", signer].map(str::to_owned);
        let order = Order::new(
            Colour::Red,
            ago,
            now + hours(1),
            basis.to_owned(),
            signed_by,
        );
        Fact::Order(order.unwrap())
    };
    let health = city.health.submitter();
    for (by, fact, field) in [
        (
            &city.laboratory,
            Fact::test(pcr, negative, sampled, Some(NUL.to_owned())),
            "lab",
        ),
        (
            health,
            Fact::vaccination(NUL.to_owned(), Dose::FIRST, ago),
            "product",
        ),
        (health, order(NUL, "Dr Wu"), "basis"),
        (health, order("Law 1", "Dr\0 Wu"), "signed_by"),
    ] {
        let receipt = city.try_submit(by, li.subject(), fact).await;
        assert_eq!(receipt.refused.len(), 1, "{field}");
        assert_eq!(receipt.refused[0].field, field);
        assert!(receipt.refused[0].reason.contains("cannot be seen"));
    }
    let field_of = |error: ServiceError| match error {
        ServiceError::BadField { field, .. } => field,
        other => panic!("{other}"),
    };
    let venue = NewVenue {
        sign: None,
        id: None,
        name: NUL.to_owned(),
        category: None,
        region: None,
    };
    let refused = city.service.visits.put_venue(&city.health, venue).await;
    assert_eq!(refused.map(drop).map_err(field_of), Err("name"));
    let mut registration = city.registration("Mei", None);
    registration.identity.name = Pii::new(NUL.to_owned());
    let refused = city.service.people.register(registration).await;
    assert_eq!(refused.map(drop).map_err(field_of), Err("name"));
    let (access, kind) = (&city.service.access, AuthorityKind::Laboratory);
    let refused = access
        .add_authority(&city.operator, kind, NUL, hangzhou())
        .await;
    assert_eq!(refused.map(drop).map_err(field_of), Err("name"));
    let membership = NewMembership {
        subject: li.subject(),
        group: NUL.to_owned(),
        kind: GroupKind::Household,
        from: ago,
        until: None,
    };
    let put = city
        .service
        .tracing
        .put_memberships(&city.community, vec![membership]);
    assert_eq!(put.await.unwrap().refused[0].field, "group");
}
