"""The code is as `ruff check` and `ruff format` would have it."""

import subprocess

import pytest
import ruff

from tests.conftest import ROOT


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["check", "format"])
def test_nothing_is_left_to_ruff(command):
    done = subprocess.run(
        [ruff.find_ruff_bin(), *command, "--no-cache", ROOT], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
