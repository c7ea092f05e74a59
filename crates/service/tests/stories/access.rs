//! Who may do what.

use domain::{AuthorityId, AuthorityKind};
use service::{SELF_AUTHORITY, ServiceError, TRACER_AUTHORITY, Token};

use crate::city::City;

crate::stories! {
    an_authority_gets_a_token_once_and_a_new_one_replaces_it
    an_unknown_token_is_nobodys
    a_residents_token_is_no_authoritys_and_the_other_way_round
    authorities_have_one_name_each_and_built_in_ones_are_not_added
    the_operator_acts_for_an_authority_by_its_name
}

async fn an_authority_gets_a_token_once_and_a_new_one_replaces_it(city: City) {
    let kind = AuthorityKind::Transport;
    let (railway, old) = city
        .service
        .access
        .add_authority(&city.operator, kind, "Railway")
        .await
        .unwrap();
    assert_eq!(
        city.service
            .access
            .official(&old)
            .await
            .unwrap()
            .authority(),
        &railway
    );
    let new = city
        .service
        .access
        .rotate_token(&city.operator, railway.id)
        .await
        .unwrap();
    assert_ne!(new, old);
    let refused = city.service.access.official(&old).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::NotAuthenticated),
        "{refused}"
    );
    assert_eq!(
        city.service
            .access
            .official(&new)
            .await
            .unwrap()
            .authority(),
        &railway
    );
}

async fn an_unknown_token_is_nobodys(city: City) {
    let token = Token::generate(&*city.ids);
    let refused = [
        city.service
            .access
            .resident(&token)
            .await
            .map(drop)
            .unwrap_err(),
        city.service
            .access
            .official(&token)
            .await
            .map(drop)
            .unwrap_err(),
    ];
    for refused in refused {
        assert!(
            matches!(refused, ServiceError::NotAuthenticated),
            "{refused}"
        );
        assert!(!refused.to_string().contains(&token.expose()));
    }
}

async fn a_residents_token_is_no_authoritys_and_the_other_way_round(city: City) {
    let li = city.resident("Li").await;
    assert!(city.service.access.official(&li.token).await.is_err());
    let kind = AuthorityKind::Transport;
    let (_, token) = city
        .service
        .access
        .add_authority(&city.operator, kind, "Railway")
        .await
        .unwrap();
    assert!(city.service.access.resident(&token).await.is_err());
}

async fn authorities_have_one_name_each_and_built_in_ones_are_not_added(city: City) {
    let add = async |kind, name: &str| match city
        .service
        .access
        .add_authority(&city.operator, kind, name)
        .await
    {
        Err(ServiceError::BadField { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        add(AuthorityKind::Health, "City Health Commission").await,
        "name"
    );
    assert_eq!(add(AuthorityKind::Health, " ").await, "name");
    assert_eq!(add(AuthorityKind::Tracer, "Tracer").await, "kind");
    assert_eq!(add(AuthorityKind::Person, "Person").await, "kind");
    for id in [
        SELF_AUTHORITY,
        TRACER_AUTHORITY,
        AuthorityId::from_u128(404),
    ] {
        let refused = city
            .service
            .access
            .rotate_token(&city.operator, id)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, ServiceError::UnknownAuthority),
            "{refused}"
        );
    }
    let names = city.service.access.authorities().await.unwrap();
    assert_eq!(names.len(), 5);
}

async fn the_operator_acts_for_an_authority_by_its_name(city: City) {
    let li = city.resident("Li").await;
    let office = city
        .service
        .access
        .act_for(&city.operator, "North Community Office")
        .await
        .unwrap();
    city.submit(&office, &li, city.contact(1)).await;
    let refused = city
        .service
        .access
        .act_for(&city.operator, "Nobody")
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ServiceError::UnknownAuthority),
        "{refused}"
    );
}
