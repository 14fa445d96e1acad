use std::{fs, os::unix::fs::PermissionsExt};

use super::*;

const NOW: Timestamp = Timestamp(1_000);

fn record(id: &str, subject: &str, ends: u64) -> TokenRecord {
    TokenRecord {
        id: id.to_owned(),
        issuer: "https://issuer.example".to_owned(),
        subject: subject.to_owned(),
        user: format!("{subject}@example.com"),
        name: "training".to_owned(),
        created: NOW.0,
        ends,
    }
}

fn ids(records: &[TokenRecord]) -> Vec<&str> {
    records.iter().map(|record| record.id.as_str()).collect()
}

const ANNA: Option<(&str, &str)> = Some(("https://issuer.example", "anna"));

#[tokio::test]
async fn a_token_is_good_while_the_list_of_any_gateway_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.jsonl");
    let [one, other] = [(); 2].map(|()| TokenRegistry::open(&path).unwrap());

    assert_eq!(other.check("a1").await, Err(Reason::Unknown));
    one.add(record("a1", "anna", 2_000), NOW).await.unwrap();
    one.add(record("b1", "bert", 2_000), NOW).await.unwrap();
    assert_eq!(other.check("a1").await, Ok(()));
    assert_eq!(ids(&other.valid(ANNA, NOW).await.unwrap()), ["a1"]);
    assert_eq!(ids(&other.valid(None, NOW).await.unwrap()), ["b1", "a1"]);
    assert!(
        other
            .valid(None, Timestamp(2_000))
            .await
            .unwrap()
            .is_empty()
    );

    // Another's is none of hers.
    let refused = other.revoke("b1", ANNA, "anna", NOW).await;
    assert_eq!(refused, Err(NotListed::Unknown));
    let revoked = other.revoke("a1", ANNA, "anna", NOW).await.unwrap();
    assert_eq!(revoked.id, "a1");
    assert_eq!(other.check("a1").await, Err(Reason::Revoked));
    one.refresh(Duration::ZERO).await.unwrap();
    assert_eq!(one.check("a1").await, Err(Reason::Revoked));
    assert_eq!(one.check("b1").await, Ok(()));
    let again = one.revoke("a1", None, "admin", NOW).await;
    assert_eq!(again, Err(NotListed::Unknown));
}

#[tokio::test]
async fn without_the_file_no_token_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.jsonl");
    let list = TokenRegistry::open(&path).unwrap();
    list.add(record("a1", "anna", 2_000), NOW).await.unwrap();
    let good = fs::read(&path).unwrap();

    let broken: [&dyn Fn(); 3] = [
        &|| fs::remove_file(&path).unwrap(),
        &|| fs::write(&path, "{\"issued\":\n").unwrap(),
        &|| fs::write(&path, [&good[..], b"else\n"].concat()).unwrap(),
    ];
    for breaks in broken {
        breaks();
        assert_eq!(
            list.refresh(Duration::ZERO).await,
            Err(NotListed::Unavailable)
        );
        assert_eq!(list.check("a2").await, Err(Reason::Unverifiable));
        fs::write(&path, &good).unwrap();
        list.refresh(Duration::ZERO).await.unwrap();
        assert_eq!(list.check("a1").await, Ok(()));
    }
    // A list that was lost begins anew, without the tokens of before.
    fs::remove_file(&path).unwrap();
    let anew = TokenRegistry::open(&path).unwrap();
    assert_eq!(anew.check("a1").await, Err(Reason::Unknown));
}

#[tokio::test]
async fn a_line_that_was_torn_is_as_if_never_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.jsonl");
    let list = TokenRegistry::open(&path).unwrap();
    list.add(record("a1", "anna", 2_000), NOW).await.unwrap();
    let torn = [&fs::read(&path).unwrap()[..], b"{\"issued\":{\"id\":\"a2\""].concat();
    fs::write(&path, torn).unwrap();

    list.add(record("a3", "anna", 2_000), NOW).await.unwrap();

    let found = list.valid(None, NOW).await.unwrap();
    assert_eq!(ids(&found), ["a3", "a1"]);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
}

#[tokio::test]
async fn a_user_has_no_more_than_there_may_be_and_what_has_ended_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.jsonl");
    let list = TokenRegistry::open(&path).unwrap();
    let issued = |number: usize| record(&format!("{number:016x}"), "anna", 2_000);
    for number in 0..MOST_PER_USER {
        list.add(issued(number), NOW).await.unwrap();
    }
    let one_more = list.add(record("more", "anna", 2_000), NOW).await;
    assert_eq!(one_more, Err(NotListed::TooMany));
    list.add(record("other", "bert", 2_000), NOW).await.unwrap();

    // As after some weeks.
    let line = fs::read_to_string(&path).unwrap();
    fs::write(&path, line.repeat(20)).unwrap();
    let later = Timestamp(3_000);
    list.add(record("new", "anna", 4_000), later).await.unwrap();
    let kept = fs::read_to_string(&path).unwrap();
    assert_eq!(kept.lines().count(), 1, "{kept}");
    assert_eq!(list.check("new").await, Ok(()));
}

/// Or one user could fill the list in an hour, and end the tokens of all.
#[tokio::test]
async fn tokens_that_are_made_and_revoked_do_not_make_the_list_longer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.jsonl");
    let list = TokenRegistry::open(&path).unwrap();
    list.add(record("kept", "bert", 2_000), NOW).await.unwrap();
    list.add(record("a1", "anna", 2_000), NOW).await.unwrap();
    list.revoke("a1", ANNA, "anna", NOW).await.unwrap();
    let pair = fs::read_to_string(&path).unwrap();
    let pair = pair.split_once('\n').unwrap().1;
    let before = fs::read_to_string(&path).unwrap() + &pair.repeat(2_000);
    fs::write(&path, before).unwrap();

    list.add(record("a2", "anna", 2_000), NOW).await.unwrap();

    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
    assert_eq!(list.check("kept").await, Ok(()));
    assert_eq!(list.check("a2").await, Ok(()));
    assert_eq!(list.check("a1").await, Err(Reason::Unknown));
}

#[tokio::test]
async fn a_lock_that_is_never_let_go_fails_and_holds_no_thread() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.jsonl");
    let list = TokenRegistry::open(&path).unwrap();
    let lock = fs::File::open(folder.path().join("tokens.jsonl.lock")).unwrap();
    lock.lock().unwrap();
    let began = Instant::now();
    let added = list.add(record("a1", "anna", 2_000), NOW).await;
    assert_eq!(added, Err(NotListed::Unavailable));
    // The attempt ended by itself, before its caller gave it up.
    assert!(began.elapsed() < PATIENCE);
    lock.unlock().unwrap();
    list.add(record("a1", "anna", 2_000), NOW).await.unwrap();
    assert_eq!(list.check("a1").await, Ok(()));
}

/// As where the folder of another machine does not answer.
#[tokio::test(start_paused = true)]
async fn who_waits_for_a_reader_that_hangs_is_told_so_and_starts_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let list = TokenRegistry::open(&folder.path().join("tokens.jsonl")).unwrap();
    let hangs = list.0.reading.clone().lock_owned().await;
    let checks = [list.check("a1"), list.check("a2")];
    let told = futures_util::future::join_all(checks).await;
    assert_eq!(told, [Err(Reason::Unverifiable), Err(Reason::Unverifiable)]);
    drop(hangs);
    assert_eq!(list.check("a1").await, Err(Reason::Unknown));
}

#[tokio::test]
async fn a_failure_is_of_all_who_waited_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.jsonl");
    let list = TokenRegistry::open(&path).unwrap();
    let asked_at = Instant::now();
    fs::remove_file(&path).unwrap();
    let refused = list.refresh(Duration::ZERO).await;
    assert_eq!(refused, Err(NotListed::Unavailable));
    assert!(list.has_failed_since(asked_at));
    assert!(!list.has_failed_since(Instant::now()));
}

#[test]
fn a_list_that_others_may_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.jsonl");
    drop(TokenRegistry::open(&path).unwrap());
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).unwrap();
    let refused = TokenRegistry::open(&path).unwrap_err().to_string();
    assert!(refused.contains("`chmod 600`"), "{refused}");
    assert!(TokenRegistry::existing(&folder.path().join("none")).is_err());
    assert!(!folder.path().join("none").exists());
}

/// A file of root's could not be read by the gateway's user.
#[tokio::test]
async fn a_command_revokes_and_leaves_the_file_the_same() {
    use std::os::unix::fs::MetadataExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.jsonl");
    let list = TokenRegistry::open(&path).unwrap();
    list.add(record("a1", "anna", 2_000), NOW).await.unwrap();
    let before = fs::metadata(&path).unwrap().ino();

    let command = TokenRegistry::existing(&path).unwrap();
    assert_eq!(ids(&command.list_blocking(NOW).unwrap()), ["a1"]);
    assert!(command.revoke_blocking("none", NOW).unwrap().is_none());
    let revoked = command.revoke_blocking("a1", NOW).unwrap().unwrap();
    assert_eq!(revoked.id, "a1");
    assert!(command.list_blocking(NOW).unwrap().is_empty());

    assert_eq!(fs::metadata(&path).unwrap().ino(), before);
    list.refresh(Duration::ZERO).await.unwrap();
    assert_eq!(list.check("a1").await, Err(Reason::Revoked));
}
