//! What fails, in turn.

use std::time::{Duration, Instant};

use shell_tests::wait;
use tokio::time::sleep;

use crate::{answer_counts::AnswerCounts, deployment::LoadDeployment};

/// How long all is in order between two faults.
const CALM: Duration = Duration::from_secs(12);

/// How long the issuer is out of reach: its keys are known.
const OUTAGE: Duration = Duration::from_secs(8);

/// Lets one fault follow the other, for so long.
pub(crate) async fn run(deployment: &LoadDeployment, counts: &AnswerCounts, whole: Duration) {
    let end = Instant::now() + whole;
    let mut round = 0;
    while Instant::now() + CALM * 2 < end {
        sleep(CALM).await;
        // MLflow takes its time to start, in which nothing else can be seen.
        match round % 7 {
            0 | 4 => issuer_outage(deployment).await,
            1 | 5 => deployment.rotate(),
            2 | 6 => renew_certificate(deployment).await,
            _ => restart_upstream(deployment, counts).await,
        }
        round += 1;
    }
    deployment.require_upstream().await;
}

/// MLflow ends, and comes back: requests fail meanwhile.
async fn restart_upstream(deployment: &LoadDeployment, counts: &AnswerCounts) {
    counts.out_of_order(true);
    deployment
        .restart_upstream()
        .await
        .expect("MLflow starts again");
    counts.out_of_order(false);
}

/// Who is connected stays, and who comes next sees the new one.
async fn renew_certificate(deployment: &LoadDeployment) {
    let certificates = &deployment.certificates;
    let new = certificates.renew().expect("it is signed");
    wait::until("the new certificate", async || {
        let shown = certificates.shown(deployment.address).await?;
        Ok((shown == new).then_some(()))
    })
    .await
    .expect("the gateway looks at its files");
}

/// The gateway is not told: keys are kept, so that nothing may fail.
async fn issuer_outage(deployment: &LoadDeployment) {
    deployment.issuer_server.stop();
    sleep(OUTAGE).await;
    deployment
        .issuer_server
        .resume()
        .await
        .expect("the port is free");
}
