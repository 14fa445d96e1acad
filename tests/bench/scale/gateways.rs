//! Gateways of one site: one, or several behind nginx.

use std::{fs, net::SocketAddr, path::PathBuf, process::Stdio, thread};

use anyhow::{Context, Result};
use shell_tests::{child::Program, lambda::Usage, server::free_port};

use crate::{
    load::{self, Target},
    proxy::{self, Deployment},
    scenario::Scenario,
};

/// Where the audit log goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AuditTo {
    Nothing,
    Files,
    /// A pipe that is read.
    StandardOutput,
}

/// Running gateways, stopped when dropped.
#[derive(Debug)]
pub(crate) struct Gateways {
    address: SocketAddr,
    programs: Vec<Program>,
    _balancer: Option<Program>,
}

impl AuditTo {
    /// What a table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "off",
            Self::Files => "in files",
            Self::StandardOutput => "on stdout",
        }
    }

    fn setting(self, deployment: &Deployment, port: u16) -> PathBuf {
        match self {
            Self::Nothing => "off".into(),
            Self::Files => deployment.folder().join(format!("audit-{port}")),
            Self::StandardOutput => "-".into(),
        }
    }
}

impl Gateways {
    /// Starts so many and, if they are several, what divides the load among them.
    pub(crate) async fn start(deployment: &Deployment, count: usize, to: &AuditTo) -> Result<Self> {
        let ports = (0..count).map(|_| free_port());
        let ports: Vec<u16> = ports.collect::<Result<_>>()?;
        let public = if count == 1 { ports[0] } else { free_port()? };
        let start = |port: &u16| start(deployment, *port, public, *to);
        let programs = ports.iter().map(start).collect::<Result<_>>()?;
        let token = deployment.token()?;
        for port in &ports {
            let address = ([127, 0, 0, 1], *port).into();
            let mut target = proxy::target(address, "/mlflow", &token, Scenario::Small);
            let host = format!("localhost:{public}").parse()?;
            target.request.headers_mut().insert("host", host);
            load::wait_until_ready(&target, Scenario::Small).await?;
        }
        let several = count > 1;
        let balancer = several.then(|| balancer(deployment, &ports, public));
        let gateways = Self {
            address: ([127, 0, 0, 1], public).into(),
            programs,
            _balancer: balancer.transpose()?,
        };
        load::wait_until_ready(&gateways.target(&token), Scenario::Small).await?;
        Ok(gateways)
    }

    /// What the user of `token` asks them.
    pub(crate) fn target(&self, token: &str) -> Target {
        proxy::target(self.address, "/mlflow", token, Scenario::Small)
    }

    /// What all gateways together have used so far.
    pub(crate) fn usage(&self) -> Result<Option<Usage>> {
        let each = self.programs.iter().map(|it| Usage::of(it.id()));
        let all: Vec<Usage> = each.collect::<Result<_>>()?;
        Ok(all.into_iter().reduce(|all, one| Usage {
            resident: all.resident + one.resident,
            peak: all.peak + one.peak,
            processor: all.processor + one.processor,
        }))
    }
}

fn start(deployment: &Deployment, port: u16, public: u16, to: AuditTo) -> Result<Program> {
    let mut command = deployment.gateway(port, public, &to.setting(deployment, port))?;
    let AuditTo::StandardOutput = to else {
        return Program::spawn(&mut command);
    };
    let (mut lines, output) = std::io::pipe()?;
    let program = Program::spawn(command.stdout(Stdio::from(output)));
    // It ends with the program.
    thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    program
}

/// nginx, which keeps nothing but the connections.
fn balancer(deployment: &Deployment, ports: &[u16], public: u16) -> Result<Program> {
    let folder = deployment.folder();
    let servers = ports.iter().map(|port| format!("127.0.0.1:{port}"));
    let servers: Vec<String> = servers.collect();
    let configuration = include_str!("../gateway/nginx.conf")
        .replace("UPSTREAM", &servers.join("; server "))
        .replace("Authorization \"\"", "Host $http_host")
        .replace("FOLDER", &folder.to_string_lossy())
        .replace("PORT", &public.to_string());
    let file = folder.join("balancer.conf");
    fs::write(&file, configuration)?;
    let nginx = std::env::var_os("SHELL_BENCH_NGINX");
    let nginx = nginx.context("SHELL_BENCH_NGINX is not set: start with `cargo xtask bench`")?;
    let mut command = std::process::Command::new(nginx);
    command.arg("-p").arg(folder).arg("-c").arg(file);
    Program::spawn(command.args(["-e", "stderr"]))
}
