//! What a confined gateway needs of the world: MLflow and a provider, and what
//! is asked of it.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
};

use axum::{Router, http::header, routing::get};
use serde_json::json;
use shell_core::Origin;
use shell_idp::{Clock, Keys, Provider, Settings};
use shell_tests::{
    client, environment,
    server::{Server, free_port},
    wait,
};
use tempfile::TempDir;

/// Nobody in particular: the image's user.
pub(crate) const NOBODY: u32 = 65532;

/// The world around a gateway, gone when dropped.
pub(crate) struct Outside {
    /// Where the gateway is to listen.
    pub(crate) listen: String,
    /// Where people open it: by number, because the jail has no list of names.
    pub(crate) origin: String,
    /// Where MLflow is.
    pub(crate) upstream: String,
    folder: TempDir,
    _servers: [Server; 2],
}

impl Outside {
    pub(crate) async fn new() -> Self {
        let login = Server::bind().await.expect("a free port");
        let listen = format!("127.0.0.1:{}", free_port().expect("a free port"));
        let origin = format!("http://{listen}");
        let provider = provider(&login.foreign_origin(), &origin);
        login.serve(provider.router());
        let upstream = Server::start(mlflow()).await.expect("a free port");

        let folder = tempfile::tempdir().expect("there is room");
        let config = json!({
            "origin": origin,
            "provider": {
                "domain": login.foreign_origin(),
                "issuer": provider.issuer(),
                "client_id": provider.settings().client_id,
            },
        });
        let file = folder.path().join("config.json");
        fs::write(&file, config.to_string()).expect("there is room");
        // As an administrator would leave it: nobody but root may write it.
        for path in [folder.path(), file.as_path()] {
            fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("it is ours");
        }
        Self {
            upstream: upstream.foreign_origin(),
            listen,
            origin,
            folder,
            _servers: [login, upstream],
        }
    }

    /// The folder with `config.json`, and what else is put there.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits until the gateway answers, and looks at what it serves.
    pub(crate) async fn expect_the_built_site(&self) {
        let page = wait::until("a page", async || {
            let answer = client::get(&self.origin, &[]).await?;
            Ok(Some(answer))
        });
        let page = page.await.expect("the gateway starts");
        let built = fs::read(environment::site().join("index.html")).expect("a built site");
        assert_eq!(page.status, 200);
        assert_eq!(page.body, built);
    }
}

/// The static program.
pub(crate) fn program() -> PathBuf {
    environment::program("SHELL_TEST_PROGRAM", "the static program")
        .expect("`cargo xtask test package` builds it")
}

/// Whether what is started here would be root.
pub(crate) fn is_root() -> bool {
    let folder = tempfile::tempdir().expect("there is room");
    chown(folder.path(), Some(NOBODY), None).is_ok()
}

fn provider(base: &str, shell: &str) -> Provider {
    let origin = |text| Origin::parse(text).expect("an origin");
    let keys = Keys::generate().expect("keys can be made");
    let settings = Settings::new(origin(base), &origin(shell));
    Provider::new(settings, keys, Clock::system()).expect("it is on this machine")
}

fn mlflow() -> Router {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Router::new()
        .route("/version", get(async || "3.18.0"))
        .fallback(async move || (kind, r#"{"experiments": []}"#))
}
