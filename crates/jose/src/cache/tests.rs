use std::sync::LazyLock;

use shell_core::algorithm::Algorithm;

use super::*;
use crate::{SigningKey, VerifyError, jwks};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate("a").unwrap());

/// Something that happened to the cache, at a second.
#[derive(Debug)]
enum Step {
    Loaded(u64, &'static str),
    Failed(u64),
}

#[test]
fn lookups() {
    use Step::{Failed, Loaded};
    const OLD: u64 = MAX_AGE;

    let table: &[(&str, &[Step], &str, u64, &str)] = &[
        ("cold start", &[], "a", 0, "reload"),
        ("first load failed", &[Failed(5)], "a", 14, "unavailable"),
        ("penalty over", &[Failed(5)], "a", 15, "reload"),
        ("known", &[Loaded(5, "a")], "a", 6, "found a"),
        (
            "unknown, just loaded",
            &[Loaded(5, "a")],
            "b",
            14,
            "unknown",
        ),
        (
            "unknown, penalty over",
            &[Loaded(5, "a")],
            "b",
            15,
            "reload",
        ),
        (
            "unknown, reload fruitless",
            &[Loaded(5, "a"), Loaded(15, "a")],
            "b",
            24,
            "unknown",
        ),
        (
            "unknown, reload failed",
            &[Loaded(5, "a"), Failed(15)],
            "b",
            24,
            "unavailable",
        ),
        (
            "known, reload failed",
            &[Loaded(5, "a"), Failed(15)],
            "a",
            24,
            "found a",
        ),
        (
            "key replaced",
            &[Loaded(5, "a"), Loaded(15, "b")],
            "b",
            15,
            "found b",
        ),
        (
            "key withdrawn",
            &[Loaded(5, "a"), Loaded(15, "b")],
            "a",
            16,
            "unknown",
        ),
        ("almost old", &[Loaded(5, "a")], "a", OLD + 4, "found a"),
        ("old", &[Loaded(5, "a")], "a", OLD + 5, "stale a"),
        (
            "old, reload failed",
            &[Loaded(5, "a"), Failed(OLD + 5)],
            "a",
            OLD + 6,
            "found a",
        ),
        (
            "old, failed long ago",
            &[Loaded(5, "a"), Failed(OLD + 5)],
            "a",
            OLD + 15,
            "stale a",
        ),
        (
            "old, renewed",
            &[Loaded(5, "a"), Loaded(OLD + 5, "a")],
            "a",
            OLD + 6,
            "found a",
        ),
    ];
    for (case, steps, kid, second, expected) in table {
        let found = after(steps).lookup(&named(kid), Timestamp(*second));
        assert_eq!(describe(&found), *expected, "{case}");
    }
}

#[test]
fn any_number_of_invented_names_makes_one_reload_per_penalty_period() {
    let mut cache = after(&[Step::Loaded(0, "a")]);
    let mut reloads = 0;

    for second in 0..100 {
        if let Lookup::Reload = cache.lookup(&named(&format!("x{second}")), Timestamp(second)) {
            reloads += 1;
            cache.reloaded(keys("a"), Timestamp(second));
        }
    }

    assert_eq!(reloads, 9);
}

/// A provider that names no keys has replaced one: its tokens name none that is
/// known, and are signed by none.
#[test]
fn a_token_that_names_no_key_and_that_none_signed_makes_one_reload() {
    let hint = KeyHint::new(None, Algorithm::Rs256);
    let mut cache = after(&[Step::Loaded(0, "a")]);
    let Lookup::Found(keys) = cache.lookup(&hint, Timestamp(1)) else {
        panic!("a key that may have signed it is there");
    };
    assert_eq!(VerifyError::Critical.second_lookup(&hint, &keys), None);
    assert_eq!(
        VerifyError::Signature.second_lookup(&named("a"), &keys),
        None
    );
    let again = VerifyError::Signature.second_lookup(&hint, &keys);
    let again = again.expect("another key may have signed it");

    assert_eq!(describe(&cache.lookup(&again, Timestamp(9))), "unknown");
    assert_eq!(describe(&cache.lookup(&again, Timestamp(10))), "reload");
    cache.failed(Timestamp(10));
    assert_eq!(
        describe(&cache.lookup(&again, Timestamp(11))),
        "unavailable"
    );
    cache.reloaded(self::keys("b"), Timestamp(20));
    assert_eq!(describe(&cache.lookup(&again, Timestamp(20))), "found b");
}

fn named(kid: &str) -> KeyHint {
    KeyHint::new(Some(kid.to_owned()), Algorithm::Rs256)
}

fn after(steps: &[Step]) -> KeyCache {
    let mut cache = KeyCache::new();
    for step in steps {
        match *step {
            Step::Loaded(second, kid) => cache.reloaded(keys(kid), Timestamp(second)),
            Step::Failed(second) => cache.failed(Timestamp(second)),
        }
    }
    cache
}

fn keys(kid: &str) -> KeySet {
    KeySet::parse(&jwks([&KEY.renamed(kid)]).to_string()).unwrap()
}

fn describe(lookup: &Lookup) -> String {
    let names = |keys: &KeySet| keys.key_ids().collect::<Vec<_>>().join(" ");
    match lookup {
        Lookup::Found(keys) => format!("found {}", names(keys)),
        Lookup::Stale(keys) => format!("stale {}", names(keys)),
        Lookup::Reload => "reload".into(),
        Lookup::Unknown => "unknown".into(),
        Lookup::Unavailable => "unavailable".into(),
    }
}
