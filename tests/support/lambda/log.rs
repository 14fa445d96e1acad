//! What a function writes.

use std::{
    io::{BufRead, BufReader, Read},
    thread::{self, JoinHandle},
};

pub(super) type Source = Box<dyn Read + Send>;

/// The lines of a function, read while it writes them, so that it never waits
/// for a reader.
#[derive(Debug)]
pub struct Log(Vec<JoinHandle<Vec<String>>>);

impl Log {
    pub(super) fn read(sources: impl IntoIterator<Item = Option<Source>>) -> Self {
        let sources = sources.into_iter().flatten();
        let readers = sources.map(|source| thread::spawn(|| lines(source)));
        Self(readers.collect())
    }

    /// Waits for the end of the function, and returns what there was: first
    /// all of its output, then all of its errors.
    pub(super) fn finish(&mut self) -> Vec<String> {
        let readers = self.0.drain(..);
        readers
            .flat_map(|reader| reader.join().unwrap_or_default())
            .collect()
    }
}

fn lines(source: Source) -> Vec<String> {
    BufReader::new(source)
        .lines()
        .map_while(Result::ok)
        .collect()
}
