//! Every property holds for its committed seeds.

pub mod properties;

use std::{fs, path::PathBuf};

use shell_tests::environment;

#[test]
fn every_property_holds_for_its_seeds() {
    for (name, property) in properties::ALL {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in seeds {
            let input = fs::read(&seed).expect("a seed can be read");
            let held = std::panic::catch_unwind(|| property(&input));
            assert!(
                held.is_ok(),
                "`{name}` does not hold for {}",
                seed.display()
            );
        }
    }
}

fn seeds(name: &str) -> Vec<PathBuf> {
    let folder = environment::workspace().join("tests/fuzz/seeds").join(name);
    let entries = fs::read_dir(folder).expect("the seeds can be listed");
    let paths = entries.map(|entry| entry.expect("a file").path());
    paths.collect()
}
