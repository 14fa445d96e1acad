//! `mlflow-shell up`: MLflow, a development identity provider and the gateway on
//! this machine, to try the product.
//!
//! Only builds with the development provider have it.

mod child;
mod python;

use std::{
    fs,
    io::{self, Write},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;
use shell_core::Origin;
use shell_idp::{DEVELOPMENT_PASSWORD, DEVELOPMENT_SECRET, Settings, demonstration_users};

use self::{child::Child, python::Python};
use crate::end_signals::EndSignals;

/// How long MLflow may take to start; its first start makes a database.
const MLFLOW_LIMIT: Duration = Duration::from_mins(3);

const GATEWAY_LIMIT: Duration = Duration::from_mins(1);

/// Run MLflow, a development identity provider and the gateway on this machine
#[derive(Debug, Args)]
pub(crate) struct UpCommand {
    /// Add demo data to MLflow's store
    #[arg(long, conflicts_with = "upstream")]
    demo: bool,
    /// Use the MLflow that already runs at this address
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// The port to answer at; the next one is for the development identity provider
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..i64::from(u16::MAX)))]
    port: u16,
    /// Where MLflow keeps its data, and the logs are
    #[arg(long, value_name = "DIR", default_value = "mlflow-shell-data")]
    data: PathBuf,
    /// The Python that has MLflow [default: that beside this program, or `python3`]
    #[arg(long, value_name = "FILE")]
    python: Option<PathBuf>,
    /// Folder with the built site [default: the site in this program, or `dist`]
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
    /// The shell's configuration, of which `provider` and `origin` are not used
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Starts everything, and runs until it is told to stop.
///
/// # Errors
/// If a part cannot be started, or ends by itself.
pub(crate) async fn run(up: &UpCommand) -> Result<()> {
    let mut signals = EndSignals::new()?;
    tokio::select! {
        ended = serve(up) => ended,
        () = signals.next() => print("\nstopping\n"),
    }
}

async fn serve(up: &UpCommand) -> Result<()> {
    require_free(up.port, "the gateway")?;
    require_free(up.port + 1, "the development identity provider")?;
    let folder = data_folder(&up.data)?;
    let mut mlflow = None;
    let upstream = if let Some(url) = &up.upstream {
        url.clone()
    } else {
        let (server, url) = start_mlflow(up, &folder).await?;
        mlflow = Some(server);
        url
    };
    let mut gateway = start_gateway(up, &upstream, &folder).await?;
    print(&introduction(up.port)?)?;
    // A configuration of one's own may let no terminal in.
    if up.config.is_none() {
        print(&from_python(up.port))?;
    }
    print("\nCtrl-C stops everything.\n")?;
    let mlflow_ended = async {
        match &mut mlflow {
            Some(server) => server.ended().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        why = gateway.ended() => Err(why),
        why = mlflow_ended => Err(why),
    }
}

/// Fails before anything is started if a port is taken.
fn require_free(port: u16, what: &str) -> Result<()> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    free.map(drop)
        .with_context(|| format!("port {port} is not free for {what}: choose another --port"))
}

/// The absolute path of the folder, which exists.
fn data_folder(folder: &Path) -> Result<PathBuf> {
    let named = || format!("`{}` (--data) cannot be used", folder.display());
    fs::create_dir_all(folder).with_context(named)?;
    folder.canonicalize().with_context(named)
}

/// Starts MLflow on a store in `folder`, and returns its URL, too.
async fn start_mlflow(up: &UpCommand, folder: &Path) -> Result<(Child, String)> {
    let python = Python::with_mlflow(up.python.as_deref())?;
    let version = python.mlflow_version();
    print(&format!(
        "starting MLflow {version} on {}\n",
        folder.display()
    ))?;
    let port = free_port()?;
    let url = format!("http://127.0.0.1:{port}");
    let mut command = python.mlflow_server(folder, port);
    let mut server = Child::start("MLflow", &mut command, &folder.join("mlflow.log"))?;
    server
        .wait_until_healthy(&format!("{url}/health"), MLFLOW_LIMIT)
        .await?;
    if up.demo {
        print("adding demo data (less than a minute the first time)\n")?;
        let mut command = python.demo_data(folder, &url);
        let filling = Child::start("adding demo data", &mut command, &folder.join("demo.log"))?;
        filling.finish().await?;
    }
    Ok((server, url))
}

/// The gateway is this program once more, with its logs in a file.
async fn start_gateway(up: &UpCommand, upstream: &str, folder: &Path) -> Result<Child> {
    let port = up.port;
    let mut command = Command::new(std::env::current_exe().context("this program has no path")?);
    command
        .arg("serve")
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .args(["--upstream", upstream])
        .args(["--dev-idp", &format!("127.0.0.1:{}", port + 1)])
        // The key and the list of tokens go with the data, not into the user's folders.
        .env("STATE_DIRECTORY", folder);
    for (flag, value) in [("--site", &up.site), ("--config", &up.config)] {
        if let Some(value) = value {
            command.arg(flag).arg(value);
        }
    }
    let mut gateway = Child::start("the gateway", &mut command, &folder.join("gateway.log"))?;
    gateway
        .wait_until_healthy(&format!("http://127.0.0.1:{port}/healthz"), GATEWAY_LIMIT)
        .await?;
    Ok(gateway)
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}

/// Where to go, and who can sign in.
fn introduction(port: u16) -> Result<String> {
    let origin = |port| {
        let text = format!("http://localhost:{port}");
        Origin::parse(&text).map_err(|error| anyhow::anyhow!("`{text}` {error}"))
    };
    let (site, provider) = (origin(port)?, origin(port + 1)?);
    let line = |name: &str, rights: &str, secret| format!("  {name:<36}{rights:<26}{secret}\n");
    let users = demonstration_users();
    let users = users
        .iter()
        .map(|user| line(&user.email, &user.groups.join(" "), DEVELOPMENT_PASSWORD));
    let machines = Settings::new(provider.clone(), &site).machines;
    let machines = machines.iter().map(|machine| {
        let scopes = machine.scopes.join(" ");
        line(&machine.client_id, &scopes, DEVELOPMENT_SECRET)
    });
    Ok([
        format!("\n  {site}/\n\n"),
        users.collect(),
        format!("\n  machines, at {provider}/oauth2/token:\n\n"),
        machines.collect(),
    ]
    .concat())
}

fn from_python(port: u16) -> String {
    let site = format!("http://localhost:{port}");
    format!(
        "\n  from Python:\n\n  mlflow-shell login {site}\n  export MLFLOW_TRACKING_URI={site} \
         MLFLOW_TRACKING_AUTH=shell\n"
    )
}

/// Shows `text` at once, also where standard output is a file.
fn print(text: &str) -> Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    Ok(output.flush()?)
}
