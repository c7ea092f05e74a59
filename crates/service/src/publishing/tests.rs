//! Publishing, without a service around it.

use std::sync::Arc;

use domain::PersonId;

use super::{Proposals, Reevaluation};
use crate::ServiceError;
use crate::access::{Operator, Publisher};
use crate::mirror::MirrorKeeper;
use crate::testing::{Fixture, POLICY};

#[tokio::test]
async fn nobody_publishes_alone_once_somebody_is_known() {
    let fixture = Fixture::new().await;
    let policies = fixture.no_policies();
    let verdicts = fixture.verdicts(&policies);
    let mirror = Arc::new(MirrorKeeper::new(fixture.clock()));
    let reevaluation = Reevaluation::new(
        Arc::clone(&fixture.store),
        fixture.clock(),
        Arc::clone(&fixture.settings),
        Arc::clone(&policies),
        Arc::clone(&verdicts),
        fixture.revocations(),
        Arc::clone(&mirror),
    );
    let proposals = Proposals::new(
        Arc::clone(&fixture.store),
        fixture.clock(),
        fixture.ids(),
        Arc::clone(&fixture.settings),
        Arc::clone(&policies),
        Arc::new(reevaluation),
        mirror,
        Arc::clone(&fixture.wake),
    );
    let publisher = Publisher::from(&Operator::at_the_command_line("the operator"));
    let published = proposals.publish_policy(&publisher, POLICY).await.unwrap();
    assert_eq!(
        policies.policy().unwrap().reference(),
        published.reference()
    );
    let person = PersonId::generate(&*fixture.ids);
    verdicts.decide_again(&[person]).await.unwrap();
    let later = POLICY.replacen("version = 3", "version = 4", 1);
    let refused = proposals.publish_policy(&publisher, &later).await;
    assert!(
        matches!(refused, Err(ServiceError::NeedsTwoPersons)),
        "{refused:?}"
    );
}
