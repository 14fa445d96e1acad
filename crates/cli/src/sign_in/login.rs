//! `mlflow-shell login`

use clap::Args;
use sha2::{Digest, Sha256};
use shell_core::{
    Config, Entropy, Secret,
    oauth::{
        Grant,
        authorization::{Callback, Draws, Transaction},
        native_app::{NativeApp, NativeSession},
        token,
    },
    site::Site,
};
use shell_gateway::now;

use super::{
    SiteOptions, browser,
    client::Client,
    device_authorization,
    failure::{Failure, FailureResult},
    lock::Lock,
    logout,
    loopback_redirect::Listener,
    pasted_code,
    session_store::{Entry, Passphrase, SessionStore, StoreKind},
    site,
};
use crate::terminal::printable;

/// Sign in to a site, so that programs on this machine reach its MLflow
#[derive(Debug, Args)]
pub(crate) struct LoginCommand {
    /// The URL at which people open the shell
    #[arg(value_name = "URL", conflicts_with = "url")]
    at: Option<String>,
    #[command(flatten)]
    site: SiteOptions,
    /// Sign in on another device, with a code that is shown here
    #[arg(long, conflicts_with = "no_browser")]
    device: bool,
    /// Open no browser: copy an address to one, and a code back
    #[arg(long)]
    no_browser: bool,
    /// Where the session is kept [default: keyring]. A file is encrypted with the
    /// passphrase in `MLFLOW_SHELL_PASSPHRASE`, or one that is asked for
    #[arg(long, value_name = "WHERE")]
    store: Option<StoreKind>,
}

/// A sign-in that was begun, and where its code is to return.
pub(crate) struct Begun {
    transaction: Transaction,
    redirect_uri: String,
    /// Where the user signs in.
    pub(crate) url: String,
}

pub(crate) async fn run(command: LoginCommand) -> FailureResult<()> {
    let store = SessionStore::open(Passphrase::asked())?;
    let given = command.at.as_deref().or(command.site.url.as_deref());
    let origin = site::find(given, || store.entries())?;
    let before = store.entry(&origin).ok();
    let usual = before
        .as_ref()
        .map_or(StoreKind::Keyring, |entry| entry.store);
    let kind = command.store.unwrap_or(usual);
    let client = command.site.client()?;
    let app = site::native_app(&client, &origin).await?;
    store.check(kind)?;

    let session = sign_in(&command, &client, &app).await?;
    let entry = Entry {
        site: origin,
        user: session.grant.user.name.clone(),
        store: kind,
        ends_at: session.grant.ends_at,
    };
    replace(&store, before, &entry, &session, &client).await?;
    eprintln!("{}", printable(&welcome(&session)));
    Ok(())
}

/// Keeps the session. The one before is no longer needed, so it is revoked.
async fn replace(
    store: &SessionStore,
    before: Option<Entry>,
    entry: &Entry,
    session: &NativeSession,
    client: &Client,
) -> FailureResult<()> {
    let lock = Lock::wait(&store.lock(&entry.site))?;
    let earlier = before.and_then(|before| Some((store.read(&before).ok()?, before)));
    store.write(entry, session)?;
    if let Some((_, before)) = earlier
        .as_ref()
        .filter(|(_, before)| before.store != entry.store)
    {
        store.remove_secret(before)?;
    }
    drop(lock);
    if let Some((earlier, _)) = earlier {
        logout::revoke(&earlier, client).await;
    }
    Ok(())
}

async fn sign_in(
    command: &LoginCommand,
    client: &Client,
    app: &NativeApp,
) -> FailureResult<NativeSession> {
    let grant = if command.device {
        device_authorization::sign_in(client, &app.config).await?
    } else if command.no_browser || !browser::may_be_shown() {
        let begun = Begun::new(&app.config, app.config.redirect_uri())?;
        let code = pasted_code::ask(&begun.url).await?;
        begun.complete(&code, &app.config, client).await?
    } else {
        return in_browser(client, app).await;
    };
    Ok(NativeSession::new(app.config.clone(), grant))
}

async fn in_browser(client: &Client, app: &NativeApp) -> FailureResult<NativeSession> {
    let listener = Listener::bind(&app.redirect).await?;
    let begun = Begun::new(&app.config, listener.url.clone())?;
    if browser::open(&begun.url) {
        eprintln!("Sign in in the browser. If none opens, open this address on this machine:");
    } else {
        eprintln!("No browser opens here. Open this address on this machine:");
    }
    eprintln!("\n    {}\n", begun.url);
    let state = begun.transaction.state().clone();
    let complete = async |query: &Secret| {
        let grant = begun.complete(query, &app.config, client).await?;
        Ok(NativeSession::new(app.config.clone(), grant))
    };
    listener.serve(state, complete, welcome).await
}

impl Begun {
    fn new(config: &Config, redirect_uri: String) -> FailureResult<Self> {
        let draws = Draws {
            state: draw()?,
            nonce: draw()?,
            verifier: draw()?,
        };
        let transaction = Transaction::begin_in_terminal(draws, now());
        let digest = Sha256::digest(transaction.verifier()).into();
        Ok(Self {
            url: transaction.url_returning_to(&redirect_uri, config, digest),
            transaction,
            redirect_uri,
        })
    }

    /// Spends the code that the hosted login returned.
    async fn complete(
        self,
        query: &Secret,
        config: &Config,
        client: &Client,
    ) -> FailureResult<Grant> {
        let refused = |why: &dyn std::fmt::Display| {
            Failure::other(format!("the sign-in failed: {why}. Begin it again"))
        };
        let callback = Callback::parse(query.expose(), "");
        let accepted =
            callback.and_then(|callback| callback.accept(Some(self.transaction), config, now()));
        let redemption = accepted.map_err(|error| refused(&error))?;
        let (request, pending) =
            token::exchange_returned_to(&self.redirect_uri, redemption, config);
        let answer = client.post(&request, None).await;
        let answer = answer.map_err(|error| {
            Failure::unreachable(format!("{} {error}: sign in again later", request.url))
        })?;
        token::accept(answer.as_response(), &pending, config, now())
            .map_err(|error| refused(&error))
    }
}

fn draw() -> FailureResult<Entropy> {
    let mut bytes = [0; 32];
    let drawn = getrandom::fill(&mut bytes);
    drawn
        .map_err(|error| Failure::other(format!("this machine gives no random bytes: {error}")))?;
    Ok(Entropy(bytes))
}

/// Who is signed in, and what that allows.
pub(crate) fn welcome(session: &NativeSession) -> String {
    let NativeSession { config, grant, .. } = session;
    let name = &grant.user.name;
    let Site {
        rights, refusal, ..
    } = Site::of(config, &grant.user);
    let rights = refusal.unwrap_or_else(|| format!("{name} {rights}."));
    let end = match &grant.refresh {
        Some(_) => "",
        None => " The provider gave no refresh token, so this ends with the first token.",
    };
    format!("Signed in to {} as {name}. {rights}{end}", config.origin)
}
