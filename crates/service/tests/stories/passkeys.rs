//! Staff members with passkeys: a device made of software answers as a real one would.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Role, StaffId};
use jiff::SignedDuration;
use service::{
    Invitation, NewMember, NewPasskey, PasskeyAnswer, PasskeyQuestion, Service, ServiceError, Token,
};

use crate::city::City;

crate::stories! {
    an_invitation_is_taken_up_with_a_passkey_that_signs_in_and_steps_up
    an_answer_counts_once_in_time_and_for_this_site
    another_passkey_opens_nothing
    a_device_that_counts_backwards_is_refused
}

const ORIGIN: &str = "https://code.example";

/// A device.
struct Device {
    key: EcdsaKeyPair,
    account: StaffId,
    counter: u32,
    origin: &'static str,
    flags: u8,
}

impl Device {
    fn new(account: StaffId) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            account,
            counter: 1,
            origin: ORIGIN,
            flags: 0b101,
        }
    }

    fn client_data(&self, kind: &str, question: &PasskeyQuestion) -> Vec<u8> {
        let digits = &question.challenge;
        let bytes = (0..32).map(|at| u8::from_str_radix(&digits[2 * at..][..2], 16).unwrap());
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(bytes.collect::<Vec<u8>>());
        let origin = self.origin;
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"}}"#).into_bytes()
    }

    fn authenticator_data(&self, question: &PasskeyQuestion) -> Vec<u8> {
        let site = digest(&SHA256, question.site.as_bytes());
        let counter = self.counter.to_be_bytes();
        [site.as_ref(), &[self.flags], &counter].concat()
    }

    fn create(&self, question: &PasskeyQuestion) -> NewPasskey {
        let info = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
        let info = (0..26).map(|at| u8::from_str_radix(&info[2 * at..][..2], 16).unwrap());
        let mut public_key: Vec<u8> = info.collect();
        public_key.extend_from_slice(self.key.public_key().as_ref());
        NewPasskey {
            credential: vec![7; 16],
            client_data: self.client_data("webauthn.create", question),
            authenticator_data: self.authenticator_data(question),
            public_key,
        }
    }

    fn answer(&mut self, question: &PasskeyQuestion) -> PasskeyAnswer {
        self.counter += 1;
        let client_data = self.client_data("webauthn.get", question);
        let authenticator_data = self.authenticator_data(question);
        let hash = digest(&SHA256, &client_data);
        let signed = [&authenticator_data, hash.as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        PasskeyAnswer {
            account: self.account,
            credential: vec![7; 16],
            client_data,
            authenticator_data,
            signature: signature.as_ref().to_vec(),
        }
    }
}

/// An installation that is no demonstration, on the city's database.
async fn real(city: &City) -> std::sync::Arc<Service> {
    city.another_node_with(|settings| {
        settings.is_demonstration = false;
        settings.origin = Some(ORIGIN.to_owned());
    })
    .await
}

async fn invited(city: &City) -> Invitation {
    let member = NewMember {
        authority: city.health.authority().id,
        name: "Dr Ou".to_owned(),
        roles: [Role::Approver].into_iter().collect(),
        regions: "".parse().unwrap(),
    };
    let (admin, approver) = (city.administrator().await, city.approver().await);
    let staff = &city.service.staff;
    let (proposed, half) = staff.propose_member(&admin, member).await.unwrap();
    let approved = staff.approve_member(&approver, proposed.id, "seen");
    Invitation::Halves(half, approved.await.unwrap().unwrap())
}

/// Somebody with a device, signed in.
async fn joined(city: &City, node: &Service) -> (Device, Token) {
    let invitation = invited(city).await;
    let question = node.staff.ask_new_passkey(&invitation).await.unwrap();
    let (account, name) = question.account.clone().unwrap();
    assert_eq!((&*name, &*question.site), ("Dr Ou", "code.example"));
    let device = Device::new(account);
    let new = device.create(&question);
    let session = node.staff.register_passkey(&invitation, new).await.unwrap();
    let again = node.staff.ask_new_passkey(&invitation).await;
    assert!(again.is_err(), "an invitation works once");
    (device, session)
}

async fn an_invitation_is_taken_up_with_a_passkey_that_signs_in_and_steps_up(city: City) {
    let node = real(&city).await;
    let (mut device, session) = joined(&city, &node).await;
    let ou = node.access.staff(&session).await.unwrap();
    assert_eq!(ou.member().name, "Dr Ou");
    node.staff.sign_out(&session).await.unwrap();
    let question = node.staff.ask_passkey().await.unwrap();
    let signed_in = node.staff.sign_in_with_passkey(device.answer(&question));
    let session = signed_in.await.unwrap();
    city.pass(SignedDuration::from_mins(6));
    let before = node.access.staff(&session).await.unwrap().stepped_up_at();
    let question = node.staff.ask_passkey().await.unwrap();
    let answer = device.answer(&question);
    node.staff
        .step_up_with_passkey(&session, answer)
        .await
        .unwrap();
    let after = node.access.staff(&session).await.unwrap().stepped_up_at();
    assert_eq!(after - SignedDuration::from_mins(6), before);
}

async fn refused(node: &Service, answer: PasskeyAnswer) {
    let refused = node.staff.sign_in_with_passkey(answer).await.unwrap_err();
    assert!(
        matches!(refused, ServiceError::NotAuthenticated),
        "{refused}"
    );
}

async fn an_answer_counts_once_in_time_and_for_this_site(city: City) {
    let node = real(&city).await;
    let (mut device, _) = joined(&city, &node).await;
    let question = node.staff.ask_passkey().await.unwrap();
    let answer = device.answer(&question);
    node.staff
        .sign_in_with_passkey(answer.clone())
        .await
        .unwrap();
    refused(&node, answer).await;
    let question = node.staff.ask_passkey().await.unwrap();
    city.pass(SignedDuration::from_mins(5));
    refused(&node, device.answer(&question)).await;
    let question = node.staff.ask_passkey().await.unwrap();
    device.origin = "https://code.example.evil";
    refused(&node, device.answer(&question)).await;
    device.origin = ORIGIN;
    let question = node.staff.ask_passkey().await.unwrap();
    let elsewhere = PasskeyQuestion {
        site: "evil.example".to_owned(),
        ..question
    };
    refused(&node, device.answer(&elsewhere)).await;
    device.flags = 0b001;
    let question = node.staff.ask_passkey().await.unwrap();
    refused(&node, device.answer(&question)).await;
    device.flags = 0b101;
    let never_asked = PasskeyQuestion {
        challenge: "5".repeat(64),
        ..node.staff.ask_passkey().await.unwrap()
    };
    refused(&node, device.answer(&never_asked)).await;
}

async fn another_passkey_opens_nothing(city: City) {
    let node = real(&city).await;
    let (mut device, session) = joined(&city, &node).await;
    let question = node.staff.ask_passkey().await.unwrap();
    let mut stranger = Device::new(device.account);
    refused(&node, stranger.answer(&question)).await;
    let question = node.staff.ask_passkey().await.unwrap();
    let mut forged = device.answer(&question);
    forged.account = city.health.id();
    refused(&node, forged.clone()).await;
    let stepped = node.staff.step_up_with_passkey(&session, forged).await;
    assert!(matches!(stepped, Err(ServiceError::NotAuthenticated)));
}

async fn a_device_that_counts_backwards_is_refused(city: City) {
    let node = real(&city).await;
    let (mut device, _) = joined(&city, &node).await;
    device.counter = 40;
    let question = node.staff.ask_passkey().await.unwrap();
    node.staff
        .sign_in_with_passkey(device.answer(&question))
        .await
        .unwrap();
    device.counter = 3;
    let question = node.staff.ask_passkey().await.unwrap();
    refused(&node, device.answer(&question)).await;
}
