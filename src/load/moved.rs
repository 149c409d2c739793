//! Inputs that lie elsewhere for a while, such as files as they were once: they go by the names of their own places.

use std::path::{Path, PathBuf};

/// Where inputs lie for the time of a run, and what they are called all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The folder that stands in the place of another one.
    pub from: PathBuf,
    /// The working folder, as it is reached from that other one; empty where it is the same.
    pub working: PathBuf,
}

impl Moved {
    /// The path as it would be without the move, from the working folder.
    pub(super) fn shown(&self, path: &Path) -> PathBuf {
        let Ok(inside) = path.strip_prefix(&self.from) else {
            return path.to_owned();
        };
        let mut up = PathBuf::new();
        for folder in self.working.ancestors() {
            if let Ok(rest) = inside.strip_prefix(folder) {
                return match up.join(rest) {
                    here if here == Path::new("") => PathBuf::from("."),
                    there => there,
                };
            }
            up.push("..");
        }
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_moved_goes_by_the_name_of_its_own_place() {
        let moved = |working: &str| Moved {
            from: PathBuf::from("/tmp/x"),
            working: PathBuf::from(working),
        };
        let shown = |working: &str, path: &str| {
            let shown = moved(working).shown(Path::new(path));
            shown.to_str().unwrap().replace('\\', "/")
        };
        assert_eq!(shown("", "/tmp/x/a/b.json"), "a/b.json");
        assert_eq!(shown("a", "/tmp/x/a/b.json"), "b.json");
        assert_eq!(shown("a/b", "/tmp/x/a/c.json"), "../c.json");
        assert_eq!(shown("a/b", "/tmp/x/c/d.json"), "../../c/d.json");
        assert_eq!(shown("a", "/tmp/x/a"), ".");
        assert_eq!(shown("a", "/elsewhere/b.json"), "/elsewhere/b.json");
    }
}
