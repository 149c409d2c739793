//! Snapshot folders on the disk: written whole, or left as they were.

#![cfg_attr(
    not(unix),
    allow(dead_code, reason = "links and modes are those of Unix")
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pipeline_preflight::load::{FolderError, SnapshotFile, SnapshotFolder};
use tempfile::TempDir;

/// Every file below a folder with its text, every folder with none, hidden ones too.
fn tree(folder: &Path) -> BTreeMap<String, Option<String>> {
    let entries = walkdir::WalkDir::new(folder).min_depth(1).into_iter();
    let entries = entries.map(|entry| {
        let entry = entry.unwrap();
        let name = entry.path().strip_prefix(folder).unwrap();
        let text = match entry.file_type() {
            kind if kind.is_symlink() => Some(format!(
                "-> {}",
                fs::read_link(entry.path()).unwrap().display()
            )),
            kind if kind.is_file() => Some(fs::read_to_string(entry.path()).unwrap()),
            _ => None,
        };
        (name.to_str().unwrap().to_owned(), text)
    });
    entries.collect()
}

fn file(path: &str, text: &str) -> SnapshotFile {
    SnapshotFile {
        path: PathBuf::from(path),
        name: path.to_owned(),
        text: text.to_owned(),
    }
}

fn put(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn write(at: &Path, files: &[SnapshotFile]) -> Result<Option<PathBuf>, FolderError> {
    SnapshotFolder::open(at)?.write(files)
}

#[test]
fn a_new_folder_holds_the_files_and_nothing_else_is_left() {
    let around = TempDir::new().unwrap();
    let files = [
        file("111111111111/iam/roles/A.json", "{}\n"),
        file("111111111111/s3/b.json", "{ }\n"),
    ];
    for name in ["new", "empty"] {
        if name == "empty" {
            fs::create_dir(around.path().join(name)).unwrap();
        }
        let at = around.path().join(name);
        assert_eq!(write(&at, &files), Ok(None));
        let expected = [
            ("111111111111", None),
            ("111111111111/iam", None),
            ("111111111111/iam/roles", None),
            ("111111111111/iam/roles/A.json", Some("{}\n")),
            ("111111111111/s3", None),
            ("111111111111/s3/b.json", Some("{ }\n")),
        ];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.map(str::to_owned)));
        assert_eq!(tree(&at), expected.into());
    }
    assert_eq!(fs::read_dir(around.path()).unwrap().count(), 2);
}

/// Like what `aws … > file` writes: the process's mask decides who may read it.
#[test]
#[cfg(unix)]
fn files_are_as_readable_as_any_new_ones() {
    use std::os::unix::fs::PermissionsExt as _;
    let around = TempDir::new().unwrap();
    put(around.path(), &[("any/file", "")]);
    let at = around.path().join("new");
    write(&at, &[file("111111111111/s3/b.json", "{}")]).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&at), mode(&around.path().join("any")));
    assert_eq!(
        mode(&at.join("111111111111/s3/b.json")),
        mode(&around.path().join("any/file"))
    );
    // Whoever closed the folder finds it closed.
    fs::set_permissions(&at, fs::Permissions::from_mode(0o700)).unwrap();
    write(&at, &[file("111111111111/s3/c.json", "{}")]).unwrap();
    assert_eq!(mode(&at) & 0o777, 0o700);
}

#[test]
fn a_snapshot_is_laid_over_an_earlier_one() {
    let around = TempDir::new().unwrap();
    let at = around.path().join("snapshot");
    put(
        &at,
        &[
            ("111111111111/s3/b.json", "old"),
            ("111111111111/iam/roles/A.json", "old"),
            ("222222222222/s3/c.json", "old"),
        ],
    );
    // Somebody else's name for the same file keeps the old text.
    fs::hard_link(
        at.join("111111111111/s3/b.json"),
        around.path().join("copy"),
    )
    .unwrap();
    let new = [
        file("111111111111/s3/b.json", "new"),
        file("333333333333/s3/d.json", "new"),
    ];
    assert_eq!(write(&at, &new), Ok(None));
    let texts: Vec<_> = tree(&at)
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
        .collect();
    let expected = [
        ("111111111111/iam/roles/A.json", "old"),
        ("111111111111/s3/b.json", "new"),
        ("222222222222/s3/c.json", "old"),
        ("333333333333/s3/d.json", "new"),
    ];
    assert_eq!(
        texts,
        expected.map(|(name, text)| (name.to_owned(), text.to_owned()))
    );
    assert_eq!(
        fs::read_to_string(around.path().join("copy")).unwrap(),
        "old"
    );
    assert_eq!(fs::read_dir(around.path()).unwrap().count(), 2);
}

#[test]
fn what_is_no_snapshot_is_left_alone() {
    let around = TempDir::new().unwrap();
    put(
        around.path(),
        &[
            ("file", "text"),
            ("other/notes.txt", "text"),
            ("mixed/111111111111/s3/b.json", "{}"),
            ("mixed/.hidden", "text"),
            ("digits/111111111111", "a file"),
        ],
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("nowhere", around.path().join("dangling")).unwrap();
        fs::create_dir(around.path().join("links")).unwrap();
        symlink("../mixed", around.path().join("links/111111111111")).unwrap();
        put(
            around.path(),
            &[("inner/111111111111/s3/b.json", "{}"), ("outside", "text")],
        );
        symlink(
            "../../../outside",
            around.path().join("inner/111111111111/s3/c.json"),
        )
        .unwrap();
    }
    let before = tree(around.path());
    let mut cases = vec![
        ("file", "it is no folder"),
        ("other", "it holds `notes.txt`"),
        ("mixed", "it holds `.hidden`"),
        ("digits", "it holds `111111111111`"),
        ("missing/snapshot", "is in no folder that exists"),
        ("file/snapshot", "what is around it is no folder"),
    ];
    if cfg!(unix) {
        cases.extend([
            ("dangling", "it leads nowhere"),
            ("links", "it holds `111111111111`"),
            ("inner", "c.json` is neither file nor folder"),
        ]);
    }
    for (name, told) in cases {
        let new = [file("111111111111/s3/b.json", "new")];
        let error = write(&around.path().join(name), &new).unwrap_err();
        assert!(error.message.contains(told), "{name}: {error}");
        assert_eq!(tree(around.path()), before, "{name}");
    }
}

#[test]
fn the_root_and_the_working_folder_are_not_replaced() {
    for at in ["/", ".", ".."] {
        let error = SnapshotFolder::open(Path::new(at)).unwrap_err();
        assert!(error.message.contains("cannot be written"), "{error}");
    }
}

#[test]
#[cfg(unix)]
fn a_link_to_a_snapshot_stays_a_link() {
    let around = TempDir::new().unwrap();
    put(
        around.path(),
        &[("real/snapshot/111111111111/s3/b.json", "old")],
    );
    let link = around.path().join("link");
    std::os::unix::fs::symlink("real/snapshot", &link).unwrap();
    write(&link, &[file("111111111111/s3/c.json", "new")]).unwrap();
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("real/snapshot"));
    assert_eq!(tree(&around.path().join("real/snapshot")).len(), 4);
    assert_eq!(fs::read_dir(around.path().join("real")).unwrap().count(), 1);
}

/// A file that the disk does not take in the middle of the work stands for any failure there.
#[test]
fn a_run_that_breaks_off_leaves_what_was_there() {
    let around = TempDir::new().unwrap();
    let at = around.path().join("snapshot");
    put(&at, &[("111111111111/s3/b.json", "old")]);
    let long = format!("111111111111/s3/{}.json", "x".repeat(5000));
    for broken in [
        long.as_str(),
        "../outside.json",
        "/outside.json",
        "111111111111/../../outside.json",
        "",
        // A file where a folder has to be.
        "111111111111/s3/b.json/c.json",
    ] {
        let before = tree(around.path());
        for at in [&at, &around.path().join("new")] {
            let new = [file("111111111111/s3/b.json", "new"), file(broken, "new")];
            assert!(write(at, &new).is_err(), "{broken}");
            assert_eq!(tree(around.path()), before, "{broken}");
        }
    }
    assert!(!Path::new("/outside.json").exists());
}

/// Where the folder around it takes nothing this is known before anybody waits.
#[test]
#[cfg(target_os = "linux")]
fn a_folder_around_it_that_takes_nothing_is_said_at_once() {
    // Not even root writes there.
    let error = SnapshotFolder::open(Path::new("/proc/snapshot")).unwrap_err();
    assert!(
        error.message.starts_with("nothing can be written beside"),
        "{error}"
    );
}
