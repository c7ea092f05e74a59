use super::super::months::{MonthChain, MonthKeeper};
use super::super::seal_head::OF_FIRST_KEY;
use super::*;

struct Counting;

impl IdSource for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        (0..).zip(bytes).for_each(|(count, byte)| *byte = count);
    }
}

fn keys() -> VaultKeys {
    VaultKeys::new([1; 32], [2; 32])
}

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const LI: PersonId = PersonId::from_u128(1);
const WU: PersonId = PersonId::from_u128(2);

fn identity() -> Identity {
    Identity {
        name: Pii::new("Li Hua".into()),
        document: Document::new(DocumentKind::Passport, "E 1234567").unwrap(),
        phones: vec![Pii::new("+86 138-0000 0000".into())],
    }
}

#[test]
fn a_sealed_identity_opens_for_its_person_and_holds_nothing_in_clear() {
    let sealed = keys().seal(LI, &identity(), NOW, &Counting).unwrap();
    assert_eq!(keys().open(LI, &sealed), Ok(identity()));
    assert!(
        !sealed
            .0
            .windows(3)
            .any(|bytes| bytes == b"Hua" || bytes == b"123")
    );
}

#[test]
fn a_sealed_identity_opens_with_no_other_key_and_for_nobody_else() {
    let sealed = keys().seal(LI, &identity(), NOW, &Counting).unwrap();
    let other = VaultKeys::new([3; 32], [2; 32]);
    assert_eq!(other.open(LI, &sealed), Err(VaultError::DoesNotOpen));
    assert_eq!(keys().open(WU, &sealed), Err(VaultError::DoesNotOpen));
    let mut changed = sealed;
    *changed.0.last_mut().unwrap() ^= 1;
    assert_eq!(keys().open(LI, &changed), Err(VaultError::DoesNotOpen));
    assert_eq!(
        keys().open(LI, &SealedIdentity(vec![9])),
        Err(VaultError::UnknownForm)
    );
}

#[test]
fn each_key_opens_what_it_sealed_and_the_newest_seals() {
    let first = keys().seal(LI, &identity(), NOW, &Counting).unwrap();
    let both = keys().with_seal(2, [9; 32]);
    let second = both.seal(LI, &identity(), NOW, &Counting).unwrap();
    assert_eq!(VaultKeys::seal_of(&first), Some(1));
    assert_eq!(VaultKeys::seal_of(&second), Some(2));
    for sealed in [&first, &second] {
        assert_eq!(both.open(LI, sealed), Ok(identity()));
    }
    let absent = |number| Err(VaultError::KeyAbsent { number });
    assert_eq!(keys().open(LI, &second), absent(2));
    assert_eq!(both.without_seal(1).open(LI, &first), absent(1));
}

struct Nowhere;

impl MonthKeeper for Nowhere {
    fn keep(&self, _: &[MonthChain]) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn what_a_month_sealed_opens_until_its_key_is_destroyed() {
    let home = "3301".parse().unwrap();
    let chain = MonthChain::generate(home, NOW, &Counting);
    let months = MonthKeys::new(vec![chain], std::sync::Arc::new(Nowhere));
    let keys = keys().with_months(months.clone(), home);
    let earlier = VaultKeys::new([1; 32], [2; 32]);
    let before = earlier.seal(LI, &identity(), NOW, &Counting).unwrap();
    let january = keys.seal(LI, &identity(), NOW, &Counting).unwrap();
    let march = "1970-03-01T00:00:00Z".parse().unwrap();
    let later = keys.seal(LI, &identity(), march, &Counting).unwrap();
    for sealed in [&before, &january, &later] {
        assert_eq!(keys.open(LI, sealed), Ok(identity()));
    }
    // Neither key alone opens it.
    let month = Month::of(NOW);
    let gone = || Err(VaultError::MonthDestroyed { month });
    assert_eq!(earlier.open(LI, &january), gone());
    let absent = Err(VaultError::KeyAbsent { number: 1 });
    assert_eq!(keys.clone().without_seal(1).open(LI, &january), absent);
    // Nor does another month, or another person.
    let mut moved = january.clone();
    moved.0[3] ^= 1;
    assert_eq!(keys.open(LI, &moved), Err(VaultError::DoesNotOpen));
    assert_eq!(keys.open(WU, &january), Err(VaultError::DoesNotOpen));

    let oldest = Month::of(march);
    assert!(keys.is_fresh(&later, oldest) && !keys.is_fresh(&january, oldest));
    assert!(!keys.is_fresh(&before, oldest));
    months.destroy_before(None, oldest).unwrap();
    assert_eq!(keys.open(LI, &january), gone());
    assert_eq!(keys.open(LI, &later), Ok(identity()));
    months.destroy_all().unwrap();
    assert!(keys.open(LI, &later).is_err());
    assert!(keys.seal(LI, &identity(), march, &Counting).is_err());
}

#[test]
fn what_is_sealed_for_a_purpose_opens_for_no_other() {
    let sealed = keys().seal_bytes(LI, b"said", b"I was not there", (NOW, &Counting));
    let sealed = sealed.unwrap();
    let opened = keys().open_bytes(LI, b"said", &sealed);
    assert_eq!(opened.unwrap(), b"I was not there");
    for (person, purpose) in [(LI, &b"file"[..]), (WU, b"said"), (LI, b"")] {
        let opened = keys().open_bytes(person, purpose, &sealed);
        assert_eq!(opened, Err(VaultError::DoesNotOpen));
    }
    let identity = SealedIdentity(sealed);
    assert_eq!(keys().open(LI, &identity), Err(VaultError::DoesNotOpen));
}

#[test]
fn what_version_0_1_sealed_opens() {
    let mut sealed = keys().seal(LI, &identity(), NOW, &Counting).unwrap();
    sealed.0.splice(..2, [OF_FIRST_KEY]);
    assert_eq!(keys().open(LI, &sealed), Ok(identity()));
}

#[test]
fn a_phone_is_found_however_it_is_written_and_a_document_by_kind_and_number() {
    let home = "3301".parse().unwrap();
    let phone = |text: &str| keys().phone(&Pii::new(text.into()), home);
    for same in ["138 0000 0000", "8613800000000", "0086-138-0000-0000"] {
        assert_eq!(phone("+86 138-0000 0000"), phone(same));
    }
    assert_ne!(phone("8613800000000"), phone("8613800000001"));
    let document = |kind, number| keys().document(&Document::new(kind, number).unwrap());
    assert_eq!(
        document(DocumentKind::Passport, "e 1234567"),
        document(DocumentKind::Passport, "E1234567")
    );
    assert_ne!(
        document(DocumentKind::Passport, "E1234567"),
        document(DocumentKind::Other, "E1234567")
    );
}
