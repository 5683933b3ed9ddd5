"""The bundle for machines without internet, installed and served where no network leads anywhere. `script/test --only bundle` makes one."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from house.steps import ROOT

ALONE = Path(__file__).with_name("alone.py")
LOCKS = ROOT / "requirements"
LONGEST = 1800

pytestmark = pytest.mark.slow


@pytest.fixture
def bundle(tmp_path):
    """A bundle, unpacked."""
    made = os.environ.get("PEYVAND_TEST_BUNDLE", "")
    if not made:
        pytest.skip("PEYVAND_TEST_BUNDLE names no bundle; `script/test --only bundle` makes one")
    with tarfile.open(made) as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / "peyvand-bundle"


def test_a_machine_without_network_installs_it_and_serves_the_door(bundle, tmp_path):
    alone = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody make a network that leads nowhere")
    path = f"{Path(sys.base_prefix, 'bin')}{os.pathsep}/usr/bin{os.pathsep}/bin"
    words = [*alone, sys.executable, "-I", str(ALONE), str(bundle), str(tmp_path)]
    ran = subprocess.run(words, env={"PATH": path}, capture_output=True, text=True, check=False, timeout=LONGEST)
    assert ran.returncode == 0, ran.stderr[-2000:]
    told = json.loads(ran.stdout)
    assert told["styles"], "the page has its styles"
    assert set(told.pop("styles")) == {200}
    assert told.pop("broken engines") == []
    assert told == {"alone": True, "ready": 200, "page": 200, "persian": True, "faults": [], "client": "401", "ended": 0}


def test_what_the_engines_need_holds_all_that_the_server_needs():
    run, engines = ({line for line in (LOCKS / f"{name}.txt").read_text().splitlines() if "==" in line} for name in ("run", "engines"))
    assert run < engines


def test_an_option_that_means_nothing_makes_no_bundle():
    refused = subprocess.run([ROOT / "script" / "bundle", "--engine"], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stderr) == (2, "usage: script/bundle [--engines]\n")
