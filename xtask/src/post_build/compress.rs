//! Files compressed beside themselves, so that no server has to.

use std::{
    ffi::OsString,
    io::Write,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use super::{files, read, write};
use crate::failure::{Explain, Failure, Result};

const COMPRESSIBLE: &[&str] = &[
    "html", "js", "mjs", "cjs", "css", "wasm", "svg", "json", "ttf", "eot",
];

/// Writes a `.br` and a `.gz` beside every compressible file below `folder`.
pub(crate) fn folder(folder: &Path) -> Result<()> {
    let mut files = files(folder)?;
    files.retain(|file| is_compressible(file));
    let left = Mutex::new(files);
    let next = || left.lock().ok().and_then(|mut files| files.pop());
    let work = || {
        while let Some(file) = next() {
            compress(&file)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let count = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let workers: Vec<_> = (0..count).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|worker| {
            let broken = || Failure::because("a thread that compresses has failed");
            worker.join().unwrap_or_else(|_| Err(broken()))
        });
        ended.collect()
    })
}

fn compress(file: &Path) -> Result<()> {
    let bytes = read(file)?;
    write(&beside(file, "br"), &brotli(&bytes)?)?;
    write(&beside(file, "gz"), &gzip(&bytes)?)
}

pub(super) fn is_compressible(file: &Path) -> bool {
    file.extension()
        .is_some_and(|extension| COMPRESSIBLE.iter().any(|known| extension == *known))
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".");
    name.push(ending);
    name.into()
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    // The standard window: browsers do not read the large one.
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)
        .explain(|| "brotli compression failed".to_owned())?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .explain(|| "gzip compression failed".to_owned())
}
