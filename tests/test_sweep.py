"""The sweep of "Beyond the Browser": on a cluster as in NumPy, and both as on paper."""

import runpy
import subprocess
import sys

import cloudpickle
import dask
import dask.array as da
import numpy as np
import pytest
from dask.distributed import Client

from iowall.units import DAY, MINUTE
from tests.conftest import ROOT
from tests.test_pipeline import node

SCRIPT = ROOT / "book" / "sweep.py"


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(SCRIPT))


@pytest.fixture(scope="module")
def axes(script):
    axes = script["designs"](bandwidths=21, intervals=60)
    assert np.prod([axis.size for axis in axes]) > 1e6
    return axes


def lazy(script, axes):
    return script["sweep"](*(da.from_array(axis, chunks=20) for axis in axes))


def test_a_cluster_finds_what_numpy_finds(script, axes):
    with Client(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None):
        share, least = dask.compute(*lazy(script, axes))
    expected_share, expected_least = script["sweep"](*axes)
    assert share == pytest.approx(expected_share, rel=1e-12)
    np.testing.assert_array_equal(least, expected_least)


def test_workers_need_no_iowall(script, axes):
    for result in lazy(script, axes):
        assert isinstance(result, da.Array)
        assert b"iowall" not in cloudpickle.dumps(dict(result.__dask_graph__()))


def test_the_slowest_store_is_the_one_on_paper(script, axes):
    """At the best interval goodput is e^(-R/M) (1 - τ*/M), which 0.9 turns into a longest save."""
    _, least = script["sweep"](*axes)
    nodes, parameters, bandwidth = axes[0][..., 0, 0], axes[1][..., 0, 0], axes[2].ravel()
    mtbf = 1000 * DAY / 6.50 / nodes
    kept = 0.9 * np.exp(5 * MINUTE / mtbf)  # 1 - τ*/M
    longest_save = mtbf * (kept - 1 - np.log(kept))
    needed = np.where(kept < 1, 14 * parameters / longest_save, np.inf)

    assert np.all(np.isinf(least[np.broadcast_to(kept > 1, least.shape)]))
    assert np.all(least >= needed)  # no interval does better than the best
    # And hardly worse, where the best is not beside the impossible: one step of the stores.
    far = (nodes <= 2048) & (needed > bandwidth[0]) & (needed < bandwidth[-2])
    assert np.all(least[far] < 1.05 * bandwidth[1] / bandwidth[0] * needed[far])
    assert far.sum() > 400


def test_the_page_shows_what_the_script_prints():
    run = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=True)
    page = (ROOT / "book" / "beyond.md").read_text(encoding="utf-8")
    assert f"```text\n{run.stdout}```" in page


def test_numpy_alone_needs_the_memory_that_the_page_says(script, axes):
    import tracemalloc

    tracemalloc.start()
    script["sweep"](*axes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 37 < peak / np.prod([axis.size for axis in axes]) < 47


def test_the_bottleneck_of_a_lazy_array_is_lazy():
    links = da.from_array(np.array([0.0, 1e9, 1e11]), chunks=1)
    with np.errstate(all="raise"):
        warm = node(link_bandwidth=links, disk_size=0, memory_size=0).warm
        binding = warm.binding
        assert isinstance(binding, da.Array)
        assert binding.compute().tolist() == ["link", "link", "accelerator"]
        assert warm.overprovision.link.compute().tolist() == [1, 1, pytest.approx(1e11 / 6e9)]
