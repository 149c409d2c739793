//! The stations of a run, each on its own.

fn main() {
    divan::main();
}
