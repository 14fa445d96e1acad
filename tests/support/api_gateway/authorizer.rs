//! The Lambda authorizer: whom it lets, and how long that is remembered.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex as Lock},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    Call,
    api::{Caching, Source},
    event,
    failure::Failure,
    policy::{self, Verdict},
};
use crate::lambda::{Kind, Lambda};

/// What a function answers to an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// JSON.
    Answer(Value),
    /// An error of this text.
    Failure(String),
}

/// A Lambda function.
pub enum Function {
    /// A program behind Lambda's interface.
    Program(Mutex<Lambda>),
    /// One that a test makes up.
    Canned(Box<dyn Fn(&Value) -> Outcome + Send + Sync>),
}

/// A function that is asked, and its answers. Clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Authorizer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    function: Function,
    kept: Lock<HashMap<Vec<String>, (Instant, Value)>>,
    /// The events so far, which have tokens in them: they are for tests.
    events: Lock<Vec<Value>>,
}

impl Authorizer {
    pub(super) fn new(function: Function) -> Self {
        Self(Arc::new(Inner {
            function,
            kept: Lock::default(),
            events: Lock::default(),
        }))
    }

    /// Asks whether a request to `resource` is let through.
    pub(super) async fn ask(
        &self,
        caching: Caching,
        call: &Call,
        resource: &str,
        proxy: &str,
    ) -> Result<(), Failure> {
        let caches = caching.time_to_live > Duration::ZERO;
        let sources = sources(caching, call);
        // Without caching the function is asked whatever is missing.
        if caches && sources.is_none() {
            return Err(Failure::Unauthorized);
        }
        let key = sources.filter(|_| caches);
        let kept = key
            .as_ref()
            .and_then(|key| self.kept(key, caching.time_to_live));
        let answer = if let Some(answer) = kept {
            answer
        } else {
            let event = event::of(call, resource, proxy);
            let answer = self.clone().invoke(event).await?;
            check(&answer).ok_or(Failure::AuthorizerConfiguration)?;
            self.keep(key, &answer);
            answer
        };
        let arn = event::arn(&call.stage, &call.verb, &call.path);
        match policy::evaluate(&answer["policyDocument"], &arn) {
            Some(Verdict::Allowed) => Ok(()),
            Some(Verdict::NotAllowed) => Err(Failure::NotAllowed),
            Some(Verdict::Denied) => Err(Failure::Denied),
            None => Err(Failure::AuthorizerConfiguration),
        }
    }

    pub(super) fn events(&self) -> Vec<Value> {
        self.0
            .events
            .lock()
            .expect("no other thread panicked")
            .clone()
    }

    fn note(&self, event: Value) {
        let mut events = self.0.events.lock().expect("no other thread panicked");
        events.push(event);
    }

    fn kept(&self, key: &Vec<String>, time_to_live: Duration) -> Option<Value> {
        let kept = self.0.kept.lock().expect("no other thread panicked");
        let (at, answer) = kept.get(key)?;
        (at.elapsed() < time_to_live).then(|| answer.clone())
    }

    fn keep(&self, key: Option<Vec<String>>, answer: &Value) {
        if let Some(key) = key {
            let mut kept = self.0.kept.lock().expect("no other thread panicked");
            kept.insert(key, (Instant::now(), answer.clone()));
        }
    }

    /// In a task of its own: a client that hangs up does not stop a function,
    /// whose answer would then be taken for the next event's.
    async fn invoke(self, event: Value) -> Result<Value, Failure> {
        self.note(event.clone());
        let invoked = async move { self.0.function.invoke(&event).await };
        match tokio::spawn(invoked).await {
            Ok(Outcome::Answer(answer)) => Ok(answer),
            // The text alone tells it from every other failure.
            Ok(Outcome::Failure(words)) if words == "Unauthorized" => Err(Failure::Unauthorized),
            Ok(Outcome::Failure(_)) | Err(_) => Err(Failure::AuthorizerFailure),
        }
    }
}

impl Function {
    async fn invoke(&self, event: &Value) -> Outcome {
        let lambda = match self {
            Self::Program(lambda) => lambda,
            Self::Canned(answer) => return answer(event),
        };
        match lambda.lock().await.invoke(event).await {
            Ok(answered) if answered.kind == Kind::Response => Outcome::Answer(answered.body),
            Ok(answered) => {
                let words = answered.body["errorMessage"].as_str();
                Outcome::Failure(words.unwrap_or_default().to_owned())
            }
            Err(error) => Outcome::Failure(error.to_string()),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Program(_) => "Program",
            Self::Canned(_) => "Canned",
        })
    }
}

/// The values of the identity sources; `None` if one is missing or empty.
fn sources(caching: Caching, call: &Call) -> Option<Vec<String>> {
    let value = |source: &Source| match source {
        Source::Header(name) => {
            let value = call.headers.get(*name)?.to_str().ok()?;
            (!value.is_empty()).then(|| value.to_owned())
        }
        Source::Path => Some(format!("/{}{}", call.stage, call.path)),
        Source::Verb => Some(call.verb.clone()),
    };
    caching.sources.iter().map(value).collect()
}

/// Whether an answer has what it must have, and nothing it must not.
fn check(answer: &Value) -> Option<()> {
    let principal = answer.get("principalId")?.as_str()?;
    let context = match answer.get("context") {
        None | Some(Value::Null) => None,
        Some(context) => Some(context.as_object()?),
    };
    let is_flat = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let is_flat = context.is_none_or(|context| context.values().all(is_flat));
    let has_policy = answer.get("policyDocument").is_some_and(Value::is_object);
    (!principal.is_empty() && is_flat && has_policy).then_some(())
}
