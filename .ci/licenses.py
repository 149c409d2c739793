#!/usr/bin/env python3
"""Writes THIRD-PARTY-LICENSES.md anew. Needs cargo-about (`cargo install cargo-about --locked --features cli`) and takes minutes.

With an argument, the JSON that `cargo about generate --format json` has written before is read instead.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = "pipeline-preflight"
HEAD = """# Licences of what the program is built with

<!-- made by .ci/licenses.py; what may stand here is in .ci/about.toml -->

The program itself is under the [Apache License 2.0](LICENSE). The crates below are built into it, or take part in building it, all of them
with the feature `live`, on one system or another. Where a crate offers several licences, the one named is the one it is used under. The texts
follow: that of the Apache License once, as it is the same for all, the others as the crates bring them, with their copyright notices.

"""


def ask() -> dict:
    """In a folder of its own: cargo-about looks through every file below the manifest, and tests and target are full of other people's licences."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ["Cargo.toml", "Cargo.lock", ".ci/about.toml", "LICENSE"]:
            shutil.copy(ROOT / name, folder)
        for path in ["src/lib.rs", "src/main.rs", "tests/suite/main.rs", *(f"benches/{p.name}" for p in ROOT.glob("benches/*.rs"))]:
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("")
        command = ["cargo", "about", "generate", "--locked", "--offline", "--all-features", "--fail", "--format", "json"]
        return json.loads(subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE).stdout)


def locked() -> set[str]:
    """What Cargo.lock says may be needed: more than is built, as it knows neither systems nor features."""
    manifest = tomllib.loads(Path(ROOT, "Cargo.toml").read_text())
    packages: dict[str, list[str]] = {}
    for package in tomllib.loads(Path(ROOT, "Cargo.lock").read_text())["package"]:
        packages.setdefault(package["name"], []).extend(package.get("dependencies", []))
    todo = [value.get("package", name) if isinstance(value, dict) else name for name, value in manifest["dependencies"].items()]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += [line.split()[0] for line in packages[name]]
    return seen


def written(found: dict) -> str:
    licences: dict[str, set[str]] = {}
    texts: dict[tuple[str, str], set[str]] = {}
    for licence in found["licenses"]:
        users = {user["crate"]["name"] for user in licence["used_by"]} - {OWN}
        for user in users:
            licences.setdefault(user, set()).add(licence["id"])
        if users:
            text = "\n".join(line.rstrip() for line in licence["text"].strip().splitlines())
            # The Apache License is the file LICENSE, whoever's name stands in its appendix.
            text = "" if licence["id"].startswith("Apache-2.0") else text
            texts.setdefault((licence["id"], text), set()).update(users)
    lines = [HEAD, "| crate | licence |\n| --- | --- |\n"]
    lines += [f"| {name} | {' AND '.join(sorted(ids))} |\n" for name, ids in sorted(licences.items())]
    unused = ", ".join(sorted(locked() - set(licences)))
    lines.append(f"\nNamed in `Cargo.lock`, but not built with these features on any system:\n{unused}\n")
    apache = "\n".join(line.rstrip() for line in (ROOT / "LICENSE").read_text().strip().splitlines())
    for (identifier, text), users in sorted(texts.items(), key=lambda item: (item[0][0], sorted(item[1]))):
        whose = "" if identifier.startswith("Apache-2.0") else ": " + ", ".join(sorted(users))
        lines.append(f"\n## {identifier}{whose}\n\n````text\n{text or apache}\n````\n")
    return "".join(lines)


if __name__ == "__main__":
    found = json.loads(Path(sys.argv[1]).read_text()) if len(sys.argv) > 1 else ask()
    Path(ROOT, "THIRD-PARTY-LICENSES.md").write_text(written(found))
