"""Every public model over its whole domain: NaN in, NaN out; else a number, or a sentence.

The arguments are swept one at a time, around a working point of every function, with NumPy's
warnings as errors.
"""

import inspect
import warnings

import numpy as np
import pytest

from iowall.models import access, checkpoint, pipeline, streaming

DEVICE = {
    "queue_depth": 4,
    "latency": 1e-4,
    "iops_limit": 1e5,
    "bandwidth": 1e9,
    "connection_bandwidth": 2e9,
    "arms": 0,
}
NODE = {
    "dataset_size": 1e12,
    "store_bandwidth": 1e10,
    "link_bandwidth": 3e9,
    "disk_bandwidth": 7e9,
    "disk_size": 4e11,
    "memory_bandwidth": 1e11,
    "memory_size": 1e11,
    "demand": 6e9,
    "cpu_bandwidth": 8e9,
}
STATE = {"checkpoint_size": 1e12, "storage_bandwidth": 1e11}
JOB = {
    "interval": 600,
    "write_time": 60,
    "mtbf": 1e4,
    "restart_time": 300,
    "drain_time": 100,
    "local_loss": 0.5,
}
RUNS = {name: JOB[name] for name in ("interval", "write_time", "mtbf", "restart_time")}
FLASH = {"frames_ahead": 3, "frame_time": 0.01, "read_time": 0.004}

# function: working point, and the words and counts that stay as they are
POINTS = {
    access.iops: ({"request_size": 1e5, **DEVICE}, {}),
    access.throughput: ({"request_size": 1e5, **DEVICE}, {}),
    access.demand: (
        {"accelerators": 8, "batch_size": 400, "sample_size": 1e5, "step_time": 0.2},
        {},
    ),
    access.utilization: (
        {"throughput": 1e9, "demand": 2e9, "step_time": 0.2, "step_overhead": 1e-3},
        {},
    ),
    access.sample_time: (
        {
            "sample_size": 1e5,
            "shard_size": 1e8,
            "read_size": 1e6,
            "sequential_latency": 1e-5,
            "metadata_requests": 1,
            **DEVICE,
        },
        {"file_format": "webdataset", "order": "shuffled"},
    ),
    access.same_shard_probability: (
        {"shard_samples": 100, "interleave": 4, "shuffle_buffer": 50, "samples": 1e5},
        {},
    ),
    access.timeline: ({"load_time": [3.0, 3.0], "compute_time": 2.0}, {"prefetch": 2}),
    pipeline.hit_ratio: ({"cache_size": 4e11, "dataset_size": 1e12}, {"policy": "random"}),
    pipeline.fetch_rate: (
        {"hit_ratio": 0.5, "cache_bandwidth": 1e10, "storage_bandwidth": 1e9},
        {},
    ),
    pipeline.epoch_rates: (NODE, {"policy": "random"}),
    pipeline.fleet_rates: ({"nodes": 8, **NODE}, {"policy": "pinned", "partitioned": True}),
    pipeline.cpu_bandwidth: ({"cores": 8, "core_rate": 300, "sample_size": 1e5}, {}),
    pipeline.run_time: (
        {"dataset_size": 1e12, "epochs": 3, "cold_rate": 1e9, "warm_rate": 2e9},
        {},
    ),
    pipeline.line_rate: (
        {"load_rate": 3, "compute_rate": 4, "prefetch": 2, "variation": 0.5},
        {},
    ),
    pipeline.fetch_price: (
        {"fetched_size": 1e12, "request_size": 1e6, "request_price": 1e-6, "egress_price": 1e-11},
        {},
    ),
    checkpoint.checkpoint_size: ({"parameters": 7e10, "bytes_per_parameter": 14}, {}),
    checkpoint.write_time: (
        {**STATE, "writers": 64, "writer_bandwidth": 1e10, "reach": 0.8},
        {"strategy": "replicated"},
    ),
    checkpoint.restart_time: (
        {**STATE, "readers": 64, "reader_bandwidth": 1e10, "startup_time": 60, "reach": 0.8},
        {"strategy": "replicated"},
    ),
    checkpoint.local_first: (
        {**STATE, "writers": 64, "writer_bandwidth": 1e10, "local_bandwidth": 7e9},
        {},
    ),
    checkpoint.store_busy_share: ({"interval": 600, "write_time": 60, "drain_time": 100}, {}),
    checkpoint.shortest_interval: ({"write_time": 60, "drain_time": 100, "busy_share": 0.5}, {}),
    checkpoint.cluster_mtbf: ({"node_mtbf": 1e7, "nodes": 64}, {}),
    checkpoint.young_interval: ({"write_time": 60, "mtbf": 1e4}, {}),
    checkpoint.daly_interval: ({"write_time": 60, "mtbf": 1e4}, {}),
    checkpoint.optimal_interval: ({"write_time": 60, "mtbf": 1e4}, {}),
    checkpoint.waste: (JOB, {}),
    checkpoint.goodput: (JOB, {}),
    checkpoint.wall_time: ({"work": 1e5, **JOB}, {}),
    checkpoint.simulate_runs: ({"work": 1e4, **RUNS}, {"runs": 2, "seed": 1}),
    checkpoint.simulate_run: ({"work": 1e4, **JOB}, {"seed": 1}),
    streaming.frames_ahead: ({"buffer_size": 1e5, "frame_size": 960}, {}),
    streaming.frames_needed: ({"latency": 0.045, "frame_time": 0.01}, {}),
    streaming.underrun_probability: (
        {**FLASH, "erase_probability": 0.01, "erase_time": 0.045},
        {},
    ),
    streaming.skipped_share: (
        {**FLASH, "stall_probability": 0.01, "stall_time": 0.045},
        {"deadline": True},
    ),
    streaming.delivery_time: ({"latency": [0.045, 0.001], "frame_time": 0.01}, {}),
    streaming.fill_time: ({"buffer_size": 1e5, "fill_rate": 1e5, "drain_rate": 1e4}, {}),
    streaming.backlog: ({"fill_rate": 1e5, "drain_rate": 1e4, "duration": 60}, {}),
    streaming.average_power: (
        {"rate": 1e6, "bandwidth": 5e6, "active_power": 0.05, "idle_power": 1e-3},
        {},
    ),
    streaming.endurance: ({"size": 4096, "erase_cycles": 1e5}, {}),
    streaming.lifetime: ({"endurance": 6e14, "write_rate": 1e6, "write_amplification": 2}, {}),
}
SIMULATIONS = (checkpoint.simulate_runs, checkpoint.simulate_run)
EACH = [(model, name) for model, (point, _) in POINTS.items() for name in point]
IDS = [f"{model.__name__}-{name}" for model, name in EACH]


def numbers(result):
    if isinstance(result, tuple):
        return np.concatenate([numbers(part) for part in result])
    result = np.ravel(result)
    return result.astype(float) if result.dtype.kind in "fiub" else np.array([])


def call(model, **changed):
    point, words = POINTS[model]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return numbers(model(**point | words | changed))


def like(value, number):
    """The number in the shape of what stands at the working point."""
    return [number, value[1]] if isinstance(value, list) else number


def test_every_public_function_has_its_point():
    for module in (access, checkpoint, pipeline, streaming):
        for name, value in vars(module).items():
            public = inspect.isfunction(value) and value.__module__ == module.__name__
            if public and not name.startswith("_") and value is not pipeline.price:
                point, words = POINTS[value]
                left = inspect.signature(value).parameters.keys() - point.keys() - words.keys()
                unswept = {"metered"} if value in (access.iops, access.throughput) else set()
                unswept |= {"metered"} if value is access.sample_time else set()
                assert left == unswept, name


@pytest.mark.parametrize(("model", "name"), EACH, ids=IDS)
def test_nan_in_nan_out(model, name):
    value = like(POINTS[model][0][name], np.nan)
    if model in SIMULATIONS:
        with pytest.raises(ValueError, match="number"):
            call(model, **{name: value})
    else:
        assert np.isnan(call(model, **{name: value})).any()


@pytest.mark.parametrize(("model", "name"), EACH, ids=IDS)
@pytest.mark.parametrize("number", [-1, -1e-300, -np.inf])
def test_what_is_negative_is_named(model, name, number):
    value = like(POINTS[model][0][name], number)
    with pytest.raises(ValueError, match=rf"^{name} must be .*, got -") as raised:
        call(model, **{name: value})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("model", "name"), EACH, ids=IDS)
def test_words_are_no_numbers(model, name):
    with pytest.raises(ValueError, match=rf"^{name} must be a number or an array of numbers"):
        call(model, **{name: "many"})


@pytest.mark.parametrize(("model", "name"), EACH, ids=IDS)
@pytest.mark.parametrize("number", [0, 5e-324, 1e-300, 1e-9, 1, 1e9, 1e300, np.inf])
def test_the_ends_give_numbers_or_sentences(model, name, number):
    value = like(POINTS[model][0][name], number)
    try:
        result = call(model, **{name: value})
    except ValueError as error:
        sentence = str(error)
        assert name in sentence or model in SIMULATIONS
        assert "\n" not in sentence and len(sentence) < 220
    else:
        assert not np.isnan(result).any()
        assert (result >= 0).all()


WHOLE = "frames are whole"
JUMPS = {
    access.sample_time: {"sample_size": "a tar archive has whole blocks"},
    streaming.frames_ahead: {"buffer_size": WHOLE, "frame_size": WHOLE},
    streaming.frames_needed: {"latency": WHOLE, "frame_time": WHOLE},
    streaming.underrun_probability: dict.fromkeys(
        ("frames_ahead", "frame_time", "read_time", "erase_time"), WHOLE
    )
    | {"erase_probability": "a reader that cannot keep up is late for good"},
    streaming.skipped_share: dict.fromkeys(
        ("frames_ahead", "frame_time", "read_time", "stall_time"), WHOLE
    ),
}
SHARES = ("hit_ratio", "local_loss", "busy_share", "erase_probability", "stall_probability")
NO_SWEEP = ("arms", "load_time")  # a count; a row of times


def largest_jump(f, low, high):
    """What is left of the largest change between two places when they are moved together."""
    for _ in range(40):
        middle = (low + high) / 2
        ends = f(low), f(middle), f(high)
        with np.errstate(invalid="ignore"):
            changes = [np.abs(ends[1] - ends[0]), np.abs(ends[2] - ends[1])]
        largest = [np.nanmax(np.where(np.isfinite(change), change, 0.0)) for change in changes]
        low, high = (low, middle) if largest[0] >= largest[1] else (middle, high)
    return max(largest)


@pytest.mark.parametrize(("model", "name"), EACH, ids=IDS)
def test_nothing_jumps_without_a_cause(model, name):
    if model in SIMULATIONS or name in NO_SWEEP or model is streaming.delivery_time:
        pytest.skip("random, a count, or a row of times")
    at = POINTS[model][0][name]
    steps = at * np.geomspace(0.1, 10, 101)
    if name in SHARES:
        steps = np.linspace(0, 1, 101)
    results = np.array([call(model, **{name: step}) for step in steps])
    scale = np.max(np.where(np.isfinite(results), np.abs(results), 0.0), axis=0) + 1e-30
    with np.errstate(invalid="ignore"):
        change = np.abs(np.diff(results, axis=0)) / scale
    change = np.where(np.isfinite(change), change, 0.0).max(axis=1)
    jumps = [
        largest_jump(lambda step: call(model, **{name: step}) / scale, *steps[place : place + 2])
        for place in np.argsort(change)[-3:]
    ]
    assert (max(jumps) > 1e-4) == (name in JUMPS.get(model, {})), max(jumps)


def test_the_search_for_jumps_finds_one():
    assert largest_jump(lambda x: np.array([np.floor(x)]), 0.5, 1.7) == 1
    assert largest_jump(lambda x: np.array([1 / x]), 1e-3, 2.0) < 1e-5
