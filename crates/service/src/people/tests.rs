//! Registering, without a service around it.

use std::sync::Arc;

use domain::{Document, DocumentKind, Identity, Pii, RequestKey};

use super::{People, RegistrationRequest};
use crate::ServiceError;
use crate::accounts::SessionKind;
use crate::testing::Fixture;

#[tokio::test]
async fn a_repeated_registration_is_one_and_its_key_registers_nobody_else() {
    let fixture = Fixture::new().await;
    let policies = fixture.policies().await;
    let sessions = fixture.sessions();
    let people = People {
        store: Arc::clone(&fixture.store),
        clock: fixture.clock(),
        ids: fixture.ids(),
        keys: fixture.keys.clone(),
        settings: Arc::clone(&fixture.settings),
        access: fixture.access(&sessions),
        verdicts: fixture.verdicts(&policies),
        policies,
        sessions,
    };
    let key = RequestKey::generate(&*fixture.ids);
    let request = |number| RegistrationRequest {
        request: key,
        identity: Identity {
            name: Pii::new("Li Ming".to_owned()),
            document: Document::new(DocumentKind::Passport, number).unwrap(),
            phones: Vec::new(),
        },
        declaration: None,
        stays: Vec::new(),
        session: SessionKind::Api,
        label: None,
    };
    let first = people.register(request("L0000001")).await.unwrap();
    let again = people.register(request("L0000001")).await.unwrap();
    assert_eq!(again.person, first.person);
    assert_eq!(again.token.expose(), first.token.expose());
    let other = people.register(request("L0000002")).await;
    assert!(matches!(other, Err(ServiceError::RequestKeyReused(_))));
}
