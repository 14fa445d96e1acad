//! An emulated network link, as a TCP relay on loopback.
//!
//! ```text
//!  browser ──▶ port ─ up:   wait for the link ─ 20 ms ─▶ server
//!          ◀──      ─ down: wait for the link ─ 20 ms ──
//! ```
//!
//! Whatever goes through takes its turn on the one link of its direction and
//! then travels; a new connection first costs a round trip, as its handshake
//! would. It stands outside the browser because the network conditions that a
//! browser emulates leave out what a service worker fetches.
//!
//! *Out of scope*: slow start, losses, TLS. All of them would cost more where
//! more is sent.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use tokio::{
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// What is sent in one piece: long enough that a timer's millisecond does not
/// matter, short enough that connections share the link fairly.
const PIECE: usize = 8 * 1024;

/// How far a connection may reserve the link ahead, so that it is never idle
/// while there is something to send.
const AHEAD: Duration = Duration::from_millis(10);

/// What a link can do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speed {
    /// In each direction, for all connections together.
    pub(crate) bits_per_second: u32,
    /// Half of a round trip.
    pub(crate) one_way: Duration,
}

/// A link that several servers are reached over. Clones are the same link.
#[derive(Debug, Clone)]
pub(crate) struct Link(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    speed: Speed,
    up: Lane,
    down: Lane,
    connections: Mutex<JoinSet<()>>,
}

/// One direction.
#[derive(Debug)]
struct Lane {
    free: Mutex<Instant>,
    carried: AtomicU64,
}

/// Bytes, and when they arrive at the other end.
type Piece = (Instant, Vec<u8>);

impl Link {
    /// A link nothing goes over yet.
    pub(crate) fn new(speed: Speed) -> Self {
        Self(Arc::new(Shared {
            speed,
            up: Lane::new(),
            down: Lane::new(),
            connections: Mutex::default(),
        }))
    }

    /// Returns a port on `localhost` from where the server at `port` is
    /// reached over this link.
    pub(crate) async fn to(&self, port: u16) -> Result<u16> {
        let listeners = shell_idp::listen(0).await?;
        let near = listeners[0].local_addr()?.port();
        for listener in listeners {
            tokio::spawn(self.clone().accept(listener, port));
        }
        Ok(near)
    }

    /// Closes every connection, and begins to count anew.
    pub(crate) fn reset(&self) {
        let mut connections = self.connections();
        connections.abort_all();
        while connections.try_join_next().is_some() {}
        self.0.down.carried.store(0, Ordering::Relaxed);
    }

    /// Returns how many bytes came down since the last reset.
    pub(crate) fn received(&self) -> u64 {
        self.0.down.carried.load(Ordering::Relaxed)
    }

    async fn accept(self, listener: TcpListener, port: u16) {
        while let Ok((near, _)) = listener.accept().await {
            let link = self.clone();
            self.connections().spawn(async move {
                // A server that is gone is seen by the browser as closing.
                link.relay(near, port).await.ok();
            });
        }
    }

    async fn relay(&self, near: TcpStream, port: u16) -> io::Result<()> {
        let Speed { one_way, .. } = self.0.speed;
        let open = Instant::now() + 2 * one_way;
        let far = TcpStream::connect(("127.0.0.1", port)).await?;
        near.set_nodelay(true)?;
        far.set_nodelay(true)?;
        let (near_end, far_end) = (near.into_split(), far.into_split());
        tokio::join!(
            self.carry(&self.0.up, open, near_end.0, far_end.1),
            self.carry(&self.0.down, open, far_end.0, near_end.1),
        );
        Ok(())
    }

    /// Carries from one end to the other until either is closed.
    async fn carry(&self, lane: &Lane, open: Instant, from: OwnedReadHalf, to: OwnedWriteHalf) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let send = self.send(lane, open, from, sender);
        // A closed end closes the other one when its half is dropped.
        let _ = tokio::join!(send, deliver(receiver, to));
    }

    async fn send(
        &self,
        lane: &Lane,
        open: Instant,
        from: OwnedReadHalf,
        travelling: UnboundedSender<Piece>,
    ) -> io::Result<()> {
        let Speed {
            bits_per_second,
            one_way,
        } = self.0.speed;
        while let Some(bytes) = read(&from).await? {
            let sent = lane.reserve(bytes.len(), bits_per_second, open);
            sleep_until(sent - AHEAD).await;
            if travelling.send((sent + one_way, bytes)).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn connections(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        let connections = self.0.connections.lock();
        connections.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    fn new() -> Self {
        Self {
            free: Mutex::new(Instant::now()),
            carried: AtomicU64::new(0),
        }
    }

    /// Takes the next turn, not before `open`; returns when the last byte has
    /// been sent.
    fn reserve(&self, bytes: usize, bits_per_second: u32, open: Instant) -> Instant {
        self.carried.fetch_add(bytes as u64, Ordering::Relaxed);
        let bits = u32::try_from(bytes * 8).unwrap_or(u32::MAX);
        let takes = Duration::from_secs(1) * bits / bits_per_second;
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free = Instant::now().max(*free) + takes;
        // A connection that is still being made keeps no other one waiting.
        (*free).max(open + takes)
    }
}

async fn deliver(mut travelling: UnboundedReceiver<Piece>, to: OwnedWriteHalf) -> io::Result<()> {
    while let Some((arrives, bytes)) = travelling.recv().await {
        sleep_until(arrives).await;
        write(&to, &bytes).await?;
    }
    Ok(())
}

/// Reads what there is; `None` at the end.
async fn read(from: &OwnedReadHalf) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = vec![0; PIECE];
    loop {
        from.readable().await?;
        match from.try_read(&mut bytes) {
            Ok(0) => return Ok(None),
            Ok(length) => {
                bytes.truncate(length);
                return Ok(Some(bytes));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

async fn write(to: &OwnedWriteHalf, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        to.writable().await?;
        match to.try_write(bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
