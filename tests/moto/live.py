"""The program from end to end against the world of world.py, which this runs in:

    world.py --filler 40 -- python3 tests/moto/live.py target/debug/pipeline-preflight

    … -- python3 tests/moto/live.py target/debug/pipeline-preflight accounts      only this part

Reads the pipelines live, from the folders that `snapshot` writes, and from what the loop of docs/inputs.md exports with the AWS CLI, compares what is
found, and ends with exit code 1 where anything is not as it should be. Needs Python's standard library only.
"""
import collections
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

from wire import Wire, chain

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "inputs.md"
WORLD = json.loads(pathlib.Path(os.environ["MOTO_WORLD"]).read_text())
CI, TARGET = WORLD["ci"], WORLD["target"]
INTO_TARGET = ["--account", f"{TARGET}=profile:target"]

# The rules of the errors that each fault has to bring, by what AWS's documentation says of it and not by what the program says.
ERRORS = {
    # Without a role of its own the action acts as the pipeline's, whose account has nothing to do with the stack in the other one.
    "cfn-broken": {"passed-role-in-other-account", "permission-missing"},
    "ecs-broken": {"pass-role-missing", "permission-missing"},
    "key-broken": {"key-policy-missing"},
    "nokey-broken": {"artifact-key-default"},
    "alias-broken": {"artifact-key-alias"},
    "bucket-broken": {"bucket-policy-missing"},
    "trust-broken": {"assume-role-missing", "trust-missing"},
    "cfn-fixed": set(), "ecs-fixed": set(), "build-ok": set(),
}
READS = re.compile(r"(Get|List|Describe|BatchGet)[A-Z]|AssumeRole$|GET |HEAD |POST /service/")

Ran = collections.namedtuple("Ran", "status report err requests seconds")
wrong = []
# Why findings differ that may differ, and for which pipelines they do.
explained = collections.defaultdict(set)


def expect(holds, what):
    if not holds:
        wrong.append(what)
        print(f"WRONG  {what}", flush=True)


def run(words, wire, environment=()):
    """Runs the program; `environment` sets variables, or takes them away by `None`."""
    changed = {"AWS_ENDPOINT_URL": wire.url, "NO_COLOR": "1", **dict(environment)}
    around = {key: value for key, value in {**os.environ, **changed}.items() if value is not None}
    wire.taken()
    begun = time.monotonic()
    ran = subprocess.run([PROGRAM, *map(str, words)], env=around, capture_output=True, text=True, timeout=300)
    seconds = time.monotonic() - begun
    requests = wire.taken()
    for request in requests:
        expect(READS.match(request.operation), f"{' '.join(map(str, words))}: `{request.operation}` is no read")
    asked = collections.Counter((request.operation, request.detail, request.who) for request in requests if ran.returncode < 2)
    for (operation, detail, _), times in asked.items():
        expect(times == 1, f"{' '.join(map(str, words))}: asks {times} times for {operation} {detail}")
    report = json.loads(ran.stdout) if ran.stdout.startswith("{") else None
    return Ran(ran.returncode, report, ran.stderr, requests, seconds)


def check(*words, wire, environment=()):
    return run(["check", *words, "--format", "json"], wire, environment)


def rules(ran, severity="error", pipeline=None):
    """The rules of the findings of a severity."""
    findings = ran.report["findings"] if ran.report else []
    return {finding["rule"] for finding in findings if finding["severity"] == severity and (
        pipeline is None or any(one["pipeline"].endswith(f":{pipeline}") for one in finding["affects"]))}


def expect_errors(what, ran, errors):
    """That a run found these errors, and nothing else that is one."""
    if ran.report is None:
        return expect(False, f"{what}: no report, exit code {ran.status}: {ran.err.strip()}")
    expect(rules(ran) == errors, f"{what}: errors {sorted(rules(ran))}, expected {sorted(errors)}")
    expect(ran.status == (1 if errors else 0), f"{what}: exit code {ran.status}")


def expect_refused(what, ran, *words):
    """That a run could not be done, and says why in one message that holds the words."""
    messages = [line for line in ran.err.splitlines() if line.startswith("error: ")]
    expect(ran.status == 2 and ran.report is None, f"{what}: exit code {ran.status}")
    expect(len(messages) == 1, f"{what}: {len(messages)} messages: {ran.err.strip()}")
    for word in words:
        expect(word in ran.err, f"{what}: `{word}` is not in {ran.err.strip()!r}")


def aws(*words, profile="ci"):
    """What the AWS CLI answers."""
    ran = subprocess.run(["aws", *words, "--profile", profile, "--output", "json"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout or "null")


def authorisation(on):
    """Lets the emulator check permissions, or not: <https://docs.getmoto.org/en/latest/docs/iam.html>"""
    request = urllib.request.Request(f"{WORLD['endpoint']}/moto-api/reset-auth", data=b"0" if on else b"inf", headers={
        "Content-Type": "application/octet-stream"})
    urllib.request.urlopen(request).close()


# --- the parts


def pipelines(wire, folder):
    """Each pipeline live, from a snapshot and from the export of the AWS CLI."""
    exported = export(folder)
    rows = []
    for name, errors in sorted(ERRORS.items()):
        live = check("--live", name, *INTO_TARGET, wire=wire)
        expect_errors(f"{name} live", live, errors)
        for request in live.requests:
            expect("filler" not in request.operation + request.detail, f"{name}: asks for what nothing uses: {request.operation}")
        snapshot = folder / f"snapshot-{name}"
        written = run(["snapshot", name, "--output", snapshot, *INTO_TARGET], wire)
        expect(written.status == 0, f"{name}: snapshot: exit code {written.status}: {written.err.strip()}")
        offline = check(snapshot, wire=wire)
        expect(not offline.requests, f"{name}: a snapshot is read with calls: {offline.requests[:1]}")
        expect_errors(f"{name} from its snapshot", offline, errors)
        cli = check(exported, "--pipeline", name, wire=wire)
        expect_errors(f"{name} as the AWS CLI exports it", cli, errors)
        same(name, "snapshot", live, offline, places=True, reasons=())
        if live.report and offline.report:
            expect(live.report["summary"] == offline.report["summary"], f"{name}: snapshot: {offline.report['summary']}")
        differing = same(name, "AWS CLI", live, cli, places=False, reasons=NOT_EXPORTED)
        rows.append((name, " ".join(sorted(errors)) or "no error", counts(live), counts(offline), counts(cli), differing,
                     len(live.requests), chain(live.requests), f"{live.seconds:.2f}"))
    print(table(("pipeline", "errors expected", "live", "snapshot", "AWS CLI", "differs", "calls", "chain", "seconds"), rows))
    for reason, names in sorted((reason, names) for reason, names in explained.items() if reason):
        print(f"AWS CLI differs: {reason}: {', '.join(sorted(names))}")


def counts(ran):
    summary = ran.report["summary"] if ran.report else collections.Counter()
    return "{allowed}/{denied}/{undecided}".format_map(summary)


# What the page's loop does not export, and the findings that differ for that.
NOT_EXPORTED = (
    (r'"rule": "organization-policies-unseen"', "the loop exports no organization; live knows that there is none"),
    (r'"resource": "arn:aws:codedeploy:.*"rule": "resource-unseen"', "the loop exports no deployment groups"),
    # The deployment group leads to the service, its task definition and so to the roles that are to be passed.
    (r'"principal": "[^"]*/ecs-deploy-broken".*"rule": "pass-role-missing"', "the loop exports no task definitions"),
)


def plain(ran, places):
    """Findings without what may differ: the files' names, and where in them something stands when `places` are not compared."""
    found = []
    for finding in copy.deepcopy(ran.report["findings"] if ran.report else []):
        for location in finding["locations"]:
            del location["file"]
            if not places:
                del location["start"], location["end"]
        finding["locations"].sort(key=json.dumps)
        found.append(json.dumps(finding, indent=1, sort_keys=True))
    return found


def same(name, other, left, right, places, reasons):
    """Compares what two runs found; gives how many findings differ for a reason that is known."""
    left, right = plain(left, places), plain(right, places)
    known = 0
    for side, here, there in (("live", left, right), (other, right, left)):
        for finding in here:
            if finding in there:
                continue
            finding = json.loads(finding)
            text = json.dumps(finding, sort_keys=True)
            reason = next((reason for pattern, reason in reasons if re.search(pattern, text)), None)
            known += reason is not None
            explained[reason].add(name)
            expect(reason, f"{name}: {'' if side == other else f'compared with {other}, '}only {side}: {told(finding, there)}")
    return known


def told(finding, there):
    """A finding in few words; where the other side has nearly the same, what is another."""
    near = next((other for other in map(json.loads, there) if other["rule"] == finding["rule"] and (
        other["message"] == finding["message"] or other["resource"] == finding["resource"])), None)
    if near is None:
        return f"{finding['severity']} {finding['rule']}: {finding['message']}"
    members = [member for member in finding if finding[member] != near.get(member)]
    return f"{finding['rule']}: " + "; ".join(f"{member}: {finding[member]} and not {near.get(member)}" for member in members)


def export(folder):
    """What the page's loop writes, run once with the credentials of each account."""
    loop = re.search(r"```sh\n(#!/usr/bin/env bash\n.*?)```", PAGE.read_text(), re.S).group(1)
    exported = folder / "exported"
    of = {"ci": {"pipelines": ERRORS, "buckets": WORLD["buckets"], "projects": WORLD["projects"],
                 "keys": [key.rsplit("/", 1)[-1] for key in WORLD["keys"].values()]}, "target": {}}
    for profile, names in of.items():
        lines = []
        for line in loop.splitlines():
            if line.startswith("out="):
                line = f"out={exported} region={WORLD['region']}"
            if line.startswith("pipelines="):
                line = " ".join(f'{kind}="{" ".join(names.get(kind, ()))}"' for kind in ("pipelines", "buckets", "keys", "projects"))
            lines.append(line)
        ran = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, text=True, env={**os.environ, "AWS_PROFILE": profile})
        expect(ran.returncode == 0, f"the page's loop in {profile}: exit code {ran.returncode}: {ran.stderr.strip()}")
    return exported


def all_at_once(wire, _):
    ran = check("--live", "*", *INTO_TARGET, wire=wire)
    expect_errors("all pipelines", ran, set().union(*ERRORS.values()))
    for name, errors in ERRORS.items():
        expect(rules(ran, pipeline=name) == errors, f"all pipelines: {name}: {sorted(rules(ran, pipeline=name))}")
    print(f"all pipelines at once: {len(ran.requests)} calls, chain of {chain(ran.requests)}, {ran.seconds:.2f} s")


def definitions(wire, folder):
    """A new definition from a file, everything else live."""
    fixed = aws("codepipeline", "get-pipeline", "--name", "cfn-fixed")
    broken = aws("codepipeline", "get-pipeline", "--name", "cfn-broken")

    def new(what, definition, errors):
        file = folder / "pipeline.json"
        file.write_text(json.dumps(definition, indent=2))
        ran = check(file, "--live", *INTO_TARGET, wire=wire)
        expect_errors(what, ran, errors)
        expect(not [request for request in ran.requests if request.operation == "GetPipeline"], f"{what}: reads the old definition")
        one = (ran.report or {"summary": {"pipelines": 0}})["summary"]["pipelines"]
        expect(one == 1, f"{what}: {one} pipelines")

    new("cfn-fixed as it is", fixed, set())
    without_role = copy.deepcopy(fixed)
    del without_role["pipeline"]["stages"][1]["actions"][0]["roleArn"]
    new("a broken definition over good policies", without_role, {"passed-role-in-other-account", "permission-missing"})
    other_role = copy.deepcopy(fixed)
    other_role["pipeline"]["roleArn"] = broken["pipeline"]["roleArn"]
    new("a good definition over policies that lack something", other_role, ERRORS["trust-broken"])
    mended = {**copy.deepcopy(fixed["pipeline"]), "name": "cfn-broken"}
    new("a definition that mends a broken pipeline, without the metadata", mended, set())


def accounts(wire, folder):
    """The ways into another account, and none."""
    role = aws("iam", "get-role", "--role-name", "auditor", "--query", "Role.Arn", profile="target")
    for name in ("cfn-fixed", "trust-broken"):
        by_role = check("--live", name, "--account", f"{TARGET}=role:{role}", wire=wire)
        expect_errors(f"{name} by a role", by_role, ERRORS[name])
        same(name, "by a role", check("--live", name, *INTO_TARGET, wire=wire), by_role, places=True, reasons=())
        assumed = [request.detail for request in by_role.requests if request.operation == "AssumeRole"]
        expect(len(assumed) == 1, f"{name} by a role: {len(assumed)} times assumed")
        expect(all("&Policy=" in body or "&PolicyArns" in body for body in assumed), f"{name} by a role: no session policy")
    alone = check("--live", "cfn-fixed", wire=wire)
    expect_errors("cfn-fixed without access to the target account", alone, set())
    expect("role-unseen" in rules(alone, "warning") | rules(alone, "note"), "without access the target's role is unseen")
    expect("pipeline-preflight snapshot" in json.dumps(alone.report), "without access the report tells of `snapshot`")
    # Two people who may enter one account each write one snapshot.
    both = folder / "both"
    first = run(["snapshot", "cfn-fixed", "--output", both], wire)
    second = run(["snapshot", "--input", both, "--output", both, "--profile", "target"], wire)
    expect(first.status == second.status == 0, f"two snapshots: {first.err.strip()} {second.err.strip()}")
    same("cfn-fixed", "two snapshots", check("--live", "cfn-fixed", *INTO_TARGET, wire=wire), check(both, wire=wire), places=True, reasons=())
    # One who may enter the target account hands over what that knows of a definition; the rest is read here.
    definition, there = folder / "definition.json", folder / "there"
    definition.write_text(json.dumps(aws("codepipeline", "get-pipeline", "--name", "cfn-fixed", "--query", "{pipeline: pipeline}")))
    written = run(["snapshot", "--input", definition, "--profile", "target", "--output", there], wire)
    expect(written.status == 0, f"a snapshot of the other account: {written.err.strip()}")
    same("cfn-fixed", "a snapshot of the other account", check(definition, "--live", *INTO_TARGET, wire=wire),
         check(there, definition, "--live", wire=wire), places=True, reasons=())
    expect_refused("access that leads elsewhere", check("--live", "cfn-fixed", "--account", "333333333333=profile:target", wire=wire),
                   "333333333333", TARGET)


def refusals(wire, _):
    """What cannot be done, and what is denied."""
    expect_refused("a pipeline that is not there", check("--live", "nothing", wire=wire), "nothing")
    expect_refused("another Region", check("--live", "cfn-fixed", "--region", "eu-west-1", wire=wire), "cfn-fixed", "eu-west-1")
    nobody = {"AWS_PROFILE": None, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_CONFIG_FILE": os.devnull}
    expect_refused("no credentials", check("--live", "cfn-fixed", wire=wire, environment=nobody))
    nowhere = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None, "AWS_PROFILE": None, "AWS_CONFIG_FILE": os.devnull,
               "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    expect_refused("no Region", check("--live", "cfn-fixed", wire=wire, environment=nowhere), "Region")
    open_doors = {name: check("--live", name, *INTO_TARGET, wire=wire) for name in ERRORS}
    authorisation(True)
    try:
        denied(wire, open_doors)
        strangers = {"AWS_PROFILE": None, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7STRANGE", "AWS_SECRET_ACCESS_KEY": "secret"}
        expect_refused("credentials that AWS does not know", check("--live", "cfn-fixed", wire=wire, environment=strangers))
    finally:
        authorisation(False)
    expired = b"""<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>
        <Message>The security token included in the request is expired</Message></Error></ErrorResponse>"""
    wire.answer = 403, [("Content-Type", "text/xml")], expired
    try:
        expect_refused("expired credentials", check("--live", "cfn-fixed", wire=wire), "expired")
    finally:
        wire.answer = None


def denied(wire, open_doors):
    """Reads that are denied leave things undecided, and find no error that is not there otherwise."""
    for name, unhindered in open_doors.items():
        ran = check("--live", name, *INTO_TARGET, "--profile", "ci-blind", wire=wire)
        if ran.report is None:
            expect(False, f"{name} denied: no report: {ran.err.strip()}")
            continue
        expect(rules(ran) <= rules(unhindered), f"{name} denied: errors {sorted(rules(ran))}, without denial {sorted(rules(unhindered))}")
        expect(ran.report["summary"]["undecided"] > 0, f"{name} denied: nothing undecided")
        expect("s3:GetBucketPolicy" in json.dumps(ran.report), f"{name} denied: the permission to read the bucket's policy is not named")


def least(wire, folder):
    """The policies that `permissions` prints are enough: with nothing else nothing is refused, and the same is found."""
    session = f"arn:aws:sts::{CI}:assumed-role/engineer/engineer"
    for profile, whose in (("ci", "pipeline"), ("target", "other")):
        printed = run(["permissions", "--for", whose, "--format", "json"], wire).report
        expect(printed and printed["Statement"], f"permissions: no policy for {whose}")
        if whose == "pipeline":
            entered = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{TARGET}:role/least"}
            # The emulator takes three reads of a bucket's settings for this one.
            settings = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
            printed["Statement"] += [entered, settings]
        trusted = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": [session, f"arn:aws:iam::{CI}:role/least"]}, "Action": "sts:AssumeRole"}]}
        aws("iam", "create-role", "--role-name", "least", "--assume-role-policy-document", json.dumps(trusted), profile=profile)
        aws("iam", "put-role-policy", "--role-name", "least", "--policy-name", "least", "--policy-document", json.dumps(printed), profile=profile)
    keys = aws("sts", "assume-role", "--role-arn", f"arn:aws:iam::{CI}:role/least", "--role-session-name", "least")["Credentials"]
    environment = {"AWS_PROFILE": None, "AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
                   "AWS_SESSION_TOKEN": keys["SessionToken"]}
    free = check("--live", "*", *INTO_TARGET, wire=wire)
    authorisation(True)
    try:
        ran = check("--live", "*", "-v", "--account", f"{TARGET}=role:arn:aws:iam::{TARGET}:role/least", wire=wire, environment=environment)
    finally:
        authorisation(False)
    expect_errors("with the least permissions", ran, set().union(*ERRORS.values()))
    same("all", "the least permissions", free, ran, places=True, reasons=())
    for line in ran.err.splitlines():
        expect(not re.search(r"AccessDenied|HTTP 403", line), f"with the least permissions: {line}")


def slow(*_):
    """Time against a wire that takes 50 ms for each answer."""
    wire, rows = Wire(WORLD["endpoint"], delay=0.05, owner=CI), []
    for name, words in (("cfn-fixed", ["cfn-fixed"]), ("ecs-fixed", ["ecs-fixed"]), ("build-ok", ["build-ok"]), ("all", ["*"])):
        ran = check("--live", *words, *INTO_TARGET, wire=wire)
        length = chain(ran.requests)
        rows.append((name, len(ran.requests), length, f"{ran.seconds:.2f}", f"{ran.seconds / (0.05 * length):.1f}"))
    print(table(("50 ms away", "calls", "chain", "seconds", "times the chain"), rows))


def table(head, rows):
    rows = [tuple(map(str, row)) for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


PARTS = {
    "pipelines": pipelines, "all": all_at_once, "definitions": definitions, "accounts": accounts, "refusals": refusals,
    "least": least, "slow": slow,
}


def main(parts):
    wire = Wire(WORLD["endpoint"], owner=CI)
    with tempfile.TemporaryDirectory() as folder:
        # No configuration file of whoever works here has a say.
        os.chdir(folder)
        begun = time.monotonic()
        for part in parts or PARTS:
            PARTS[part](wire, pathlib.Path(folder))
    print(f"{len(wrong)} wrong, {time.monotonic() - begun:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
