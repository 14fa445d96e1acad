use super::*;

#[test]
fn only_servers_that_are_there_are_found() {
    let several = [upstream("dev", &[]), upstream("central", &["admins"])];
    let found = [
        (server(&[], None), None),
        (server(&several, Some("dev")), Some(&several[0])),
        (server(&several, Some("central")), Some(&several[1])),
    ];
    for (found, expected) in found {
        assert_eq!(found, Ok(expected));
    }
    let missing = [
        (
            server(&[], Some("dev")),
            "This site has one MLflow server, which has no name: leave out @dev.",
        ),
        (
            server(&several, Some("de")),
            "This site has no MLflow server of this name: @dev, @central.",
        ),
        (
            server(&several, None),
            "This site has several MLflow servers, and an address must name one: \
             @dev, @central.",
        ),
    ];
    for (missing, words) in missing {
        assert_eq!(missing, Err(Problem::not_here(words.into())));
    }
}

#[test]
fn a_server_with_groups_is_for_their_members_among_the_admitted() {
    let open = upstream("dev", &[]);
    let closed = upstream("central", &["admins", "team-x"]);
    let table: [(Option<&Upstream>, &[&str], bool); 8] = [
        (None, &["readers"], true),
        (None, &["team-x"], false),
        (Some(&open), &["readers"], true),
        (Some(&open), &[], false),
        (Some(&closed), &["readers"], false),
        (Some(&closed), &["admins"], true),
        (Some(&closed), &["readers", "team-x"], true),
        (Some(&closed), &["team-x"], false),
    ];
    for (server, groups, admitted) in table {
        let request = read_request("GET /");
        let verdict = Policy::built_in().permit(server, &claims(groups), &request);
        let name = server.map(|server| server.name.as_str());
        match verdict {
            Ok(permit) => assert_eq!((true, permit.server()), (admitted, name)),
            Err(_) => assert!(!admitted, "{name:?} {groups:?}"),
        }
    }
}

#[test]
fn who_is_kept_from_a_server_is_told_whose_it_is() {
    let closed = upstream("central", &["admins", "team-x"]);
    let request = read_request("GET /");

    let verdict = Policy::built_in().permit(Some(&closed), &claims(&["readers"]), &request);

    let cause = verdict.unwrap_err();
    assert_eq!(cause.status(), 403);
    assert_eq!(
        cause.message(),
        "a@example.com may not use the MLflow server `central`, which is for members of \
         these groups: admins, team-x. Ask an administrator to add you to one, then sign in \
         again."
    );
}

fn upstream(name: &str, groups: &[&str]) -> Upstream {
    Upstream {
        name: name.into(),
        base: None,
        groups: groups.iter().map(ToString::to_string).collect(),
    }
}
