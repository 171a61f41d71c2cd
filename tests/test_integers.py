"""Whole numbers are as good as floats, however large.

In a browser NumPy's integers have 32 bits, and a product beyond them wraps round without a word.
These tests are therefore run there too (test_pyodide.py).
"""

import inspect

import numpy as np
import pytest

from iowall.models import access, checkpoint, pipeline, streaming

BILLION = 1_000_000_000
DEVICE = {"latency": 1, "iops_limit": 3 * BILLION, "bandwidth": 50 * BILLION}
SAVING = {"interval": 2 * BILLION, "write_time": 2 * BILLION}
JOB = SAVING | {"mtbf": 5 * BILLION, "restart_time": 3}
WRITE = {"checkpoint_size": 350 * BILLION, "writers": 1024, "writer_bandwidth": BILLION}
# model: whole numbers that exceed 32 bits by themselves, or in the first product or sum.
CASES = [
    (access.iops, DEVICE | {"request_size": 4096, "queue_depth": 10 * BILLION}),
    (access.throughput, DEVICE | {"request_size": 1_048_576, "queue_depth": 10 * BILLION}),
    (
        access.demand,
        {"accelerators": 64, "batch_size": 400, "sample_size": 2 * BILLION, "step_time": 3},
    ),
    (access.utilization, {"throughput": 7 * BILLION, "demand": 9 * BILLION}),
    *(
        (
            access.sample_time,
            DEVICE
            | {
                "file_format": file_format,
                "order": "shuffled",
                "sample_size": 2_147_483_640,
                "shard_size": 30 * BILLION,
                "read_size": 1_048_576,
                "queue_depth": 4,
                "sequential_latency": 0,
                "metadata_requests": 1,
            },
        )
        for file_format in access.FILE_FORMATS
    ),
    (
        access.same_shard_probability,
        {
            "shard_samples": 1_000_000,
            "interleave": 4_000,
            "shuffle_buffer": 3 * BILLION,
            "samples": 9 * BILLION,
        },
    ),
    (access.timeline, {"load_time": [2 * BILLION] * 4, "compute_time": 2 * BILLION, "prefetch": 2}),
    *(
        (
            pipeline.hit_ratio,
            {"cache_size": 4 * BILLION, "dataset_size": 9 * BILLION, "policy": policy},
        )
        for policy in pipeline.POLICIES
    ),
    (
        pipeline.fetch_rate,
        {"hit_ratio": 0, "cache_bandwidth": 9 * BILLION, "storage_bandwidth": 3 * BILLION},
    ),
    *(
        (
            pipeline.epoch_rates,
            {
                "dataset_size": 9_000 * BILLION,
                "store_bandwidth": 12 * BILLION,
                "link_bandwidth": 3 * BILLION,
                "disk_bandwidth": 7 * BILLION,
                "disk_size": 2 * BILLION,
                "memory_bandwidth": 100 * BILLION,
                "memory_size": 2 * BILLION,
                "demand": 6 * BILLION,
                "policy": policy,
            },
        )
        for policy in pipeline.POLICIES
    ),
    *(
        (
            pipeline.fleet_rates,
            {
                "nodes": 1_024,
                "partitioned": partitioned,
                "dataset_size": 9_000 * BILLION,
                "store_bandwidth": 12 * BILLION,
                "link_bandwidth": 3 * BILLION,
                "disk_bandwidth": 7 * BILLION,
                "disk_size": 2 * BILLION,
                "memory_bandwidth": 100 * BILLION,
                "memory_size": 2 * BILLION,
                "demand": 6 * BILLION,
                "policy": "pinned",
            },
        )
        for partitioned in (False, True)
    ),
    (pipeline.cpu_bandwidth, {"cores": 96, "core_rate": 300, "sample_size": 2 * BILLION}),
    (
        pipeline.fetch_price,
        {
            "fetched_size": 9 * BILLION,
            "request_size": 2 * BILLION,
            "request_price": 2,
            "egress_price": 3,
        },
    ),
    (
        pipeline.run_time,
        {"dataset_size": 9 * BILLION, "epochs": 3, "cold_rate": BILLION, "warm_rate": 2 * BILLION},
    ),
    (
        pipeline.line_rate,
        {"load_rate": 3 * BILLION, "compute_rate": 4 * BILLION, "prefetch": 2 * BILLION},
    ),
    (
        checkpoint.checkpoint_size,
        {"parameters": 2 * BILLION, "bytes_per_parameter": 14},
    ),
    *(
        (checkpoint.write_time, WRITE | {"storage_bandwidth": 9 * BILLION, "strategy": strategy})
        for strategy in checkpoint.STRATEGIES
    ),
    (
        checkpoint.local_first,
        WRITE | {"local_bandwidth": 5 * BILLION, "storage_bandwidth": 9 * BILLION},
    ),
    (checkpoint.store_busy_share, SAVING | {"drain_time": 3 * BILLION}),
    (
        checkpoint.shortest_interval,
        {"write_time": 2 * BILLION, "drain_time": 3 * BILLION, "busy_share": 1},
    ),
    (checkpoint.cluster_mtbf, {"node_mtbf": 9 * BILLION, "nodes": 3}),
    *(
        (interval, {"write_time": 2 * BILLION, "mtbf": 5 * BILLION})
        for interval in (
            checkpoint.young_interval,
            checkpoint.daly_interval,
            checkpoint.optimal_interval,
        )
    ),
    (checkpoint.waste, JOB),
    (checkpoint.goodput, JOB),
    (checkpoint.wall_time, JOB | {"work": 9 * BILLION}),
    (checkpoint.simulate_run, {**JOB, "work": 9 * BILLION, "seed": 1}),
    (
        checkpoint.restart_time,
        {
            "checkpoint_size": 9 * BILLION,
            "readers": 3,
            "reader_bandwidth": 2 * BILLION,
            "storage_bandwidth": 4 * BILLION,
            "strategy": "replicated",
        },
    ),
    (checkpoint.simulate_runs, JOB | {"work": 9 * BILLION, "runs": 3, "seed": 1}),
    (streaming.frames_ahead, {"buffer_size": 3 * BILLION, "frame_size": 7}),
    (streaming.frames_needed, {"latency": 3 * BILLION, "frame_time": 7}),
    (
        streaming.underrun_probability,
        {
            "frames_ahead": 50_000,
            "frame_time": 50_000,
            "read_time": 2,
            "erase_probability": 0,
            "erase_time": 3 * BILLION,
        },
    ),
    (
        streaming.skipped_share,
        {
            "frames_ahead": 50_000,
            "frame_time": 50_000,
            "read_time": 2,
            "stall_probability": 0,
            "stall_time": 3 * BILLION,
        },
    ),
    (streaming.delivery_time, {"latency": [2 * BILLION] * 4, "frame_time": 3}),
    (
        streaming.fill_time,
        {"buffer_size": 9 * BILLION, "fill_rate": 5 * BILLION, "drain_rate": 3},
    ),
    (
        streaming.backlog,
        {"fill_rate": 4 * BILLION, "drain_rate": 1 * BILLION, "duration": 7},
    ),
    (
        streaming.average_power,
        {"rate": 3 * BILLION, "bandwidth": 9 * BILLION, "active_power": 3, "idle_power": 1},
    ),
    (streaming.endurance, {"size": 8_388_608, "erase_cycles": 100_000}),
    (
        streaming.lifetime,
        {"endurance": 9 * BILLION, "write_rate": 2 * BILLION, "write_amplification": 4},
    ),
]
KEPT = ("prefetch", "runs", "seed")  # counts that loops and generators take as they are


def as_floats(arguments, of=float):
    """The same arguments with every whole number as `of` makes it."""

    def turned(name, value):
        if isinstance(value, list):
            return np.array(value, float)
        return of(value) if isinstance(value, int) and name not in KEPT else value

    return {name: turned(name, value) for name, value in arguments.items()}


def flat(result):
    if isinstance(result, tuple):
        return [number for part in result for number in flat(part)]
    words = np.asarray(result).dtype.kind == "U"
    return [] if words else np.ravel(result).tolist()


@pytest.mark.parametrize(
    ("model", "arguments"), CASES, ids=lambda value: getattr(value, "__name__", "")
)
def test_whole_numbers(model, arguments):
    expected = flat(model(**as_floats(arguments)))
    assert flat(model(**arguments)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("model", "arguments"), CASES, ids=lambda value: getattr(value, "__name__", "")
)
def test_arrays_of_whole_numbers(model, arguments):
    # As np.arange and np.array make them of numbers that fit: 32 bits wide in a browser.
    def small(value):
        fits = value < 2**31 and model is not checkpoint.simulate_run  # which walks one
        return np.array([value]) if fits else float(value)

    expected = flat(model(**as_floats(arguments)))
    assert flat(model(**as_floats(arguments, of=small))) == pytest.approx(expected, rel=1e-14)


def test_every_model_is_here():
    here = {model for model, _ in CASES}
    for module in (access, checkpoint, pipeline, streaming):
        for name, value in vars(module).items():
            public = inspect.isfunction(value) and value.__module__ == module.__name__
            if public and not name.startswith("_"):
                assert value in here or value is pipeline.price, name


def test_price_of_whole_numbers():
    cost = pipeline.price(amounts={"disk": 2 * BILLION}, unit_prices={"disk": 5})
    assert cost == 1e10
