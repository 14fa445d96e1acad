//! The load: so many connections that each ask again as soon as they are
//! answered, or at fixed times.

use std::{
    cell::RefCell,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request,
    client::conn::http1::{self, SendRequest},
    header::CONTENT_LENGTH,
};
use hyper_util::rt::TokioIo;
use shell_tests::lambda::Usage;
use tokio::{
    net::TcpStream,
    task::LocalSet,
    time::{sleep_until, timeout},
};

use crate::{
    counted::Counted,
    scenario::{ARTIFACT, Scenario},
    upstream::artifact,
};

/// Not counted: connections are made, keys loaded, caches filled.
const WARM_UP: Duration = Duration::from_millis(400);

/// How long a proxy may take to be ready.
const START: Duration = Duration::from_secs(30);

/// Whom to ask for what.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) request: Request<()>,
}

/// What was measured in one window.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) took: Duration,
    pub(crate) answers: u64,
    pub(crate) errors: u64,
    pub(crate) bytes: u64,
    /// Of the answers, in microseconds.
    pub(crate) latencies: Histogram<u64>,
    /// What the proxy used, if there is one: its time within the window, and
    /// its memory at the end.
    pub(crate) used: Option<Usage>,
}

/// What the connections have counted so far.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    answers: u64,
    errors: u64,
    pub(crate) bytes: u64,
    latencies: Histogram<u64>,
}

pub(crate) type Shared = Rc<RefCell<Counts>>;

/// Asks `target` on so many connections, and counts for the scenario's window.
pub(crate) async fn measure(
    target: &Target,
    scenario: Scenario,
    connections: usize,
    usage: impl Fn() -> Result<Option<Usage>>,
) -> Result<Taken> {
    let load = Load {
        targets: vec![target.clone()].into(),
        scenario,
        connections,
        pace: scenario.pace(),
        window: scenario.window(),
    };
    load.measure(usage).await
}

/// What is asked, and how often.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// In turn: by the connections, and by each of them.
    pub(crate) targets: Rc<[Target]>,
    pub(crate) scenario: Scenario,
    pub(crate) connections: usize,
    /// The time between two requests of all connections, if there is one.
    pub(crate) pace: Option<Duration>,
    pub(crate) window: Duration,
}

impl Load {
    /// Asks on all connections, and counts for the window.
    pub(crate) async fn measure(&self, usage: impl Fn() -> Result<Option<Usage>>) -> Result<Taken> {
        let connections = self.connections;
        let latencies = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        let counts = Rc::new(RefCell::new(Counts {
            answers: 0,
            errors: 0,
            bytes: 0,
            latencies,
        }));
        let local = LocalSet::new();
        let begin = Instant::now();
        for place in 0..connections {
            let pace = self.pace.map(|between| Pace {
                next: begin + between * u32::try_from(place).unwrap_or_default(),
                every: between * u32::try_from(connections).unwrap_or(1),
            });
            local.spawn_local(ask(self.clone(), place, pace, counts.clone()));
        }
        let taken = async {
            sleep_until((begin + WARM_UP).into()).await;
            counts.borrow_mut().latencies.reset();
            let (before, used, from) = (counts.borrow().clone(), usage()?, Instant::now());
            sleep_until((from + self.window).into()).await;
            let (after, now_used) = (counts.borrow().clone(), usage()?);
            Ok(Taken {
                took: from.elapsed(),
                answers: after.answers - before.answers,
                errors: after.errors - before.errors,
                bytes: after.bytes - before.bytes,
                latencies: after.latencies,
                used: used.zip(now_used).map(|(before, after)| Usage {
                    processor: after.processor.saturating_sub(before.processor),
                    ..after
                }),
            })
        };
        local.run_until(taken).await
    }
}

/// Waits until `target` answers as it should.
pub(crate) async fn wait_until_ready(target: &Target, scenario: Scenario) -> Result<()> {
    let ready = async {
        loop {
            let counts = None;
            if let Ok(mut sender) = connect(target.address).await
                && exchange(&mut sender, target, scenario, counts)
                    .await
                    .is_ok()
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let local = LocalSet::new();
    let waited = timeout(START, local.run_until(ready)).await;
    waited.context("it did not become ready")
}

/// When a connection asks next.
#[derive(Debug)]
struct Pace {
    next: Instant,
    every: Duration,
}

impl Pace {
    /// Waits for the time to ask, and returns it. What had to wait for the
    /// answer before has waited, too; what a clock was late does not count.
    async fn turn(&mut self) -> Instant {
        let planned = self.next;
        self.next += self.every;
        if planned <= Instant::now() {
            return planned;
        }
        sleep_until(planned.into()).await;
        Instant::now()
    }
}

/// Asks again and again, on a connection that is made anew where the other side
/// has closed it.
async fn ask(load: Load, index: usize, mut pace: Option<Pace>, counts: Shared) {
    let mut sender = None;
    let mut turn = index;
    loop {
        let target = &load.targets[turn % load.targets.len()];
        turn += load.connections;
        let began = match &mut pace {
            Some(pace) => pace.turn().await,
            None => Instant::now(),
        };
        let answered = once(&mut sender, target, load.scenario, &counts).await;
        let mut counts = counts.borrow_mut();
        if answered.is_err() {
            counts.errors += 1;
            sender = None;
        } else {
            counts.answers += 1;
            let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            counts.latencies.saturating_record(took.max(1));
        }
    }
}

async fn once(
    sender: &mut Option<SendRequest<Counted>>,
    target: &Target,
    scenario: Scenario,
    counts: &Shared,
) -> Result<()> {
    let is_open = match sender {
        Some(sender) => sender.ready().await.is_ok(),
        None => false,
    };
    if !is_open {
        *sender = Some(connect(target.address).await?);
    }
    let sender = sender.as_mut().context("it is connected")?;
    exchange(sender, target, scenario, Some(counts)).await
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Counted>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::task::spawn_local(connection);
    Ok(sender)
}

async fn exchange(
    sender: &mut SendRequest<Counted>,
    target: &Target,
    scenario: Scenario,
    counts: Option<&Shared>,
) -> Result<()> {
    let (mut head, ()) = target.request.clone().into_parts();
    let inner = if scenario == Scenario::Upload {
        head.headers.insert(CONTENT_LENGTH, ARTIFACT.into());
        artifact()
    } else {
        Empty::new().boxed()
    };
    let body = Counted {
        inner,
        counts: counts.cloned(),
    };
    let answer = sender.send_request(Request::from_parts(head, body)).await?;
    ensure!(
        answer.status().is_success(),
        "it answered {}",
        answer.status()
    );
    let mut body = answer.into_body();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let arrived = frame?.data_ref().map_or(0, Bytes::len);
        length += arrived;
        if let (Some(counts), true) = (counts, scenario != Scenario::Upload) {
            counts.borrow_mut().bytes += u64::try_from(arrived)?;
        }
    }
    ensure!(length == scenario.answer(), "it answered {length} bytes");
    Ok(())
}
