"""Runs what docs/live.md tells to do without AWS, to the letter, and compares what it shows with what comes out.

    PATH="$PWD/target/debug:$PATH" python3 tests/moto/readme.py
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs" / "live.md"
SECTION = "## Without AWS"


def main():
    section = PAGE.read_text().split(f"\n{SECTION}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^```(sh|text)\n(.*?)^```$", section, re.S | re.M)
    # The shell of the world that one of the lines opens reads the lines after it.
    lines = "".join(text for kind, text in blocks if kind == "sh")
    print("".join(f"$ {line}\n" for line in lines.splitlines()), flush=True)
    ran = subprocess.run(["bash"], input=lines, capture_output=True, text=True, cwd=ROOT, timeout=600)
    print(ran.stdout + ran.stderr, flush=True)
    shown = [part.strip("\n") for kind, text in blocks if kind == "text" for part in re.split(r"^\[…\]$", text, flags=re.M)]
    at, missing = 0, []
    for part in filter(None, shown):
        found = ran.stdout.find(part, at)
        if found < 0:
            missing.append(part)
        else:
            at = found + len(part)
    for part in missing:
        print(f"WRONG  {PAGE.name} shows what does not come out, or not in this order:\n{part}", file=sys.stderr)
    if ran.returncode != 1:
        print(f"WRONG  exit code {ran.returncode}, and there are errors to be found", file=sys.stderr)
    return 1 if missing or ran.returncode != 1 or not lines or not shown else 0


if __name__ == "__main__":
    sys.exit(main())
