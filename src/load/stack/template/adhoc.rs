use super::tests::Bench;
use crate::load::stack::recognise;
use std::fmt::Write as _;
use std::time::Instant;

#[test]
fn corpus() {
    let Ok(folder) = std::env::var("CORPUS") else {
        return;
    };
    let mut out = String::new();
    let mut by_repo: std::collections::BTreeMap<String, Vec<std::path::PathBuf>> =
        Default::default();
    for entry in walkdir::WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry.unwrap();
        if !entry.file_type().is_file() {
            continue;
        }
        let rel = entry.path().strip_prefix(&folder).unwrap().to_owned();
        let repo = rel
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        by_repo.entry(repo).or_default().push(rel);
    }
    for (repo, files) in by_repo {
        let mut bench = Bench::default();
        for rel in &files {
            let bytes = std::fs::read(std::path::Path::new(&folder).join(rel)).unwrap();
            let name = rel.to_string_lossy().into_owned();
            match bench.sources.add_lenient(&name, &bytes) {
                Err(error) => {
                    writeln!(out, "## {name}: {error}").unwrap();
                }
                Ok(source) => {
                    let roots: Vec<_> = bench
                        .sources
                        .roots(source)
                        .iter()
                        .filter(|r| recognise(**r))
                        .map(|r| r.origin())
                        .collect();
                    if roots.is_empty() {
                        writeln!(out, "## {name}: no template").unwrap();
                    }
                    for root in roots {
                        let homeless = std::env::var("HOMELESS").is_ok();
                        if homeless {
                            let mut t = |w: &str| {
                                bench
                                    .symbols
                                    .unknown(&format!("{w} {name}"), || crate::graph::Symbol {
                                        name: format!("{w} of {name}"),
                                        what: String::new(),
                                        supply: String::new(),
                                        origin: root,
                                    })
                                    .to_string()
                            };
                            let (a, r, n) = (t("account"), t("region"), t("stack"));
                            let s = bench.add(&name, rel.clone(), root);
                            s.home.account = a;
                            s.home.region = r;
                            s.home.stack = n;
                        } else {
                            bench.add(&name, rel.clone(), root);
                        }
                    }
                }
            }
        }
        let start = Instant::now();
        let world = bench.run();
        writeln!(
            out,
            "# {repo}: {} stacks, {} declared, {} off, {:?}",
            bench.stacks.len(),
            world.declared.len(),
            world.switched_off.len(),
            start.elapsed()
        )
        .unwrap();
        for w in &world.warnings {
            let place = w.origins.first().map(|o| {
                let p = bench.sources.place(*o);
                format!("{}:{}", p.name, p.start.line)
            });
            writeln!(
                out,
                "  W {} [{}] {}",
                bench.symbols.shown(&w.message),
                w.help
                    .as_deref()
                    .map(|h| bench.symbols.shown(h).into_owned())
                    .unwrap_or_default(),
                place.unwrap_or_default()
            )
            .unwrap();
        }
        for off in &world.switched_off {
            writeln!(
                out,
                "  O {} {} {:?} {} {:?} -> {:?}",
                off.stack,
                off.logical_id,
                off.property,
                off.condition,
                off.parameters
                    .iter()
                    .map(|(n, v)| format!("{n}={}", bench.symbols.shown(v)))
                    .collect::<Vec<_>>(),
                off.turned_on_by
            )
            .unwrap();
        }
        let mut used: std::collections::BTreeMap<String, usize> = Default::default();
        for d in &world.declared {
            let text = super::functions::json(&d.properties).to_string();
            for s in crate::graph::symbols_in(&text) {
                *used
                    .entry(format!(
                        "{} | {} | {}",
                        bench.symbols.get(s).unwrap().name,
                        bench.symbols.get(s).unwrap().what,
                        bench.symbols.get(s).unwrap().supply
                    ))
                    .or_default() += 1;
            }
            writeln!(
                out,
                "  D {} {} {} = {} | {:?} {}",
                d.stack,
                d.kind,
                d.logical_id,
                bench.symbols.shown(&d.physical),
                d.arn.as_ref().map(|a| bench.symbols.shown(a).into_owned()),
                if std::env::var("FULL").is_ok() {
                    bench.symbols.shown(&text).into_owned()
                } else {
                    String::new()
                }
            )
            .unwrap();
        }
        for (n, c) in used {
            writeln!(out, "  S {c} {n}").unwrap();
        }
    }
    std::fs::write("/tmp/eval-corpus.txt", out).unwrap();
}

#[test]
fn speed() {
    let Ok(file) = std::env::var("BIG") else {
        return;
    };
    let bytes = std::fs::read(&file).unwrap();
    let mut bench = Bench::default();
    let t = Instant::now();
    let source = bench.sources.add_lenient("big.yaml", &bytes).unwrap();
    let root = bench.sources.roots(source)[0].origin();
    bench.add("big", "big.yaml".into(), root);
    let parsed = t.elapsed();
    let t = Instant::now();
    let world = bench.run();
    let evaluated = t.elapsed();
    let t = Instant::now();
    for d in &world.declared {
        bench.sources.make(&d.properties);
    }
    let made = t.elapsed();
    let t = Instant::now();
    let _: serde_yaml::Value = serde_yaml::from_slice(&bytes).unwrap();
    panic!(
        "parse {parsed:?} evaluate {evaluated:?} make {made:?} serde {:?} declared {} warnings {:?}",
        t.elapsed(),
        world.declared.len(),
        world.warnings.iter().take(5).collect::<Vec<_>>()
    );
}
