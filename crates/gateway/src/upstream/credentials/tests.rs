use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::*;

/// Hands out credentials that end an hour later than the ones before, or fails.
#[derive(Debug, Default, Clone)]
struct Counting {
    asked: Arc<AtomicU64>,
    fails: Arc<Mutex<bool>>,
}

const HOUR: Duration = Duration::from_hours(1);

impl ProvideCredentials for Counting {
    fn provide_credentials<'a>(
        &'a self,
    ) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let count = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let end = SystemTime::UNIX_EPOCH + HOUR * u32::try_from(count).unwrap();
        let found = Credentials::new(format!("KEY{count}"), "s", None, Some(end), "test");
        let failed = *self.fails.lock().unwrap();
        let answer = if failed {
            Err(Failure::provider_error("STS is out of reach"))
        } else {
            Ok(found)
        };
        aws_credential_types::provider::future::ProvideCredentials::ready(answer)
    }
}

fn source(provider: &Counting) -> CredentialsSource {
    let source = CredentialsSource::new("eu-west-1", None, None);
    let provider = SharedCredentialsProvider::new(provider.clone());
    source.provider.set(provider).unwrap();
    source
}

async fn key(source: &CredentialsSource, minutes: u64) -> Result<String, CredentialsError> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_mins(minutes);
    let current = source.current(now).await;
    current.map(|credentials| credentials.access_key_id().to_owned())
}

#[tokio::test]
async fn credentials_are_kept_and_renewed_before_they_end() {
    let source = source(&Counting::default());
    for (minutes, expected) in [(0, "KEY1"), (54, "KEY1"), (56, "KEY2"), (114, "KEY2")] {
        assert_eq!(key(&source, minutes).await.unwrap(), expected, "{minutes}");
    }
}

#[tokio::test]
async fn many_who_wait_ask_once() {
    let provider = Counting::default();
    let source = source(&provider);
    let all = (0..50).map(|_| key(&source, 0));
    for found in futures_util::future::join_all(all).await {
        assert_eq!(found.unwrap(), "KEY1");
    }
    assert_eq!(provider.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_failed_renewal_leaves_the_old_ones_until_their_end() {
    let provider = Counting::default();
    let source = source(&provider);
    key(&source, 0).await.unwrap();
    *provider.fails.lock().unwrap() = true;

    assert_eq!(key(&source, 57).await.unwrap(), "KEY1");
    assert_eq!(key(&source, 59).await.unwrap(), "KEY1");
    assert_eq!(
        provider.asked.load(Ordering::SeqCst),
        2,
        "it asks in pauses"
    );
    let ended = key(&source, 61).await.unwrap_err();
    assert!(ended.to_string().contains("STS is out of reach"), "{ended}");
}

#[tokio::test]
async fn what_aws_calls_expired_is_asked_for_again() {
    let source = source(&Counting::default());
    let first = source.current(SystemTime::UNIX_EPOCH).await.unwrap();
    source.forget(&first);
    assert_eq!(key(&source, 0).await.unwrap(), "KEY2");

    source.forget(&first);
    assert_eq!(key(&source, 0).await.unwrap(), "KEY2", "not those in use");
}

#[test]
fn nothing_of_a_secret_is_printed() {
    let keys = Credentials::new("KEY", "a-secret", None, None, "test");
    let source = CredentialsSource::new("eu-west-1", None, Some(keys));
    assert!(!format!("{source:?}").contains("a-secret"));
}
