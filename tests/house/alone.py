"""Installs an unpacked bundle and serves from it, in a network that leads nowhere: `unshare --net python alone.py BUNDLE FOLDER`.

Called by test_bundle. Prints what it found as JSON.
"""

import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

PORT = 8000
START_SECONDS = 120
CALLING = f"""
from peyvand_client import ApiError, Client
try:
    Client("http://127.0.0.1:{PORT}", "sk_nobodys").cases()
except ApiError as refused:
    print(refused.status)
"""
ENGINES = {"chdb-core": "chdb", "pyspark": "pyspark"}  # package: what is imported of it
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def raise_loopback() -> None:
    """In a new network even this machine itself cannot be reached at first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        request = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack_from("h", fcntl.ioctl(asking, SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(asking, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def is_alone() -> bool:
    """Whether no other machine can be reached."""
    try:
        socket.create_connection(("192.0.2.1", 443), timeout=3).close()
    except OSError as error:
        return error.errno is not None  # no way there at all, not merely no answer
    return False


def get(path: str) -> tuple[int, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=60) as answer:
        return answer.status, answer.read().decode()


def ready(server: "subprocess.Popen[bytes]") -> int:
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            return get("/readyz")[0]
        except OSError:
            time.sleep(0.2)
    return 0


def refused(python: Path, bundle: Path, environment: dict[str, str]) -> str:
    """The status by which a call of the bundle's client with nobody's key is refused."""
    ran = subprocess.run([python, "-c", CALLING], cwd=bundle, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    return ran.stdout.strip()


def broken_engines(python: Path, bundle: Path, environment: dict[str, str]) -> list[str]:
    """Engines that the bundle carries and that cannot be loaded."""
    lock = (bundle / "requirements.txt").read_text()
    carried = [name for package, name in ENGINES.items() if f"\n{package}==" in lock]
    return [name for name in carried if subprocess.run([python, "-c", f"import {name}"], env=environment, check=False).returncode]


def main() -> None:
    bundle, folder = Path(sys.argv[1]), Path(sys.argv[2])
    raise_loopback()
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PEYVAND_DATA": str(folder / "data"), "PEYVAND_PORT": str(PORT)}
    installed = folder / "installed"
    for words in (["sha256sum", "--check", "--quiet", "SHA256SUMS"], ["./install", str(installed)], [installed / "bin/peyvand", "upgrade"]):
        subprocess.run(words, cwd=bundle, env=environment, check=True, stdout=sys.stderr)
    with subprocess.Popen([installed / "bin/peyvand", "serve"], cwd=folder, env=environment, stdout=sys.stderr) as server:
        try:
            told = looked(server, installed / "bin/peyvand", environment)
            told["client"] = refused(installed / "bin/python", bundle, environment)
            told["broken engines"] = broken_engines(installed / "bin/python", bundle, environment)
        finally:
            server.terminate()
            ended = server.wait(20)
    print(json.dumps(told | {"ended": ended}))


def looked(server: "subprocess.Popen[bytes]", peyvand: Path, environment: dict[str, str]) -> dict[str, object]:
    """What somebody finds who opens the door, and what doctor says."""
    told: dict[str, object] = {"alone": is_alone(), "ready": ready(server)}
    status, page = get("/accounts/login/")
    styles = re.findall(r'href="(/static/[^"]+\.css[^"]*)"', page)
    told |= {"page": status, "persian": 'lang="fa"' in page and "گذرواژه" in page, "styles": [get(path)[0] for path in styles]}
    doctor = subprocess.run([peyvand, "doctor", "--json"], env=environment, check=False, capture_output=True)
    return told | {"faults": [one for one in json.loads(doctor.stdout)["findings"] if one["state"] == "fault"]}


if __name__ == "__main__":
    main()
