//! A session that lasts: renewed, survived, shared by tabs, ended honestly.

pub(crate) mod batch;
mod ending;
mod endurance;
mod mediation;
mod outages;
mod probe;
mod providers;
pub(crate) mod renewal;
mod survival;
mod tabs;
mod updates;
