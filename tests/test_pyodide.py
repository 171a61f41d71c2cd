"""All tests of the models once more, in the Python of the reader's browser.

There NumPy is another version, built for 32 bits and another arithmetic library.
"""

import re
import subprocess
import sys
import zipfile
from importlib.metadata import files

import pytest

from tests import wasm

pytestmark = pytest.mark.browser
MODULES = ("units", "access", "pipeline", "checkpoint", "streaming", "integers")
SELECTION = [
    *(f"tests/test_{name}.py" for name in MODULES),
    "iowall/models",  # the examples in docstrings
    "iowall/units.py",
]
# What pytest needs is pure Python, and taken from where this test runs. Hypothesis is not: later
# versions have a compiled core.
TOOLS = ("pytest", "pluggy", "iniconfig", "packaging", "pygments", "sortedcontainers")
HYPOTHESIS = {
    "name": "hypothesis",
    "version": "6.155.7",
    "sha256": "9f634bdb1f9e9b8ab6ba09431cf2deedb750c96978125a6fb3c5a0f6c6db4131",
}
# Hypothesis' own profile for slow machines: no deadline, the same cases each time.
ARGUMENTS = ["-q", "-p", "no:cacheprovider", "--hypothesis-profile=ci", *SELECTION]
CODE = f"""
import os, sys
sys.path[:0] = ["/repository", "/tools"]
os.chdir("/repository")

import pytest
pytest.main({ARGUMENTS})
"""


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tools")
    for name in TOOLS:
        for file in files(name):
            if ".." not in file.parts and file.suffix != ".pyc":
                place = folder / file
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file.read_binary())
    with zipfile.ZipFile(wasm.pure_wheel(**HYPOTHESIS)) as wheel:
        wheel.extractall(folder)
    return folder


def passed(output):
    """How many tests passed; nothing else may have happened to any."""
    summary = re.search(r"^(\d+) passed in ", output, re.MULTILINE)
    assert summary, output[-5000:]
    return int(summary[1])


def test_models_in_pyodide(tools, root):
    command = [sys.executable, "-m", "pytest", *ARGUMENTS]
    here = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    there = wasm.run(CODE, packages=["numpy"], mounts={"/repository": root, "/tools": tools})
    assert passed(there) == passed(here.communicate()[0]) > 300


LABS = """
import page_bridge
from iowall import labs
from iowall import ledger
from iowall.parts import PARTS
from iowall.scenarios import TRACKS

count = 0
for track in TRACKS.values():
    mine = ledger.Ledger(track=track.key)
    for part in PARTS:
        option = next(iter(getattr(track, part).options))
        said = {"option": option, "estimate": 3.0, "reason": "so", "time": "2026-01-01T00:00:00"}
        mine.predict(part, said)
    text = mine.dumps()
    for name in (*PARTS, "report"):
        lab = labs.open_lab(name)
        lab.store._receive(lab.store, {"answer": "opened", "kept": True, "text": text}, [])
        if name == "report":
            continue
        for control in lab.workbench.controls.values():
            *_, last = control.options
            control.value = last[1] if isinstance(last, tuple) else last
            count += 1
        if name == "pipeline":
            lab.workbench.run.click()
        if name == "checkpoint":
            lab.workbench.commit.click()
print("moved", count)
"""


def test_a_page_has_all_that_its_labs_import():
    # Each control of each part in each track: 7 + 6 + 5.
    assert "moved 72\n" in wasm.run(LABS)
