//! The house stays easy to walk through: one direction of flow, borders that visibility cannot draw, small files.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in the order in which a file passes through them.
const ROOMS: [&str; 9] = [
    "source",
    "load",
    "graph",
    "rules",
    "iam",
    "check",
    "authorize",
    "report",
    "cli",
];

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new("src").sort_by_file_name() {
        let entry = entry.unwrap();
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "rs")
        {
            files.push((
                entry.path().to_owned(),
                fs::read_to_string(entry.path()).unwrap(),
            ));
        }
    }
    files
}

fn room(path: &Path) -> Option<usize> {
    let name = path.strip_prefix("src").unwrap().components().next()?;
    ROOMS.iter().position(|room| name.as_os_str() == *room)
}

#[test]
fn each_room_knows_only_the_rooms_before_it() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let Some(own) = room(&path) else { continue };
        for line in text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            let Some((_, rest)) = line.split_once("crate::") else {
                continue;
            };
            let Some(other) = ROOMS
                .iter()
                .position(|room| rest.starts_with(&format!("{room}::")))
            else {
                continue;
            };
            // Readers fill the graph: its types are where all loaders meet.
            let door = ROOMS[own] == "load" && ROOMS[other] == "graph";
            if other > own && !door {
                faults.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_source_and_load_see_nodes_and_only_report_sees_miette() {
    for (path, text) in sources() {
        let Some(own) = room(&path).map(|room| ROOMS[room]) else {
            continue;
        };
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            // A picture's nodes are others.
            .map(|line| line.replace("NodeKind", ""))
            .collect();
        if !["source", "load"].contains(&own) {
            assert!(
                !code.contains("Node<") && !code.contains("::Node"),
                "{} knows nodes",
                path.display()
            );
        }
        if own != "report" {
            assert!(
                !code.contains("miette::"),
                "{} knows miette",
                path.display()
            );
        }
        if own == "iam" {
            for word in ["pipeline", "codepipeline", "std::fs", "std::io"] {
                assert!(
                    !code.to_lowercase().contains(&format!("{word}::")),
                    "{} knows {word}",
                    path.display()
                );
            }
        }
    }
}

/// Without the feature `live` there is no way to call anybody, and with it there is one room to look through.
#[test]
fn only_one_room_knows_the_network() {
    let mut rooms = 0;
    for (path, text) in sources() {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let code: Vec<&str> = code.collect();
        let named = [
            "aws_sdk",
            "aws_config",
            "aws_smithy",
            "tokio",
            "TcpStream",
            "UdpSocket",
            "ToSocketAddrs",
        ];
        let named = named
            .iter()
            .find(|name| code.iter().any(|line| line.contains(**name)));
        match path.starts_with("src/load/aws") {
            true => rooms += usize::from(named.is_some()),
            false => assert_eq!(named, None, "{} knows the network", path.display()),
        }
    }
    assert!(rooms > 0);
}

#[test]
fn files_stay_small() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}
