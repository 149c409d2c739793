"""Runs a composite action as a runner of GitHub Actions does, as far as action.yml makes use of it.

https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#runs-for-composite-actions
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

TOKEN = re.compile(r"\s*(?:(?P<text>'[^']*')|(?P<name>[a-z][\w.-]*)|(?P<sign>==|!=|&&|\|\|))")
SIGNS = {"==": "==", "!=": "!=", "&&": "and", "||": "or"}


@dataclass
class Run:
    """What a run of the action left behind."""

    exit_code: int = 0
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    # The steps that other actions take, with what they were handed, in order.
    used: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def key_values(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


class Runner:
    """One job on one machine: a workspace, and what the runner sets."""

    def __init__(self, action: Path, workspace: Path, temporary: Path, variables: dict[str, str]):
        self.folder = action.parent
        self.definition = yaml.safe_load(action.read_text())
        self.workspace, self.temporary, self.variables = workspace, temporary, variables

    def value(self, expression: str, context: dict[str, str]) -> str | bool:
        """An expression of names, texts, comparisons, `&&` and `||`; whatever else occurs is an error, not a guess."""
        python, place = [], 0
        expression = expression.strip()
        while place < len(expression):
            token = TOKEN.match(expression, place)
            if not token:
                raise ValueError(f"not understood: {expression[place:]}")
            place = token.end()
            if token["name"]:
                if token["name"] not in context:
                    raise ValueError(f"unknown: {token['name']}")
                python.append(repr(context[token["name"]]))
            else:
                python.append(token["text"] or SIGNS[token["sign"]])
        return eval(" ".join(python), {"__builtins__": {}})

    def filled(self, text: str, context: dict[str, str]) -> str:
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found[1], context)), str(text))

    def run(self, **given: str) -> Run:
        result = Run()
        context = {"github.action_repository": self.variables.get("ACTION_REPOSITORY", "")}
        known = self.definition["inputs"]
        given = {name.replace("_", "-"): value for name, value in given.items()}
        if unknown := set(given) - set(known):
            raise ValueError(f"no inputs: {unknown}")
        for name, declared in known.items():
            context[f"inputs.{name}"] = given.get(name, declared.get("default", ""))
        paths: list[str] = []
        for step in self.definition["runs"]["steps"]:
            if result.exit_code or ("if" in step and not self.value(step["if"], context)):
                continue
            if "uses" in step:
                handed = {name: self.filled(text, context) for name, text in step["with"].items()}
                result.used.append((step["uses"], handed))
                continue
            self.step(step, context, paths, result)
        for name, output in self.definition["outputs"].items():
            needed = re.findall(r"steps[\w.-]+", output["value"])
            result.outputs[name] = self.filled(output["value"], {**dict.fromkeys(needed, ""), **context})
        return result

    def step(self, step: dict, context: dict[str, str], paths: list[str], result: Run) -> None:
        files = {name: self.temporary / name for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"]}
        for file in files.values():
            file.write_text("")
        script = self.temporary / "step.sh"
        script.write_text(self.filled(step["run"], context))
        environment = {
            **self.variables,
            **{name: str(file) for name, file in files.items()},
            "GITHUB_ACTION_PATH": str(self.folder),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temporary),
            **{name: self.filled(text, context) for name, text in step.get("env", {}).items()},
        }
        environment["PATH"] = os.pathsep.join([*reversed(paths), environment["PATH"]])
        assert step["shell"] == "bash", step
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.workspace / self.filled(step.get("working-directory", "."), context),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        result.exit_code = done.returncode
        result.log += done.stdout
        result.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        paths += files["GITHUB_PATH"].read_text().split("\n")[:-1]
        for name, text in key_values(files["GITHUB_OUTPUT"].read_text()).items():
            context[f"steps.{step['id']}.outputs.{name}"] = text
