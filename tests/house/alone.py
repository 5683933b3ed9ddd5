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
