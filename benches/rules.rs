//! What the rules cost, without reading, parsing and understanding: over the Dockerfiles of all samples, each as it is
//! when it has been understood.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use barehull::engine::Understood;
use barehull::options::Options;
use barehull::project::ProjectPath;
use barehull_catalog::{Catalog, Date};
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

/// All rules that are on by default; divan shows how many Dockerfiles that is a second.
#[divan::bench]
fn all(bencher: Bencher) {
    bench(bencher, &[]);
}

/// One rule that finds nothing: what is left when rules have nothing to say.
#[divan::bench]
fn one(bencher: Bencher) {
    bench(bencher, &["duplicate-stage-name"]);
}

fn bench(bencher: Bencher, only: &[&str]) {
    let only = only.iter().map(|id| (*id).to_owned()).collect();
    let options = Options { only, today: Date::new(2026, 11, 27), ..Options::new(Catalog::builtin()) };
    let files: Vec<Understood> = dockerfiles().map(|text| understood(text, &options)).collect();
    assert!(files.len() > 50, "the samples are there");
    bencher
        .counter(ItemsCount::new(files.len()))
        .bench_local(|| files.iter().map(|file| file.findings(&options).len()).sum::<usize>());
}

fn understood(text: Vec<u8>, options: &Options<'_>) -> Understood {
    let path = ProjectPath::new("Dockerfile").expect("a path");
    Understood::new(path, &Arc::from(text), options)
}

fn dockerfiles() -> impl Iterator<Item = Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut samples: Vec<_> =
        fs::read_dir(folder).expect("samples").map(|entry| entry.expect("a sample").path()).collect();
    samples.sort();
    samples.into_iter().filter_map(|sample| fs::read(sample.join("Dockerfile")).ok())
}
