//! A session that lasts: renewed, survived, shared by tabs, ended honestly.

pub(crate) mod batch;
mod ending;
mod endurance;
mod outages;
mod probe;
pub(crate) mod renewal;
mod survival;
mod tabs;
mod updates;
