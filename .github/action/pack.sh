#!/usr/bin/env bash
# A step of the release: pack.sh FOLDER TARGET puts the program of a folder into an archive, as install.sh expects it, in the working folder.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
program=pipeline-preflight
test -e "$1/$program" || program=pipeline-preflight.exe
archive=pipeline-preflight-$2.tar.gz
staged=$(mktemp -d)
cp "$1/$program" "$root/LICENSE" "$root/THIRD-PARTY-LICENSES.md" "$staged"
tar -czf "$archive" -C "$staged" "$program" LICENSE THIRD-PARTY-LICENSES.md
rm -r "$staged"
if command -v sha256sum >/dev/null; then sha256sum "$archive"; else shasum -a 256 "$archive"; fi >"$archive.sha256"
