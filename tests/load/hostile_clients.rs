//! Clients that misbehave, all the time: some read slowly, some break off what
//! they send, and some say nothing.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout_at},
};

use crate::deployment::LoadDeployment;

/// How many connections say nothing, or half a head.
const SILENT: usize = 200;

/// How many read slowly.
const SLOW: usize = 4;

/// What a slow reader takes each time, and how often.
const SIP: usize = 64 * 1024;
const REST: Duration = Duration::from_millis(250);

/// How often an upload is broken off.
const ABORTS: Duration = Duration::from_secs(1);

/// Misbehaves for so long.
pub(crate) async fn run(deployment: &LoadDeployment, whole: Duration) {
    let end = Instant::now() + whole;
    tokio::join!(
        join_all((0..SILENT).map(|number| silent(deployment, number, end))),
        join_all((0..SLOW).map(|_| slow(deployment, end))),
        aborted(deployment, end),
    );
}

async fn silent(deployment: &LoadDeployment, number: usize, end: Instant) {
    while Instant::now() < end {
        // It may be closed on us at any time, and then there is another.
        let _ = timeout_at(end.into(), say_half(deployment, number)).await;
        sleep(REST).await;
    }
}

async fn say_half(deployment: &LoadDeployment, number: usize) -> Result<()> {
    if number.is_multiple_of(2) {
        let mut stream = TcpStream::connect(deployment.address).await?;
        // Not even the beginning of a handshake.
        stream.read_to_end(&mut Vec::new()).await?;
    } else {
        let mut stream = deployment.connect().await?;
        stream.write_all(b"GET /api/2.0/mlflow/experi").await?;
        stream.read_to_end(&mut Vec::new()).await?;
    }
    Ok(())
}

async fn slow(deployment: &LoadDeployment, end: Instant) {
    while Instant::now() < end {
        let _ = timeout_at(end.into(), sip(deployment)).await;
        sleep(REST).await;
    }
}

async fn sip(deployment: &LoadDeployment) -> Result<()> {
    let mut stream = deployment.connect().await?;
    let head = deployment.head("GET", &deployment.artifact, "");
    stream.write_all(head.as_bytes()).await?;
    let mut some = vec![0; SIP];
    while stream.read(&mut some).await? > 0 {
        sleep(REST).await;
    }
    Ok(())
}

async fn aborted(deployment: &LoadDeployment, end: Instant) {
    while Instant::now() < end {
        let _ = timeout_at(end.into(), abort(deployment)).await;
        sleep(ABORTS).await;
    }
}

async fn abort(deployment: &LoadDeployment) -> Result<()> {
    let mut stream = deployment.connect().await?;
    let path = format!("{}-aborted", deployment.artifact);
    let head = deployment.head("PUT", &path, "content-length: 10485760\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&vec![7; 1 << 20]).await?;
    Ok(())
}
