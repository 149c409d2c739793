"""Runs what the pages tell to do with AWS: the section of docs/live.md that does without AWS to the letter, comparing what it shows with what
comes out; and each block that tests/suite/docs/run.rs leaves to the emulator, with the names of this world in the place of the reader's.

    PATH="$PWD/target/debug:$PATH" python3 tests/moto/readme.py
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs" / "live.md"
SECTION = "## Without AWS"
TABLE = ROOT / "tests" / "suite" / "docs" / "run.rs"
WORLD = [str(ROOT / "target" / "moto" / "bin" / "python"), str(ROOT / "tests" / "moto" / "world.py"), "--"]
# What a reader fills in: the pipeline, its Region, the profile of the other account, and what the loop exports.
NAMES = (
    (r"^(pipelines)=.*$", r'\1="shop" buckets="" keys="" projects=""'),
    (r"\bshop\b", "cfn-fixed"),
    (r"\b(us-west-2|eu-west-1)\b", "us-east-1"),
    (r"--profile source\b", "--profile target"),
)
# Each block begins anew, and ends at the first command that fails otherwise than by findings.
PRELUDE = """set +eu +o pipefail; set -E; trap 's=$?; if [ $s -gt 1 ]; then echo "exit code $s: $BASH_COMMAND"; exit $s; fi' ERR\n"""


def main():
    text = PAGE.read_text()
    section = text.split(f"\n{SECTION}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^```(sh|text)\n(.*?)^```$", section, re.S | re.M)
    # The shell of the world that one of the lines opens reads the lines after it.
    lines = "".join(text for kind, text in blocks if kind == "sh")
    print("".join(f"$ {line}\n" for line in lines.splitlines()), flush=True)
    ran = subprocess.run(["bash"], input=lines, capture_output=True, text=True, cwd=ROOT, timeout=600)
    print(ran.stdout + ran.stderr, flush=True)
    shown = [part.strip("\n") for kind, text in blocks if kind == "text" for part in re.split(r"^\[…\]$", text, flags=re.M)]
    at, wrong = 0, []
    for part in filter(None, shown):
        found = ran.stdout.find(part, at)
        if found < 0:
            wrong.append(f"{PAGE.name} shows what does not come out, or not in this order:\n{part}")
        else:
            at = found + len(part)
    if ran.returncode != 1 or not lines or not shown:
        wrong.append(f"{SECTION}: exit code {ran.returncode}, and there are errors to be found")
    wrong += left_to_the_emulator(lines)
    for one in wrong:
        print(f"WRONG  {one}", file=sys.stderr)
    return 1 if wrong else 0


def left_to_the_emulator(done):
    """Runs the blocks page by page, each page in a folder and a world of its own; gives what is wrong. `done` is run already."""
    rows = re.findall(r'\(\s*"([^"]+)",\s*"((?:[^"\\]|\\.)*)",\s*Why::Emulator,?\s*\)', TABLE.read_text())
    wrong, count = [], 0
    for page in dict.fromkeys(page for page, _ in rows):
        begins = tuple(begin.replace("\\n", "\n").replace('\\"', '"') for name, begin in rows if name == page)
        blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / page).read_text(), re.S | re.M)
        blocks = [block for block in blocks if block.startswith(begins) and block not in done]
        script = "".join(PRELUDE + block for block in blocks)
        for pattern, name in NAMES:
            script = re.sub(pattern, name, script, flags=re.M)
        count += len(blocks)
        with tempfile.TemporaryDirectory() as folder:
            ran = subprocess.run([*WORLD, "bash", "-c", script], capture_output=True, text=True, cwd=folder, timeout=600)
        print(f"{page}: {len(blocks)} blocks, exit code {ran.returncode}", flush=True)
        if ran.returncode > 1:
            wrong.append(f"{page}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return wrong if count else [*wrong, f"{TABLE.name} leaves nothing to the emulator"]


if __name__ == "__main__":
    sys.exit(main())
