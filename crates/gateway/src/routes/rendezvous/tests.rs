use super::*;

#[test]
fn an_answer_is_taken_once_by_its_state_and_in_time() {
    let begin = Instant::now();
    let last = begin + Duration::from_secs(119);
    let table = [
        ("at once", "a", begin, true),
        ("at the last moment", "a", last, true),
        ("too late", "a", begin + TTL, false),
        ("by another state", "b", begin, false),
    ];
    for (case, state, now, taken) in table {
        let mut store = ReturnStore::default();
        assert_eq!(store.put(&secret("a"), secret("code"), begin), Ok(()));

        let answer = store.take(&secret(state), now);
        assert_eq!(answer, taken.then(|| secret("code")), "{case}");
        if taken {
            assert_eq!(store.take(&secret(state), now), None, "{case}");
        }
    }
}

#[test]
fn a_full_store_takes_more_when_the_old_is_over() {
    let begin = Instant::now();
    let mut store = ReturnStore::default();
    for n in 0..MAX_STORED {
        let state = secret(&n.to_string());
        assert_eq!(store.put(&state, secret("x"), begin), Ok(()));
    }

    let mut put = |now| store.put(&secret("more"), secret("x"), now);
    assert_eq!(put(begin), Err(StoreFull));
    assert_eq!(put(begin + TTL), Ok(()));
    assert_eq!(store.0.len(), 1);
}

#[test]
fn nothing_is_printed_of_what_waits() {
    let mut store = ReturnStore::default();
    let state = secret("the-state");
    assert_eq!(store.put(&state, secret("code=x"), Instant::now()), Ok(()));

    assert_eq!(format!("{store:?}"), "ReturnStore(1)");
}

fn secret(text: &str) -> Secret {
    Secret::new(text)
}
