#!/usr/bin/env bash
# A step of action.yml: puts pipeline-preflight on the PATH of the steps that follow.
# In: INSTALL, LIVE, VERSION, REPOSITORY, SHA256, and what the runner sets.
set -euo pipefail

fail() {
  local message=${1//%/%25}
  message=${message//$'\r'/%0D}
  printf '::error title=pipeline-preflight::%s\n' "${message//$'\n'/%0A}" >&2
  exit 2
}

folder=$RUNNER_TEMP/pipeline-preflight

from_sources() {
  local features=()
  test "$LIVE" = true || features=(--no-default-features)
  CARGO_TARGET_DIR=$folder/target \
    cargo install --locked --quiet ${features[@]+"${features[@]}"} --path "$GITHUB_ACTION_PATH" --root "$folder"
}

# The names that .github/workflows/release.yml gives to what it builds.
target() {
  case "$RUNNER_OS-$RUNNER_ARCH" in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
    *) fail "there is no archive for $RUNNER_OS on $RUNNER_ARCH; install: cargo builds the program" ;;
  esac
}

checksum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

from_release() {
  local tag=$VERSION archive address expected found
  test -n "$REPOSITORY" || fail 'the repository of the release is not known; say it by the input repository'
  test -n "$tag" || tag=v$(sed -n 's/^version = "\(.*\)"/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1)
  archive=pipeline-preflight-$(target).tar.gz
  address=$GITHUB_SERVER_URL/$REPOSITORY/releases/download/$tag/$archive
  mkdir -p "$folder/bin"
  get() { curl --fail --silent --show-error --location --proto-redir =https --retry 3 --output "$2" -- "$1"; }
  get "$address" "$folder/$archive" || fail "$address cannot be downloaded"
  expected=$SHA256
  if test -z "$expected"; then
    get "$address.sha256" "$folder/$archive.sha256" || fail "$address.sha256 cannot be downloaded"
    expected=$(cut -d ' ' -f 1 "$folder/$archive.sha256")
  fi
  found=$(checksum "$folder/$archive")
  test "$found" = "$expected" || fail "the checksum of $archive is $found and should be $expected"
  # On Windows tar takes the letter of a drive for the name of a host.
  (cd "$folder/bin" && tar -xzf "../$archive")
}

case "$INSTALL" in
  cargo) from_sources ;;
  release) from_release ;;
  none)
    command -v pipeline-preflight >/dev/null || fail 'there is no pipeline-preflight on the PATH, and install is none'
    pipeline-preflight --version
    exit 0
    ;;
  *) fail "install is one of cargo, release, none, and not $INSTALL" ;;
esac
printf '%s\n' "$folder/bin" >>"$GITHUB_PATH"
"$folder/bin/pipeline-preflight" --version
