use axum::http::HeaderMap;
use bytes::Bytes;

use super::*;

fn file(bytes: usize) -> Arc<CachedFile> {
    let plain = Bytes::from(vec![0; bytes]);
    Arc::new(CachedFile::new(HeaderMap::new(), plain))
}

/// Keeps a file as a request does that has loaded it.
async fn keep(cache: &AssetCache, path: &str, bytes: usize) {
    let slot = cache.0.get_value_or_guard_async(path).await;
    let _ = slot.unwrap_err().insert(file(bytes));
}

#[tokio::test]
async fn what_is_kept_has_a_bound_and_new_files_find_room() {
    const MIB: usize = 1024 * 1024;
    let cache = AssetCache::default();
    for number in 0..100 {
        let path = format!("/static-files/{number}.js");
        keep(&cache, &path, 2 * MIB).await;
        assert!(cache.0.weight() <= MAX_TOTAL_BYTES, "{number}");
    }
    assert!(cache.0.weight() > MAX_TOTAL_BYTES / 2);

    // The largest that there can be, and many small ones.
    keep(&cache, "/static-files/largest.js", MAX_FILE_BYTES).await;
    assert!(cache.fresh("/static-files/largest.js").is_some());
    for number in 0..10_000 {
        keep(&cache, &format!("/{number}"), 1).await;
    }
    assert!(cache.0.weight() <= MAX_TOTAL_BYTES);
}

#[tokio::test]
async fn a_path_takes_room_as_well_as_its_file() {
    let cache = AssetCache::default();
    let long = "a".repeat(10_000);
    keep(&cache, &long, 0).await;
    assert!(cache.0.weight() > 10_000);
}
