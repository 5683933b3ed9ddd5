"""Looks for bytes that break a reader, led by what they reach; needs Atheris (`script/setup --fuzz`).

`python -m tests.fuzz` does so with every reader for PEYVAND_FUZZ_SECONDS (10) each, two at a time, and ends with 1 where it found any.
It tries other bytes each time; PEYVAND_FUZZ_SEED makes it try the same ones: what passed once passes where nothing changed.
`python -m tests.fuzz TARGET -max_total_time=300` takes one as long as you like. What is found goes into FOUND of the test beside this file.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django

from tests.fuzz.seeds import SEEDS

SECONDS = os.environ.get("PEYVAND_FUZZ_SECONDS", "10")
SEED = os.environ.get("PEYVAND_FUZZ_SEED", "0")  # 0 is another one each time
INPUT = 4096  # bytes at most: what breaks a reader is short


def one(name: str, arguments: list[str]) -> None:
    """Fuzz a reader in this process; libFuzzer ends it."""
    import atheris  # noqa: PLC0415 - not among the usual requirements

    with atheris.instrument_imports(include=["peyvand"]):
        django.setup()
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - imported while Atheris watches
    atheris.Setup([sys.argv[0], *arguments], TARGETS[name])
    atheris.Fuzz()


def bounded(name: str) -> str:
    """Fuzz a reader in a process of its own, from its seeds; returns what it found, if anything."""
    with tempfile.TemporaryDirectory(prefix="peyvand-fuzz-") as place:
        corpus = Path(place, "corpus")
        corpus.mkdir()
        for n, seed in enumerate(SEEDS[name]):
            Path(corpus, str(n)).write_bytes(seed)
        limits = [
            f"-max_total_time={SECONDS}",
            f"-max_len={INPUT}",
            f"-seed={SEED}",
            "-timeout=10",
            "-rss_limit_mb=3000",
            f"-artifact_prefix={place}/found-",
        ]
        command = [sys.executable, "-m", "tests.fuzz", name, *limits, str(corpus)]
        environment = os.environ | {"PYTHONHASHSEED": SEED} if SEED != "0" else None
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
        found = [path.read_bytes() for path in Path(place).glob("found-*")]
        runs = [line for line in ended.stderr.splitlines() if line.startswith(("Done ", "stat::"))]
        print(f"{name}: {runs[-1] if runs else f'ended with {ended.returncode}'}", flush=True)
        return "" if ended.returncode == 0 else f"{name}: {found}\n{(ended.stdout + ended.stderr)[-4000:]}"


def main() -> int:
    """Fuzz one reader or all; returns the exit code."""
    if len(sys.argv) > 1:
        one(sys.argv[1], sys.argv[2:])
        return 0
    with ThreadPoolExecutor(2) as pool:
        faults = [told for told in pool.map(bounded, SEEDS) if told]
    print("\n".join(faults), flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
