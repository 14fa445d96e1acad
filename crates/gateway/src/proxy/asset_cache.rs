//! The cache of one server's public files.

pub(crate) mod file;

use std::{fmt, sync::Arc};

use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle, PlaceholderGuard},
};

use self::file::CachedFile;

/// Largest file that is cached, in bytes. The largest of 3.18.0 has 4.5 MB.
pub(crate) const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;

/// Most bytes that are cached of one server, names and headers included; all of
/// 3.18.0 is 27 MB uncompressed.
const MAX_TOTAL_BYTES: u64 = 64 * 1024 * 1024;

/// About how many files there are. The cache remembers the names of half as many
/// that were evicted; asked for again, they stay.
const EXPECTED_FILES: usize = 512;

/// Which part is for files that were asked for more than once. The rest is for
/// new ones, the largest included: MLflow may have been upgraded.
const HOT_FRACTION: f64 = 0.5;

/// The public files of one server, as far as they were asked for.
pub(crate) struct AssetCache(Cache<String, Arc<CachedFile>, ByteWeight>);

/// The place of a file that is not cached. The request that holds it loads the
/// file.
pub(crate) type CacheSlot<'a> =
    PlaceholderGuard<'a, String, Arc<CachedFile>, ByteWeight, DefaultHashBuilder, Lifecycle>;

type Lifecycle = DefaultLifecycle<String, Arc<CachedFile>>;

/// Weighs a file by its bytes.
#[derive(Debug, Clone)]
pub(crate) struct ByteWeight;

impl Weighter<String, Arc<CachedFile>> for ByteWeight {
    fn weight(&self, path: &String, file: &Arc<CachedFile>) -> u64 {
        (path.len() + file.size()) as u64
    }
}

impl AssetCache {
    /// The file at `path`, if it is there and fresh; a stale one is removed.
    pub(crate) fn fresh(&self, path: &str) -> Option<Arc<CachedFile>> {
        let file = self.0.get(path)?;
        if file.is_fresh(path) {
            return Some(file);
        }
        self.0.remove_if(path, |kept| !kept.is_fresh(path));
        None
    }

    /// The file at `path` once another request has loaded it, or else its slot.
    pub(crate) async fn get_or_slot(&self, path: &str) -> Result<Arc<CachedFile>, CacheSlot<'_>> {
        self.0.get_value_or_guard_async(path).await
    }
}

impl Default for AssetCache {
    /// # Panics
    /// Never: the builder is given every option that it requires.
    fn default() -> Self {
        let options = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(EXPECTED_FILES)
            .weight_capacity(MAX_TOTAL_BYTES)
            .hot_allocation(HOT_FRACTION)
            .build()
            .expect("a cache's options are complete");
        Self(Cache::with_options(
            options,
            ByteWeight,
            DefaultHashBuilder::default(),
            Lifecycle::default(),
        ))
    }
}

impl fmt::Debug for AssetCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bundle({} files)", self.0.len())
    }
}

#[cfg(test)]
mod tests;
