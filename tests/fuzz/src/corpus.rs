//! Writes the examples of every target into its corpus. What else lies there stays.

use std::fs;

fn main() -> std::io::Result<()> {
    for target in fuzz::TARGETS {
        let folder = fuzz::corpus(&target);
        fs::create_dir_all(&folder)?;
        for example in (target.examples)() {
            fs::write(folder.join(&example.name), &example.bytes)?;
        }
        println!("{}: {}", target.name, folder.display());
    }
    Ok(())
}
