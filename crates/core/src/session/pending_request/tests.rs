use super::*;
use crate::{
    config::Upstream,
    oauth::failure::{Failure, Phase, TokenError},
    session::{Epoch, Event},
    testing,
};

const NOW: u64 = 1_000;

#[test]
fn a_fresh_bearer_goes_and_a_stale_one_is_renewed_first() {
    let session = signed_in("token");

    assert_eq!(admit(&session, &mut script(), NOW), go("token"));
    assert_eq!(admit(&session, &mut script(), NOW + 59), go("token"));
    assert_eq!(admit(&session, &mut script(), NOW + 60), Admission::Renew);
    // The clock was set back by a day.
    assert_eq!(admit(&session, &mut script(), 0), Admission::Renew);
}

#[test]
fn a_request_waits_for_the_next_attempt_but_not_for_ever() {
    let session = failed(signed_in("token"), NOW + 60, TokenError::Unreachable);
    let mut request = graphql(Requester::Script, NOW + 60);

    assert_eq!(admit(&session, &mut request, NOW + 60), Admission::Wait(1));
    assert_eq!(admit(&session, &mut request, NOW + 61), Admission::Renew);
    let session = failed(session, NOW + 85, TokenError::Unreachable);
    assert_eq!(
        admit(&session, &mut request, NOW + 85),
        Admission::Refuse(Problem::NOT_RENEWED)
    );
}

#[test]
fn a_response_tells_whether_its_bearer_was_accepted() {
    let api = Dispatch::Api("https://api.example/".to_owned());
    let table = [
        (
            200,
            Dispatch::Here,
            Responded::Accepted,
            Responded::Accepted,
        ),
        (
            403,
            Dispatch::Here,
            Responded::Accepted,
            Responded::Accepted,
        ),
        (0, Dispatch::Here, Responded::Accepted, Responded::Accepted),
        (401, Dispatch::Here, Responded::Retry, Responded::Rejected),
        (401, api, Responded::Retry, Responded::Rejected),
        (
            200,
            Dispatch::File,
            Responded::WithoutToken,
            Responded::WithoutToken,
        ),
        (
            401,
            Dispatch::File,
            Responded::WithoutToken,
            Responded::WithoutToken,
        ),
    ];
    for (status, dispatch, first, second) in table {
        let mut request = script();
        for expected in [first, second] {
            let bearer = Secret::new("token");
            let found = request.responded(status, &dispatch, &bearer, Timestamp(NOW));
            assert_eq!(found, expected, "{status} {dispatch:?}");
        }
    }
}

#[test]
fn a_401_is_followed_by_one_renewal_and_one_repetition() {
    let session = signed_in("old");
    let mut request = script();
    assert!(request.try_again(Secret::new("old"), Timestamp(NOW)));
    assert_eq!(admit(&session, &mut request, NOW), Admission::Renew);

    let session = renewed(session, "old", "new");
    assert_eq!(admit(&session, &mut request, NOW), go("new"));
    assert!(!request.try_again(Secret::new("new"), Timestamp(NOW)));
}

#[test]
fn an_upload_that_took_longer_than_any_wait_waits_for_its_renewal_all_the_same() {
    const REFUSED: u64 = NOW + 10 * PATIENCE;
    let session = failed(signed_in("token"), REFUSED, TokenError::Unreachable);
    let mut upload = script();
    assert!(upload.try_again(Secret::new("token"), Timestamp(REFUSED)));

    assert_eq!(admit(&session, &mut upload, REFUSED), Admission::Wait(1));
    assert_eq!(
        admit(&session, &mut upload, REFUSED + PATIENCE - 1),
        Admission::Renew
    );
    let session = failed(session, REFUSED + PATIENCE, TokenError::Unreachable);
    assert_eq!(
        admit(&session, &mut upload, REFUSED + PATIENCE),
        Admission::Refuse(Problem::NOT_RENEWED)
    );
}

#[test]
fn a_renewal_that_brings_the_refused_bearer_again_is_not_repeated() {
    let mut request = script();
    assert!(request.try_again(Secret::new("token"), Timestamp(NOW)));
    assert_eq!(
        admit(&signed_in("token"), &mut request, NOW),
        Admission::Renew
    );

    // One that failed is.
    let session = failed(signed_in("token"), NOW, TokenError::Unreachable);
    assert_eq!(admit(&session, &mut request, NOW), Admission::Wait(1));
    assert_eq!(admit(&session, &mut request, NOW + 1), Admission::Renew);

    let session = renewed(session, "token", "token");
    assert_eq!(admit(&session, &mut request, NOW + 1), Admission::Return);
}

#[test]
fn a_401_to_an_earlier_bearer_is_repeated_with_the_present_one() {
    let mut late = script();
    assert!(late.try_again(Secret::new("old"), Timestamp(NOW)));

    assert_eq!(admit(&signed_in("new"), &mut late, NOW), go("new"));
}

#[test]
fn a_server_that_refuses_new_tokens_is_asked_once_each() {
    let session = signed_in("token");
    let (session, _) = session.on(Event::Rejected(Secret::new("token")), Timestamp(NOW));
    let mut request = script();

    assert_eq!(admit(&session, &mut request, NOW), go("token"));
    assert!(request.try_again(Secret::new("token"), Timestamp(NOW)));
    assert_eq!(admit(&session, &mut request, NOW), Admission::Return);
}

#[test]
fn scripts_wait_for_the_same_user_to_return_and_for_nobody_else() {
    let gone = || Admission::Refuse(Problem::UNAUTHENTICATED);
    let ended = failed(
        signed_in("token"),
        NOW,
        TokenError::Refused("invalid_grant".into()),
    );
    for requester in [Requester::Tab, Requester::Frame] {
        assert_eq!(admit(&ended, &mut graphql(requester, NOW), NOW), gone());
    }
    let (mut one, mut other) = (script(), script());
    assert_eq!(admit(&ended, &mut one, NOW), Admission::Hold(RETURN));
    assert_eq!(admit(&ended, &mut other, NOW + 200), Admission::Hold(40));
    assert_eq!(admit(&ended, &mut script(), NOW + RETURN), gone());

    let back = issue(ended.clone(), testing::grant("again", NOW, 60));
    assert_eq!(admit(&back, &mut one, NOW), go("again"));

    let mut strangers = testing::grant("another", NOW, 60);
    strangers.subject = "t".into();
    assert_eq!(admit(&issue(ended, strangers), &mut other, NOW), gone());
}

#[test]
fn nobody_waits_for_who_signed_out() {
    let (session, _) = signed_in("token").on(Event::SignOut, Timestamp(NOW));

    let gone = Admission::Refuse(Problem::UNAUTHENTICATED);
    assert_eq!(admit(&session, &mut script(), NOW), gone);
    let (session, _) = session.on(Event::Left, Timestamp(NOW));
    assert_eq!(admit(&session, &mut script(), NOW), gone);
}

#[test]
fn a_locked_session_is_waited_for_as_long_as_a_renewal() {
    let request = script();

    assert_eq!(request.locked(Timestamp(NOW)), Admission::Wait(1));
    assert_eq!(
        request.locked(Timestamp(NOW + PATIENCE)),
        Admission::Refuse(Problem::NOT_RENEWED)
    );
}

#[test]
fn a_token_goes_to_servers_that_are_there_and_for_its_user() {
    let named = |name: &str, groups: &[&str]| Upstream {
        name: name.into(),
        base: None,
        groups: groups.iter().map(ToString::to_string).collect(),
    };
    let several = [
        named("dev", &[]),
        named("ours", &["admins", "readers"]),
        named("theirs", &["admins"]),
    ];
    let table: [(&str, &[Upstream], Option<u16>); 9] = [
        ("/mlflow/graphql", &[], None),
        ("/mlflow/@dev/graphql", &[], Some(404)),
        ("/mlflow/@shell/tokens", &[], None),
        ("/mlflow/graphql", &several, Some(404)),
        ("/mlflow/@other/graphql", &several, Some(404)),
        ("/mlflow/@dev/graphql", &several, None),
        ("/mlflow/@ours/graphql", &several, None),
        ("/mlflow/@theirs/graphql", &several, Some(403)),
        ("/mlflow/@shell/tokens", &several, None),
    ];
    let session = signed_in("token");
    for (path, servers, refused) in table {
        let mut request = request_for(path, Requester::Script, NOW);
        let site = Config {
            upstreams: servers.to_vec(),
            ..testing::config()
        };
        let pass = session.admit(&mut request, Some(&site), Timestamp(NOW));
        if let Admission::Refuse(problem) = pass {
            assert_eq!(Some(problem.status()), refused, "{path}");
        } else {
            assert_eq!((pass, None), (go("token"), refused), "{path}");
        }
    }
}

#[test]
fn presigned_urls_are_asked_for_where_a_store_is_listed() {
    let asking = "ajax-api/2.0/mlflow/artifacts/presigned-download-url";
    let named = Config {
        upstreams: vec![Upstream {
            name: "dev".into(),
            base: None,
            groups: Vec::new(),
        }],
        ..testing::config()
    };
    let listing = |mut site: Config| {
        let store = crate::Origin::parse("https://b.s3.amazonaws.com").unwrap();
        site.artifacts.store_origins.push(store);
        site
    };
    let refused = || Admission::Refuse(Problem::STORE_NOT_LISTED);
    let table = [
        (testing::config(), "/mlflow/", refused()),
        (listing(testing::config()), "/mlflow/", go("token")),
        (named.clone(), "/mlflow/@dev/", refused()),
        (listing(named), "/mlflow/@dev/", go("token")),
    ];
    for (site, base, expected) in table {
        let path = [base, asking].concat();
        let mut request = request("POST", &path, Requester::Script, NOW);
        let pass = signed_in("token").admit(&mut request, Some(&site), Timestamp(NOW));
        assert_eq!(pass, expected, "{base}: {:?}", site.artifacts);
    }
    let mut stranger = request(
        "POST",
        &["/mlflow/", asking].concat(),
        Requester::Script,
        NOW,
    );
    let pass = admit(&Session::default(), &mut stranger, NOW);
    assert_eq!(pass, Admission::Refuse(Problem::UNAUTHENTICATED));
}

#[test]
fn a_session_whose_configuration_is_lost_sends_no_token() {
    let pass = signed_in("token").admit(&mut script(), None, Timestamp(NOW));
    assert_eq!(pass, Admission::Refuse(Problem::UNAUTHENTICATED));
}

fn admit(session: &Session, request: &mut PendingRequest, now: u64) -> Admission {
    session.admit(request, Some(&testing::config()), Timestamp(now))
}

fn go(bearer: &str) -> Admission {
    Admission::Go(Dispatch::Here, Secret::new(bearer))
}

fn script() -> PendingRequest {
    graphql(Requester::Script, NOW)
}

fn graphql(requester: Requester, now: u64) -> PendingRequest {
    request_for("/mlflow/graphql", requester, now)
}

fn request_for(path: &str, requester: Requester, now: u64) -> PendingRequest {
    request("GET", path, requester, now)
}

fn request(method: &str, path: &str, requester: Requester, now: u64) -> PendingRequest {
    let own = "https://shell.example";
    let clearance = testing::clearance(own, path, "");
    PendingRequest::new(clearance, method.to_owned(), requester, Timestamp(now))
}

fn signed_in(bearer: &str) -> Session {
    issue(Session::default(), testing::grant(bearer, NOW, 60))
}

fn issue(session: Session, grant: crate::oauth::Grant) -> Session {
    let (session, _) = session.on(Event::Issued(grant, Epoch::default()), Timestamp(NOW));
    session
}

fn renewed(session: Session, before: &str, bearer: &str) -> Session {
    let event = Event::Renewed {
        grant: testing::grant(bearer, NOW, 60),
        before: Secret::new(before),
    };
    session.on(event, Timestamp(NOW)).0
}

fn failed(session: Session, now: u64, error: TokenError) -> Session {
    let event = Event::Failed {
        failure: Failure {
            phase: Phase::Renewal,
            error,
        },
        before: Secret::new("token"),
        jitter: 0,
    };
    session.on(event, Timestamp(now)).0
}

#[test]
fn a_request_knows_the_server_that_it_is_for() {
    for (path, server) in [
        ("/mlflow/ajax-api/2.0/mlflow/runs/get", None),
        ("/mlflow/@dev/ajax-api/2.0/mlflow/runs/get", Some("dev")),
    ] {
        let pending = request("GET", path, Requester::Script, NOW);
        assert_eq!(pending.server(), server, "{path}");
    }
}
