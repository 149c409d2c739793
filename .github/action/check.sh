#!/usr/bin/env bash
# A step of action.yml: checks once, writes all reports, and keeps the exit code for the last step.
# In: INPUTS, ARGUMENTS, CONFIG, FAIL_ON, STRICT, SARIF, SUMMARY, FOLDER, and what the runner sets.
set -euo pipefail

# The lines of a text, without blanks around them and without those that are empty, into the array `lines`.
lines_of() {
  lines=()
  local line
  while IFS= read -r line || test -n "$line"; do
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    test -z "$line" || lines+=("$line")
  done <<<"$1"
}

words=(check --format=github)
test -z "$CONFIG" || words+=("--config=$CONFIG")
test -z "$FAIL_ON" || words+=("--fail-on=$FAIL_ON")
test "$STRICT" != true || words+=(--strict)
test -z "$SARIF" || words+=("--report=sarif=$SARIF")
page=$RUNNER_TEMP/pipeline-preflight-summary.md
rm -f -- "$page"
test "$SUMMARY" != true || words+=("--report=markdown=$page")
lines_of "$ARGUMENTS"
words+=(${lines[@]+"${lines[@]}"})
# A file is no flag, whatever it is called.
lines_of "$INPUTS"
words+=(-- ${lines[@]+"${lines[@]}"})

code=0
pipeline-preflight "${words[@]}" || code=$?

# The format keeps below 64 KiB, and a step's summary may have 1 MiB.
test ! -s "$page" || cat -- "$page" >>"$GITHUB_STEP_SUMMARY"
written=
if test "$code" -gt 1; then
  echo '::error title=pipeline-preflight::the check could not be done; the log of this step says why'
elif test -n "$SARIF"; then
  # Steps that follow begin in the workspace.
  case "$SARIF" in
    /* | ?:*) written=$SARIF ;;
    *) if test "$FOLDER" = .; then written=$SARIF; else written=${FOLDER%/}/$SARIF; fi ;;
  esac
fi
# Code scanning takes what is ignored, known from a baseline or mended for open alerts
# (https://github.com/github/codeql-action/issues/1230): what is uploaded holds what counts, the file itself holds all.
upload=
if test -n "$written"; then
  upload=$RUNNER_TEMP/pipeline-preflight-upload.sarif
  jq '.runs[].results |= map(select((.suppressions // []) == [] and .baselineState != "absent"))' <"$SARIF" >"$upload"
fi
# The exit code comes last: of two outputs of one name the later counts, whatever a name of a file holds.
{
  printf 'sarif-file=%s\n' "$written"
  printf 'upload-file=%s\n' "$upload"
  printf 'exit-code=%s\n' "$code"
} >>"$GITHUB_OUTPUT"
