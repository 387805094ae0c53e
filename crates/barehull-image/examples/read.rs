//! Reads an image and says what is in it: `cargo run --release --example read -- IMAGE [NAME]`.

use barehull_catalog::{Catalog, Component};
use barehull_image::{Image, OpenOptions, inventory};
use std::path::Path;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("an image");
    let options = OpenOptions { name: arguments.next(), ..OpenOptions::default() };
    match Image::open(Path::new(&path), &options) {
        Ok(image) => {
            println!(
                "{:?} {:?}, {}/{}",
                image.name, image.digest, image.config.os, image.config.architecture
            );
            for layer in &image.layers {
                println!(
                    "{:>11} {:>12} {:>7}  {}",
                    layer.size, layer.unpacked_size, layer.entries, layer.created_by
                );
            }
            println!("{} entries, {} shadowed", image.tree.len(), image.tree.shadowed().len());
            for database in &image.packages {
                println!("{}: {:?} packages", database.path, database.packages.as_ref().map(Vec::len));
            }
            for entry in inventory(&image, Catalog::builtin()).materialise() {
                let Component { path, role } = &entry.component;
                println!("{role:?} {path} {:?} {:?}", entry.presence, entry.package);
            }
            image.notes.iter().for_each(|note| println!("note: {note}"));
        }
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(2);
        }
    }
}
