use tokio::sync::watch;

/// How many requests of each kind have arrived, whatever their answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests to `/oauth2/authorize`.
    pub authorizations: u64,
    /// Submitted login forms.
    pub logins: u64,
    /// Code exchanges.
    pub exchanges: u64,
    /// Refreshes.
    pub refreshes: u64,
    /// Those of them whose token had been replaced already, granted or not.
    pub reuses: u64,
    /// Revocations.
    pub revocations: u64,
    /// Requests to `/logout`.
    pub logouts: u64,
    /// Those of them that posted one of our ID tokens.
    pub hinted_logouts: u64,
}

/// The counts of one provider, and a way to wait for them.
#[derive(Debug, Default)]
pub(crate) struct Counters(watch::Sender<Counts>);

impl Counters {
    pub(crate) fn add(&self, kind: impl FnOnce(&mut Counts) -> &mut u64) {
        self.0.send_modify(|counts| *kind(counts) += 1);
    }

    pub(crate) fn read(&self) -> Counts {
        *self.0.borrow()
    }

    pub(crate) async fn until(&self, reached: impl FnMut(&Counts) -> bool) {
        let mut counts = self.0.subscribe();
        // Fails only if the sender is gone, and `self` holds it.
        let _ = counts.wait_for(reached).await;
    }
}
