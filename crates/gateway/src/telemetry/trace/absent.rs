//! There are no traces in this build, and nothing of these types.

use std::{convert::Infallible, num::NonZeroU32};

use axum::http::Method;

use super::TracerError;
use crate::http_client::network::Network;

#[derive(Debug, Clone)]
pub(super) struct Tracer(Infallible);

#[derive(Debug)]
pub(super) struct Span(Infallible);

pub(super) fn check(_: &str) -> Result<(), TracerError> {
    Err(TracerError::Absent)
}

impl Tracer {
    pub(super) fn new(_: &str, _: NonZeroU32, _: &Network) -> Result<Self, TracerError> {
        Err(TracerError::Absent)
    }

    pub(super) fn end(&self) {
        match self.0 {}
    }

    pub(super) fn request(&self, _: &Method) -> Option<Span> {
        match self.0 {}
    }
}

impl Span {
    pub(super) fn child(&self, _: &'static str) -> Self {
        match self.0 {}
    }

    pub(super) fn rename(&self, _: String) {
        match self.0 {}
    }

    pub(super) fn set(&self, _: &'static str, _: &str) {
        match self.0 {}
    }

    pub(super) fn status(&self, _: u16) {
        match self.0 {}
    }

    pub(super) fn trace_id(&self) -> String {
        match self.0 {}
    }

    pub(super) fn parent(&self) -> String {
        match self.0 {}
    }
}
