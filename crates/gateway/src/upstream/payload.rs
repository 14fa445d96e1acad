//! A body, as far as it is signed.

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;

/// A body of a request, or of an answer.
#[derive(Debug)]
pub(super) enum Payload {
    /// All of it: its hash can be signed, and it can be sent again.
    Whole(Bytes),
    /// It is longer, or may be: it is sent as it arrives.
    Streamed(Body),
}

impl Payload {
    /// Reads `body` up to `limit` bytes.
    ///
    /// # Errors
    /// If it breaks off.
    pub(super) async fn read(body: Body, limit: usize) -> Result<Self, axum::Error> {
        let stated = body.size_hint().lower();
        if usize::try_from(stated).is_ok_and(|stated| stated > limit) {
            return Ok(Self::Streamed(body));
        }
        let mut body = body;
        let mut read = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else {
                continue;
            };
            read.extend_from_slice(&data);
            if read.len() > limit {
                let begun = stream::iter([Ok(read.freeze())]);
                let rest = begun.chain(body.into_data_stream());
                return Ok(Self::Streamed(Body::from_stream(rest)));
            }
        }
        Ok(Self::Whole(read.freeze()))
    }

    /// The same once more, if it can be had twice.
    pub(super) fn again(&self) -> Option<Self> {
        match self {
            Self::Whole(bytes) => Some(Self::Whole(bytes.clone())),
            Self::Streamed(_) => None,
        }
    }
}

impl From<Payload> for Body {
    fn from(payload: Payload) -> Self {
        match payload {
            Payload::Whole(bytes) => Body::from(bytes),
            Payload::Streamed(body) => body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 8;

    #[tokio::test]
    async fn a_short_body_is_read_and_a_long_one_loses_nothing() {
        let table = [
            (&[] as &[&str], true),
            (&["1234", "5678"], true),
            (&["1234", "56789", "0"], false),
            (&["", "123456789"], false),
        ];
        for (parts, is_whole) in table {
            let chunks = parts.iter().map(|part| Ok::<_, std::io::Error>(*part));
            let body = Body::from_stream(stream::iter(chunks.collect::<Vec<_>>()));

            let payload = Payload::read(body, LIMIT).await.unwrap();

            assert_eq!(payload.again().is_some(), is_whole, "{parts:?}");
            let all = Body::from(payload).collect().await.unwrap().to_bytes();
            assert_eq!(all, parts.concat(), "{parts:?}");
        }
    }

    #[tokio::test]
    async fn what_states_that_it_is_long_is_not_read_at_all() {
        let payload = Payload::read(Body::from("123456789"), LIMIT).await;
        assert!(matches!(payload, Ok(Payload::Streamed(_))));
    }
}
