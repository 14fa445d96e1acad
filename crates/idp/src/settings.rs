use sha2::{Digest, Sha256};
use shell_core::{Origin, Secret};
use uuid::Uuid;

/// The password of every user. Not a secret: the login page shows it.
pub const DEVELOPMENT_PASSWORD: &str = "mlflow-dev-only";

/// The app client that [`Settings::new`] registers.
pub const DEVELOPMENT_CLIENT_ID: &str = "mlflow-shell-development";

/// The secret of every machine client. Not a secret: it is printed and public.
pub const DEVELOPMENT_SECRET: &str = "mlflow-dev-only-secret";

/// A machine client that may read.
pub const DEVELOPMENT_READER: &str = "mlflow-machine-reader";

/// A machine client that may read and write.
pub const DEVELOPMENT_WRITER: &str = "mlflow-machine-writer";

/// The user pool: the last segment of the issuer.
pub const POOL: &str = "us-east-1_Development";

/// One user pool with one app client, and clients for machines.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where browsers reach the login; a loopback origin.
    pub base: Origin,
    /// The app client.
    pub client_id: String,
    /// Its secret, if it has one.
    pub client_secret: Option<Secret>,
    /// Allowed callback URLs, compared as strings.
    pub redirect_uris: Vec<String>,
    /// Allowed sign-out URLs, compared as strings.
    pub logout_uris: Vec<String>,
    /// Scopes the client may ask for.
    pub scopes: Vec<String>,
    /// Programs that get tokens without a user, by [`DEVELOPMENT_SECRET`].
    pub machines: Vec<Machine>,
    /// How long ID and access tokens live, in seconds.
    pub token_lifetime: u64,
    /// How long a sign-in can be refreshed, in seconds.
    pub refresh_lifetime: u64,
    /// Whether refresh tokens rotate; `None` as in an app client left alone.
    pub rotation: Option<Rotation>,
    /// Whether an authorization request without a challenge is refused.
    /// Cognito has no such switch.
    pub require_pkce: bool,
}

/// Refresh-token rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// How long a replaced refresh token still works, in seconds (0–60).
    pub grace: u64,
}

/// A client for machines (the grant `client_credentials`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// What it calls itself.
    pub client_id: String,
    /// The scopes of a resource server that it may have.
    pub scopes: Vec<String>,
}

/// A user who can sign in with [`DEVELOPMENT_PASSWORD`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The sign-in name.
    pub email: String,
    /// The user's groups. If there are none, tokens have no such claim.
    pub groups: Vec<String>,
}

impl Settings {
    /// A provider at `base` for the shell at `shell`, with the lifetimes that
    /// a new Cognito app client has.
    pub fn new(base: Origin, shell: &Origin) -> Self {
        Self {
            base,
            client_id: DEVELOPMENT_CLIENT_ID.into(),
            client_secret: None,
            redirect_uris: vec![format!("{shell}/callback")],
            logout_uris: vec![format!("{shell}/")],
            scopes: ["openid", "email", "profile"].map(String::from).to_vec(),
            machines: demonstration_machines(),
            token_lifetime: 60 * 60,
            refresh_lifetime: 30 * 24 * 60 * 60,
            rotation: None,
            require_pkce: false,
        }
    }

    /// The `iss` of every token.
    pub fn issuer(&self) -> String {
        format!("{}/{POOL}", self.base)
    }
}

impl User {
    /// A user in `groups`.
    pub fn new<'a>(email: &str, groups: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            email: email.into(),
            groups: groups.into_iter().map(String::from).collect(),
        }
    }

    /// The `sub` and `cognito:username`: the same after every start, so that
    /// what a user did yesterday is still the same user's today.
    pub(crate) fn subject(&self) -> String {
        let digest = Sha256::digest(&self.email);
        let bytes: [u8; 16] = std::array::from_fn(|index| digest[index]);
        uuid::Builder::from_random_bytes(bytes)
            .into_uuid()
            .to_string()
    }
}

/// One user for each group that the built-in access policy knows.
pub fn demonstration_users() -> Vec<User> {
    vec![
        User::new("mlflow-admin@example.com", ["admins"]),
        User::new("mlflow-reader@example.com", ["readers"]),
        User::new("mlflow-model-approver@example.com", ["model-approvers"]),
    ]
}

/// One machine for each scope of the resource server `mlflow`.
fn demonstration_machines() -> Vec<Machine> {
    let machine = |name: &str, scopes: &[&str]| Machine {
        client_id: name.into(),
        scopes: scopes.iter().copied().map(String::from).collect(),
    };
    vec![
        machine(DEVELOPMENT_READER, &["mlflow/read"]),
        machine(DEVELOPMENT_WRITER, &["mlflow/read", "mlflow/write"]),
    ]
}

/// An unguessable name in the form Cognito gives to codes and identifiers.
pub(crate) fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}
