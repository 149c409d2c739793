//! What is missing, not recognised or no pipeline; and the fixtures.

use super::*;

#[test]
fn every_bad_input_is_named_in_one_run() {
    let folder = folder(&[
        ("a/broken.json", b"{\"a\": "),
        ("a/open", b"{\"a\": "),
        ("b.json", PIPELINE.as_bytes()),
    ]);
    let at = |name: &str| folder.path().join(name);
    let errors = load_paths(&[at("missing.json"), folder.path().to_owned()]).expect_err("refused");
    let ends: Vec<String> = errors
        .iter()
        .map(|error| error.file.rsplit('/').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(ends, ["missing.json", "broken.json", "open"]);
    assert_eq!(errors[0].message, "no such file or folder");
    assert!(errors[1].position.is_some());
    assert!(!errors[1].message.contains("line "), "{}", errors[1]);
}

#[test]
fn a_named_file_has_to_be_recognised() {
    let errors = refused(&[("x.json", r#"{"hello": "world"}"#), ("p", PIPELINE)]);
    assert_eq!(
        messages(&errors),
        ["x.json: not recognised as anything that can be checked"]
    );
    let folder = folder(&[
        ("x.json", b"{\"hello\": 1}"),
        ("p.json", PIPELINE.as_bytes()),
    ]);
    let named = load_paths(&[folder.path().join("x.json"), folder.path().to_owned()]);
    assert_eq!(named.expect_err("refused").len(), 1);
    let loaded = load_paths(&[folder.path().join("p.json"), folder.path().to_owned()]);
    assert_eq!(loaded.expect("read").recognised.len(), 1);
}

#[test]
fn without_a_pipeline_there_is_nothing_to_check() {
    assert_eq!(
        messages(&refused(&[])),
        ["no input: expected files or folders with at least one pipeline"]
    );
    let bucket = r#"{"LocationConstraint": null}"#;
    assert_eq!(
        messages(&refused(&[
            ("1", &role("A", "")),
            ("2", &role("B", "")),
            ("111111111111/s3/b.json", bucket)
        ])),
        ["no pipeline among the inputs: recognised 1 bucket and 2 roles instead"]
    );
    let folder = fixture("bad/nothing-recognisable");
    let errors = load_paths(std::slice::from_ref(&folder)).expect_err("refused");
    let folder = folder.to_str().expect("text");
    assert_eq!(
        messages(&errors),
        [format!(
            "no pipeline among the inputs: nothing was recognised in 2 files; not recognised: `{folder}/notes.txt` and \
             `{folder}/todo.txt`"
        )]
    );
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(path)
        .expect("folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn every_case_is_read_without_remark() {
    let cases: Vec<PathBuf> = folders(&fixture("cases"))
        .iter()
        .flat_map(|system| folders(system))
        .collect();
    assert!(cases.len() > 10);
    for case in cases {
        let loaded =
            load_paths(std::slice::from_ref(&case)).unwrap_or_else(|e| panic!("{case:?}: {e:#?}"));
        assert_eq!(warnings(&loaded), [""; 0], "{case:?}");
        assert_eq!(loaded.unrecognised, [""; 0], "{case:?}");
        assert_eq!(loaded.graph.pipelines.len(), 1, "{case:?}");
        assert!(loaded.graph.pipelines[0].region.is_some(), "{case:?}");
    }
}

#[test]
fn all_formats_say_the_same() {
    let pipelines = fs::read_dir(fixture("formats/pipeline")).expect("folder");
    let paths: Vec<PathBuf> = pipelines
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    let loaded = load_paths(&paths).expect("read");
    assert_eq!(loaded.graph.pipelines.len(), 1);
    assert!(
        warnings(&loaded)
            .iter()
            .all(|text| text.contains("not strict JSON")),
        "{:?}",
        warnings(&loaded)
    );
    let mut exports = folders(&fixture("formats/account"));
    assert_eq!(exports.len(), 3);
    exports.extend(paths.first().cloned());
    let loaded = load_paths(&exports).expect("read");
    assert!(loaded.graph.accounts.values().all(|a| a.roles_complete));
}

#[test]
fn damaged_files_are_refused_and_none_panics() {
    let good = fixture("formats/pipeline/get-pipeline.json");
    for entry in fs::read_dir(fixture("bad")).expect("folder") {
        let path = entry.expect("entry").path();
        let result = load_paths(&[good.clone(), path.clone()]);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match name.as_ref() {
            "nothing-recognisable" => assert_eq!(result.expect("read").unrecognised.len(), 2),
            "truncated-export" => {
                let loaded = result.expect("read");
                assert!(loaded.graph.accounts.values().all(|a| !a.roles_complete));
            }
            _ => {
                let errors = result.expect_err(&name);
                assert!(errors.iter().all(|e| e.file.ends_with(name.as_ref())));
            }
        }
    }
}
