"""Starts an emulator of AWS (moto) on 127.0.0.1 and fills it with two accounts and ten pipelines; see README.md.

    world.py -- COMMAND…      run COMMAND in the world's environment, end with its exit code
    world.py                  serve until Ctrl-C

Nothing leaves this machine, and the credentials are the emulator's own.
"""
import argparse
import json
import logging
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request

from seed import CI, REGION, TARGET, role, seed


def profiles(folder, world):
    """Writes the AWS configuration files; gives the environment that leads to them."""
    config, credentials = folder / "config", folder / "credentials"
    credentials.touch(mode=0o600)
    credentials.write_text("[ci]\n" + "".join(f"{key} = {value}\n" for key, value in world["credentials"].items()))
    entered = {"target": role(TARGET, "auditor"), "ci-blind": role(CI, "auditor-blind")}
    # The AWS CLI keeps what it got for a role in the home folder, by role and name: another world needs another name.
    session = f"source_profile = ci\nrole_session_name = {folder.name}"
    config.write_text(f"[profile ci]\nregion = {REGION}\n" + "".join(
        f"\n[profile {name}]\nregion = {REGION}\nrole_arn = {arn}\n{session}\n" for name, arn in entered.items()))
    (folder / "world.json").write_text(json.dumps(world, indent=2))
    return {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_PROFILE": "ci",
            "AWS_ENDPOINT_URL": world["endpoint"], "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true", "MOTO_WORLD": str(folder / "world.json")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, takes a free one")
    parser.add_argument("--filler", type=int, default=0, metavar="N", help="N more roles that nothing uses")
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="what to run in the world's environment")
    words = parser.parse_args()

    outside = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    os.environ.clear()
    os.environ.update(outside)
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=words.port, verbose=False)
    server.start()
    endpoint = "http://%s:%d" % server.get_host_and_port()
    # The same key ids every time, so that what is printed can be compared.
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/seed?a=1", method="POST")).close()
    with tempfile.TemporaryDirectory(prefix="moto-world-") as folder:
        environment = profiles(pathlib.Path(folder), seed(endpoint, words.filler))
        # The AWS CLI of the same installation comes first.
        environment["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)])
        if words.command:
            status = subprocess.call(words.command, env={**os.environ, **environment})
        else:
            for key, value in environment.items():
                print(f"export {key}={value}", flush=True)
            ended = threading.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: ended.set())
            ended.wait()
            status = 0
    server.stop()
    return status


if __name__ == "__main__":
    sys.exit(main())
