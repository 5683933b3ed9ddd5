"""`script/server` on a port that somebody has: told first, and nobody else's server is taken for ours."""

import os
import socket
import subprocess
from pathlib import Path

SERVER = Path(__file__).parents[2] / "script" / "server"


def test_a_taken_port_is_told_before_anything_else_and_never_as_ours(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        given = os.environ | {"PEYVAND_PORT": str(port), "PEYVAND_DATA": str(tmp_path / "server")}
        said = subprocess.run([SERVER], env=given, capture_output=True, text=True, timeout=30, check=False)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith(f"port {port} on 127.0.0.1 is taken")
    assert not (tmp_path / "server").exists()
