//! A server behind a gate: it answers no request before a test lets it.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use tokio::sync::Semaphore;

/// The gate, and what came to it.
#[derive(Debug, Clone)]
pub struct Gate {
    arrived: Arc<Mutex<Vec<String>>>,
    open: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            arrived: Arc::default(),
            open: Arc::new(Semaphore::new(0)),
        }
    }
}

impl Gate {
    /// What stands behind it.
    pub fn router(&self) -> Router {
        Router::new().fallback(pass).with_state(self.clone())
    }

    /// Lets so many requests pass, of those that came and those that will.
    pub fn pass(&self, count: usize) {
        self.open.add_permits(count);
    }

    /// The queries of the requests that have come, in their order.
    ///
    /// # Panics
    /// If another thread panicked while it used the gate.
    pub fn arrived(&self) -> Vec<String> {
        self.arrived
            .lock()
            .expect("no other thread panicked")
            .clone()
    }
}

async fn pass(State(gate): State<Gate>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    gate.arrived
        .lock()
        .expect("no other thread panicked")
        .push(query);
    match gate.open.acquire().await {
        Ok(permit) => permit.forget(),
        Err(_) => unreachable!("nobody closes it"),
    }
    "passed".into_response()
}
