use super::*;

#[test]
fn every_spelling_of_a_path_has_one_place() {
    use Place::{Shell, StaticFile, Upstream};
    let table = [
        ("/", Shell),
        ("/callback", Shell),
        ("/sw.js", Shell),
        ("/mlflowx/ajax-api", Shell),
        ("/%6dlflow/", Shell),
        ("/mlflow%2Fajax-api", Shell),
        ("//mlflow/", Shell),
        ("/MLFLOW/", Shell),
        ("/mlflow", Upstream("/")),
        ("/mlflow/", Upstream("/")),
        (
            "/mlflow/ajax-api/2.0/mlflow/runs/search",
            Upstream("/ajax-api/2.0/mlflow/runs/search"),
        ),
        (
            "/mlflow/static-files/static/js/main.1a2b.js",
            StaticFile("/static-files/static/js/main.1a2b.js"),
        ),
        (
            "/mlflow/static-files/a%20b.png",
            StaticFile("/static-files/a%20b.png"),
        ),
        ("/mlflow/static-files", Upstream("/static-files")),
        ("/mlflow/static-files/", Upstream("/static-files/")),
        ("/mlflow/static-filesx/a", Upstream("/static-filesx/a")),
        (
            "/mlflow/static-files/../graphql",
            Upstream("/static-files/../graphql"),
        ),
        (
            "/mlflow/static-files/%2e%2e/graphql",
            Upstream("/static-files/%2e%2e/graphql"),
        ),
        (
            "/mlflow/static-files/..%2fgraphql",
            Upstream("/static-files/..%2fgraphql"),
        ),
        (
            "/mlflow/static-files/..%5cgraphql",
            Upstream("/static-files/..%5cgraphql"),
        ),
        (
            "/mlflow/static-files//graphql",
            Upstream("/static-files//graphql"),
        ),
        ("/mlflow/static-files/%zz", Upstream("/static-files/%zz")),
        (
            "/mlflow/static-files/a%00b",
            Upstream("/static-files/a%00b"),
        ),
    ];
    for (path, expected) in table {
        assert_eq!(place(path), expected, "{path}");
    }
}

#[test]
fn tokens_go_to_our_upstream_and_nowhere_else() {
    let own = "https://shell.example";
    let table = [
        ("https://shell.example", "/mlflow/graphql", "", true),
        (
            "https://shell.example",
            "/mlflow/get-artifact",
            "?path=a",
            true,
        ),
        (
            "https://shell.example",
            "/mlflow/static-files/main.js",
            "",
            false,
        ),
        ("https://shell.example", "/config.json", "", false),
        (
            "https://shell.example.evil.test",
            "/mlflow/graphql",
            "",
            false,
        ),
        ("https://shell.example:8443", "/mlflow/graphql", "", false),
        ("http://shell.example", "/mlflow/graphql", "", false),
        ("null", "/mlflow/graphql", "", false),
        (
            "https://shell.example",
            "/mlflow/x",
            "?X-Amz-Signature=1",
            false,
        ),
        (
            "https://shell.example",
            "/mlflow/x",
            "?a=b&x-amz-algorithm=AWS4",
            false,
        ),
        (
            "https://shell.example",
            "/mlflow/x",
            "?X%2DAmz-Signature=1",
            false,
        ),
    ];
    for (origin, path, query, cleared) in table {
        let verdict = judge(own, origin, path, query);
        assert_eq!(verdict.is_some(), cleared, "{origin}{path}{query}");
    }
}
