//! Measurements of the running product.

use crate::failure::{Failure, Result};

/// Measures how long the experiments list takes to appear.
pub(crate) fn page() -> Result<()> {
    Err(Failure::because(
        "`bench page` does not measure anything yet",
    ))
}
