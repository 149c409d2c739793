#!/usr/bin/env python3
"""Runs what this project brings for CI services the way these services would: run.py PROGRAM, with what requirements.txt names installed.

What only the services themselves can do is not tried: their runners, the upload to code scanning, the fetching of images.
"""

from __future__ import annotations

import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import yaml
from action import Runner

ROOT = Path(__file__).resolve().parent.parent.parent
CASES = ROOT / "tests/fixtures/cases/cfn-cross-account"
PROGRAM = Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else ROOT / "target/debug/pipeline-preflight"
TOOLS = Path(sys.executable).parent
ARCHIVE = "pipeline-preflight-x86_64-unknown-linux-musl.tar.gz"


def run(*command: str | Path, **more) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class World(unittest.TestCase):
    """A folder with a broken pipeline and one that works, and a machine with the program on its PATH."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.workspace, self.bin = self.folder / "workspace", self.folder / "bin"
        self.bin.mkdir()
        for state in ["broken", "fixed"]:
            shutil.copytree(CASES / state, self.workspace / state)
        (self.bin / "pipeline-preflight").symlink_to(PROGRAM)
        self.variables = {
            "HOME": str(self.folder),
            "PATH": f"{self.bin}:/usr/local/bin:/usr/bin:/bin",
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "GITHUB_SERVER_URL": "https://example.invalid",
        }

    def environment(self, **more: str) -> dict[str, str]:
        return {**self.variables, **more}

    def release(self, path: str) -> str:
        """A release of this program on a web server of this machine: its address."""
        site = self.folder / "site"
        (site / path).mkdir(parents=True)
        built = self.folder / "built"
        built.mkdir()
        (built / "pipeline-preflight").write_text(f'#!/bin/sh\nexec "{PROGRAM}" "$@"\n')
        (built / "pipeline-preflight").chmod(0o755)
        packed = run("bash", ROOT / ".github/action/pack.sh", built, "x86_64-unknown-linux-musl", cwd=site / path)
        self.assertEqual(packed.returncode, 0, packed.stderr)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"


class Action(World):
    def act(self, **given: str):
        temporary = self.folder / "temporary"
        temporary.mkdir(exist_ok=True)
        runner = Runner(ROOT / "action.yml", self.workspace, temporary, self.variables)
        return runner.run(**{"install": "none", **given})

    def test_findings_fail_the_job_after_they_were_uploaded(self):
        done = self.act(inputs="broken", upload_sarif="true")
        self.assertEqual(done.exit_code, 1, done.log)
        self.assertEqual(done.outputs, {"exit-code": "1", "sarif-file": "pipeline-preflight.sarif"})
        self.assertIn("::error file=broken/111111111111/us-east-1/codepipeline/shop-infrastructure.json,line=60", done.log)
        self.assertIn("### pipeline-preflight: 1 error", done.summary)
        ((step, handed),) = done.used
        self.assertTrue(step.startswith("github/codeql-action/upload-sarif@"))
        self.assertEqual(handed["category"], "pipeline-preflight")
        for file in [self.workspace / "pipeline-preflight.sarif", Path(handed["sarif_file"])]:
            self.assertEqual(self.rules_in(file), ["passed-role-in-other-account"])

    def rules_in(self, report: Path) -> list[str]:
        (run,) = json.loads(report.read_text())["runs"]
        return [found["ruleId"] for found in run["results"]]

    def test_what_is_ignored_is_in_the_report_and_not_uploaded(self):
        (self.workspace / "pipeline-preflight.yaml").write_text(
            "ignore:\n  - rule: passed-role-in-other-account\n    reason: the old pipeline is kept to look at\n"
        )
        done = self.act(inputs="broken", upload_sarif="true")
        self.assertEqual(done.exit_code, 0, done.log)
        ((_, handed),) = done.used
        self.assertEqual(self.rules_in(self.workspace / "pipeline-preflight.sarif"), ["passed-role-in-other-account"])
        self.assertEqual(self.rules_in(Path(handed["sarif_file"])), [])

    def test_what_works_passes(self):
        done = self.act(inputs="fixed")
        self.assertEqual((done.exit_code, done.outputs["exit-code"]), (0, "0"), done.log)
        self.assertNotIn("::", done.log)
        self.assertEqual(done.used, [])
        self.assertIn("### pipeline-preflight", done.summary)

    def test_what_cannot_be_done_is_no_finding_and_leaves_no_report(self):
        (self.workspace / "pipeline-preflight.sarif").write_text("of an earlier run")
        done = self.act(inputs="fixed\nnowhere", upload_sarif="true")
        self.assertEqual((done.exit_code, done.outputs), (2, {"exit-code": "2", "sarif-file": ""}), done.log)
        self.assertIn("nowhere", done.log)
        self.assertIn("::error title=pipeline-preflight::the check could not be done", done.log)
        self.assertEqual((done.used, done.summary), ([], ""))

    def test_reports_can_be_left_out(self):
        done = self.act(inputs="broken", sarif="", summary="false", upload_sarif="true")
        self.assertEqual((done.exit_code, done.outputs["sarif-file"], done.used, done.summary), (1, "", [], ""), done.log)

    def test_inputs_and_arguments_are_lines(self):
        (self.workspace / "fixed").rename(self.workspace / "two words")
        done = self.act(inputs="\n  two words\r\n\n", args="--pipeline=shop-infrastructure\n--quiet")
        self.assertEqual(done.exit_code, 0, done.log)
        done = self.act(inputs="two words", args="--pipeline=another")
        self.assertEqual(done.exit_code, 2, done.log)

    def test_flags_of_their_own(self):
        (self.workspace / "fixed/111111111111/us-east-1/codepipeline").rename(self.workspace / "pipelines")
        undecided = self.act(inputs="pipelines")
        self.assertEqual(undecided.exit_code, 0, undecided.log)
        self.assertIn("::notice", undecided.log)
        self.assertEqual(self.act(inputs="pipelines", strict="true").exit_code, 1)
        self.assertEqual(self.act(inputs="pipelines", fail_on="note").exit_code, 1)
        self.assertEqual(self.act(inputs="pipelines", fail_on="nothing").exit_code, 2)

    def test_no_text_is_a_command_and_no_file_a_flag(self):
        for text in ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "'; touch pwned; '", "x && touch pwned", "*", "--help"]:
            for name in ["inputs", "config", "fail_on", "version", "repository", "sha256", "install"]:
                done = self.act(**{"inputs": "fixed", name: text})
                used = name in ["inputs", "config", "fail_on", "install"]
                self.assertEqual(done.exit_code, 2 if used else 0, (name, text, done.log))
            done = self.act(inputs="fixed", args=text)
            self.assertEqual(done.exit_code, 0 if text == "--help" else 2, (text, done.log))
        self.assertEqual([path for path in self.folder.rglob("pwned")], [])
        done = self.act(inputs="fixed", sarif="a\nexit-code=0")
        self.assertEqual(done.outputs["exit-code"], "0", done.log)
        done = self.act(inputs="broken", sarif="a\nexit-code=0")
        self.assertEqual((done.exit_code, done.outputs["exit-code"]), (1, "1"), done.log)

    def test_reports_are_found_from_the_workspace(self):
        for state, written in [("broken", "broken/out.sarif"), ("broken/", "broken/out.sarif"), (".", "out.sarif")]:
            done = self.act(working_directory=state, inputs="." if state != "." else "broken", sarif="out.sarif")
            self.assertEqual((done.exit_code, done.outputs["sarif-file"]), (1, written), done.log)
            self.assertTrue((self.workspace / written).exists())

    def test_the_configuration_file_names_the_inputs(self):
        (self.workspace / "pipeline-preflight.yaml").write_text("inputs: [broken]\n")
        (self.workspace / "other.yaml").write_text("inputs: [fixed]\n")
        self.assertEqual(self.act().exit_code, 1)
        self.assertEqual(self.act(config="other.yaml").exit_code, 0)

    def test_a_release_is_verified(self):
        self.variables["ACTION_REPOSITORY"] = "OWNER/pipeline-preflight"
        version = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
        place = f"OWNER/pipeline-preflight/releases/download/v{version}"
        self.variables["GITHUB_SERVER_URL"] = self.release(place)
        (self.bin / "pipeline-preflight").unlink()
        done = self.act(install="release", inputs="broken")
        self.assertEqual((done.exit_code, done.outputs["exit-code"]), (1, "1"), done.log)
        self.assertEqual(self.act(install="release", inputs="fixed", version=f"v{version}").exit_code, 0)
        archive = self.folder / "site" / place / ARCHIVE
        true = hashlib.sha256(archive.read_bytes()).hexdigest()
        self.assertEqual(self.act(install="release", inputs="fixed", sha256=true).exit_code, 0)
        wrong = self.act(install="release", inputs="fixed", sha256="0" * 64)
        self.assertEqual(wrong.exit_code, 2, wrong.log)
        self.assertIn(f"the checksum of {ARCHIVE} is {true} and should be 000", wrong.log)
        archive.write_bytes(archive.read_bytes() + b"\0")
        damaged = self.act(install="release", inputs="fixed")
        self.assertEqual(damaged.exit_code, 2, damaged.log)
        self.assertIn("should be " + true, damaged.log)
        missing = self.act(install="release", inputs="fixed", version="v0.0.0")
        self.assertEqual(missing.exit_code, 2, missing.log)
        self.assertIn("cannot be downloaded", missing.log)
        self.variables["RUNNER_ARCH"] = "RISCV"
        self.assertIn("no archive for Linux on RISCV", self.act(install="release", inputs="fixed").log)

    def test_the_program_is_built_from_the_sources_of_the_action(self):
        (self.bin / "pipeline-preflight").unlink()
        # Says what it was asked for, and installs the program that is there already: a real build takes minutes.
        (self.bin / "cargo").write_text(
            '#!/bin/bash\necho "cargo $*"\nwhile test "$1" != --root; do shift; done\n'
            f'mkdir -p "$2/bin" && ln -sf "{PROGRAM}" "$2/bin/pipeline-preflight"\n'
        )
        (self.bin / "cargo").chmod(0o755)
        done = self.act(install="cargo", inputs="broken")
        self.assertEqual(done.exit_code, 1, done.log)
        self.assertIn(f"cargo install --locked --quiet --no-default-features --path {ROOT} --root ", done.log)
        done = self.act(install="cargo", inputs="fixed", live="true")
        self.assertEqual(done.exit_code, 0, done.log)
        self.assertIn(f"cargo install --locked --quiet --path {ROOT} --root ", done.log)

    def test_a_program_that_is_missing_is_said_to_be_missing(self):
        (self.bin / "pipeline-preflight").unlink()
        done = self.act(inputs="fixed")
        self.assertEqual(done.exit_code, 2, done.log)
        self.assertIn("there is no pipeline-preflight on the PATH", done.log)


class GitLab(World):
    def job(self, arguments: str) -> tuple[int, dict]:
        template = yaml.safe_load((ROOT / "docs/ci/gitlab.yml").read_text())
        job = template["pipeline-preflight"]
        environment = self.environment(**{**template["variables"], "PREFLIGHT_ARGUMENTS": arguments})
        done = run("bash", "-e", "-o", "pipefail", "-c", "\n".join(job["script"]), cwd=self.workspace, env=environment)
        return done.returncode, job["artifacts"]

    def test_the_job_keeps_the_exit_code_and_its_reports(self):
        for arguments, code in [("broken", 1), ("fixed", 0), ("broken --fail-on warning", 1), ("nowhere", 2)]:
            status, artifacts = self.job(arguments)
            self.assertEqual((status, artifacts["when"]), (code, "always"), arguments)
            reports = {kind: self.workspace / name for kind, name in artifacts["reports"].items()}
            self.assertEqual({path.exists() for path in reports.values()}, {code < 2}, arguments)
            if code < 2:
                found = json.loads(reports["codequality"].read_text())
                self.assertEqual(len(found) > 0, code == 1, arguments)
                self.assertIn("<testsuites", reports["junit"].read_text())
            for path in reports.values():
                path.unlink(missing_ok=True)


class CodeBuild(World):
    def build(self, **variables: str) -> tuple[str, list[str]]:
        """Phases as CodeBuild takes them: one shell, a phase ends with its first command that fails, and so do those behind it, except
        `post_build`, which follows `build` in any case. https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
        """
        spec = yaml.safe_load((ROOT / "docs/ci/buildspec.yml").read_text())
        self.assertEqual(set(spec["phases"]) - {"install", "pre_build", "build", "post_build"}, set())
        state, log = "SUCCEEDED", []
        for phase in ["install", "pre_build", "build", "post_build"]:
            if state == "FAILED" and not (phase == "post_build" and log[-1].startswith("build")):
                continue
            for command in spec["phases"].get(phase, {}).get("commands", []):
                done = run("bash", "-c", command, cwd=self.workspace, env=self.environment(**{**spec["env"]["variables"], **variables}))
                log.append(f"{phase}: {done.returncode}: {done.stdout}{done.stderr}")
                if done.returncode:
                    state = "FAILED"
                    break
        self.report = self.workspace / spec["reports"]["pipeline-preflight"]["files"][0]
        return state, log

    def test_findings_fail_the_build_and_are_a_report(self):
        address = f"{self.release('v0.1.0')}/v0.1.0/{ARCHIVE}"
        true = hashlib.sha256((self.folder / "site/v0.1.0" / ARCHIVE).read_bytes()).hexdigest()
        (self.bin / "pipeline-preflight").unlink()
        for inputs, state, failures in [("broken", "FAILED", 1), ("fixed", "SUCCEEDED", 0)]:
            done, log = self.build(PREFLIGHT_ARCHIVE=address, PREFLIGHT_SHA256=true, PREFLIGHT_ARGUMENTS=inputs)
            self.assertEqual(done, state, log)
            self.assertIn(f'failures="{failures}"', self.report.read_text())
            self.report.unlink()
        done, log = self.build(PREFLIGHT_ARCHIVE=address, PREFLIGHT_SHA256="0" * 64, PREFLIGHT_ARGUMENTS="fixed")
        self.assertEqual((done, log[-1].startswith("install: 1")), ("FAILED", True), log)


class PreCommit(World):
    """The hook that takes the program on the PATH; the other one builds it, by the same command, and takes minutes."""

    def test_a_commit_is_held_back_by_what_it_breaks(self):
        hooks, environment = self.folder / "hooks", self.environment(PRE_COMMIT_HOME=str(self.folder / "cache"))
        environment["PATH"] = f"{TOOLS}:{environment['PATH']}"
        hooks.mkdir()
        shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)

        def git(folder: Path, *words: str) -> str:
            done = run("git", "-c", "user.name=n", "-c", "user.email=n@example.invalid", *words, cwd=folder, env=environment)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout.strip()

        for folder in [hooks, self.workspace]:
            git(folder, "init", "--quiet")
        git(hooks, "add", ".")
        git(hooks, "commit", "--quiet", "--message", "hooks")
        (self.workspace / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [
            {"repo": str(hooks), "rev": git(hooks, "rev-parse", "HEAD"), "hooks": [{"id": "pipeline-preflight-system"}]}
        ]}))
        for state, code, text in [("broken", 1, "error[passed-role-in-other-account]"), ("fixed", 0, "Passed"), ("nowhere", 1, "exit code: 2")]:
            (self.workspace / "pipeline-preflight.yaml").write_text(f"inputs: [{state}]\n")
            git(self.workspace, "add", ".")
            done = run(TOOLS / "pre-commit", "run", cwd=self.workspace, env=environment)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertIn(text, done.stdout)
        (self.workspace / "notes.txt").write_text("nothing to do with pipelines")
        git(self.workspace, "commit", "--quiet", "--message", "all", "--no-verify")
        git(self.workspace, "add", ".")
        done = run(TOOLS / "pre-commit", "run", cwd=self.workspace, env=environment)
        self.assertEqual((done.returncode, "Skipped" in done.stdout), (0, True), done.stdout)


class Lint(unittest.TestCase):
    """What has a schema fits it, and what has a linter passes it."""

    def passes(self, tool: str, *words: str | Path, **more):
        done = run(TOOLS / tool, *words, cwd=ROOT, **more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_schemas(self):
        self.passes("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
        self.passes("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *sorted((ROOT / ".github/workflows").iterdir()))
        self.passes("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "docs/ci/gitlab.yml")
        self.passes("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")

    def test_linters(self):
        self.passes("shellcheck", *sorted((ROOT / ".github/action").iterdir()))
        self.passes("hadolint", "Dockerfile")
        files = ["action.yml", *sorted((ROOT / ".github/workflows").iterdir())]
        self.passes("zizmor", "--offline", "--no-progress", "--persona", "pedantic", *files)

    def test_what_the_guide_shows(self):
        shown = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", (ROOT / "docs/ci.md").read_text(), re.M | re.S)
        kinds = {".github/workflows": "github-workflows", ".gitlab-ci.yml": "gitlab-ci", ".pre-commit-config.yaml": None}
        seen = set()
        with tempfile.TemporaryDirectory() as folder:
            for number, (name, text) in enumerate(shown):
                kind = next((kind for kind in kinds if name.startswith(kind)), None)
                if kind is None:
                    continue
                seen.add(kind)
                file = Path(folder, f"{number}.yml")
                file.write_text(text)
                if kinds[kind]:
                    self.passes("check-jsonschema", "--builtin-schema", f"vendor.{kinds[kind]}", file)
                else:
                    self.passes("pre-commit", "validate-config", file)
        self.assertEqual(seen, set(kinds))


if __name__ == "__main__":
    unittest.main(verbosity=2)
