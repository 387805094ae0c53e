use std::process::Command;

fn main() {
    // The library comes from the system; pkg-config says where it lies.
    let found = Command::new("pkg-config").args(["--libs-only-L", "sqlite3"]).output();
    for folder in found.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default().split_whitespace() {
        println!("cargo:rustc-link-search={}", folder.trim_start_matches("-L"));
    }
    println!("cargo:rustc-link-lib=sqlite3");
}
