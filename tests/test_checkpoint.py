"""The checkpoint models against published results, limits, and runs simulated event by event."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iowall.models import checkpoint
from iowall.models._arithmetic import one_plus_lambert
from iowall.units import DAY, GB, HOUR, MB, MINUTE, TB, Gbit, GiB, S

# Daly, FGCS 22(3), 2006, captions of three figures: work 500 h, restart 10 min, write 5 min.
DALY = {"work": 500 * HOUR, "write_time": 5 * MINUTE, "restart_time": 10 * MINUTE}
CAPTIONS = [(24 * HOUR, 117), (6 * HOUR, 57), (15 * MINUTE, 9.1)]
INTERVALS = (checkpoint.young_interval, checkpoint.daly_interval, checkpoint.optimal_interval)


@pytest.mark.parametrize(("mtbf", "minutes"), CAPTIONS)
def test_optima_in_dalys_captions(mtbf, minutes):
    # Printed to two or three digits: half of the last one is the tolerance.
    half_digit = 0.05 if minutes < 10 else 0.5
    interval = checkpoint.daly_interval(write_time=5 * MINUTE, mtbf=mtbf) / MINUTE
    assert interval == pytest.approx(minutes, abs=half_digit)


@pytest.mark.parametrize(
    ("mtbf", "young", "daly", "exact", "hours"),
    # Worked out outside of this code: minutes by the three formulas, and the wall time at the exact
    # optimum, for the jobs of Daly's captions.
    [
        (24 * HOUR, 120, 116.69, 116.69, 547.88),
        (6 * HOUR, 60, 56.71, 56.714, 610.22),
        (15 * MINUTE, 12.25, 9.141, 9.167, 2504.2),
    ],
)
def test_intervals_and_wall_times_worked_out_elsewhere(mtbf, young, daly, exact, hours):
    found = [interval(write_time=5 * MINUTE, mtbf=mtbf) / MINUTE for interval in INTERVALS]
    assert found == pytest.approx([young, daly, exact], rel=3e-4)
    best = checkpoint.wall_time(interval=found[2] * MINUTE, mtbf=mtbf, **DALY)
    assert best / HOUR == pytest.approx(hours, rel=2e-5)


@pytest.mark.parametrize(
    ("ratio", "young", "daly"),
    # Worked out outside of this code: errors against the exact optimum in percent, by write time
    # over MTBF. They are the domains that the docstrings state.
    [
        (0.001, 1.5, 0.0),
        (0.01, 4.9, -0.001),
        (0.05, 11.4, -0.013),
        (0.1, 16.7, -0.04),
        (0.25, 28.3, -0.17),
        (0.5, 43.2, -0.55),
        (1.0, 68, -1.8),
        (1.9, 107, -5.7),
    ],
)
def test_errors_of_the_approximations(ratio, young, daly):
    first, higher, exact = (interval(write_time=ratio, mtbf=1.0) for interval in INTERVALS)
    assert 100 * (first / exact - 1) == pytest.approx(young, rel=0.01, abs=0.06)
    assert 100 * (higher / exact - 1) == pytest.approx(daly, rel=0.1, abs=0.0006)


def test_dalys_equation_steps_where_its_docstring_says():
    below, at = checkpoint.daly_interval(write_time=np.array([2 - 1e-9, 2]), mtbf=1.0)
    assert below == pytest.approx(0.889, abs=5e-4) and at == 1


def lambert_root(x):
    """u with -u - ln(1 - u) = x, to 40 digits: by bisection in decimals."""
    with localcontext() as context:
        context.prec = 60
        x = Decimal(x)
        low, high = -(x + 2), Decimal(0)  # of y = ln(1 - u)
        for _ in range(220):
            middle = (low + high) / 2
            low, high = (middle, high) if middle.exp() - middle - 1 > x else (low, middle)
        return float(1 - low.exp())


@pytest.mark.parametrize(
    "x",
    [1e-30, 1e-9, 1e-6, 1e-4, 4.9e-3, 5.1e-3, 0.02, 0.1, 0.5, 1, 1.9, 2, 5, 36, 40, 1e3, 1e5],
)
def test_lambert_in_decimals(x):
    assert one_plus_lambert(x) == pytest.approx(lambert_root(x), rel=1e-14)


def test_lambert_at_its_ends():
    with np.errstate(all="raise", under="ignore"):
        assert one_plus_lambert(np.array([0.0, np.inf])).tolist() == [0, 1]


times = st.floats(1e-3, 1e7)


@given(write=times, mtbf=times, restart=st.floats(0, 1e4), factor=st.floats(0.01, 100))
def test_property_no_interval_wastes_less_than_the_optimum(write, mtbf, restart, factor):
    job = {"write_time": write, "mtbf": mtbf, "restart_time": restart}
    best = checkpoint.optimal_interval(write_time=write, mtbf=mtbf)
    least = checkpoint.waste(interval=best, **job).total
    assert checkpoint.waste(interval=best * factor, **job).total >= least - 1e-12
    assert 0 < best <= mtbf


ARGUMENTS = ["interval", "write_time", "mtbf", "restart_time"]


@given(
    job=st.fixed_dictionaries({name: times for name in ARGUMENTS}),
    name=st.sampled_from(ARGUMENTS),
)
def test_property_waste_is_continuous_in_every_argument(job, name):
    here = checkpoint.waste(**job)
    beside = checkpoint.waste(**job | {name: job[name] * (1 + 1e-9)})
    # d waste / d ln(argument) is at most 1 for each exponential and each ratio.
    assert np.array(beside) == pytest.approx(np.array(here), abs=1e-8)


@given(write=st.floats(1e-12, 1e4), gap=st.floats(-1e-9, 1e-9))
def test_property_the_optimum_is_continuous_where_its_formula_changes(write, gap):
    here, beside = checkpoint.optimal_interval(
        write_time=np.array([write, write * (1 + gap)]), mtbf=1.0
    )
    assert beside == pytest.approx(here, rel=2e-9)


@given(job=st.fixed_dictionaries({name: st.floats(0, 1e6) for name in ARGUMENTS}))
def test_property_shares_of_the_clock_sum_to_one(job):
    shares = checkpoint.waste(**job)
    assert all(0 <= share <= 1 for share in shares)
    assert shares.total + checkpoint.goodput(**job) == pytest.approx(1, abs=1e-12)


@given(
    job=st.fixed_dictionaries({name: times for name in [*ARGUMENTS, "work"]}),
    factor=st.floats(1e-3, 1e3),
)
def test_property_units_scale(job, factor):
    scaled = checkpoint.wall_time(**{name: value * factor for name, value in job.items()})
    assert scaled / factor == pytest.approx(checkpoint.wall_time(**job), rel=1e-6)


@given(
    size=st.floats(1e6, 1e15),
    bandwidth=st.floats(1e6, 1e13),
    factor=st.floats(1, 1e3),
    strategy=st.sampled_from(checkpoint.STRATEGIES),
    name=st.sampled_from(["writer_bandwidth", "storage_bandwidth"]),
)
def test_property_more_bandwidth_never_hurts(size, bandwidth, factor, strategy, name):
    store = {"writer_bandwidth": 1 * GB, "storage_bandwidth": 1 * GB} | {name: bandwidth}

    def wasted(**changed):
        write_time = checkpoint.write_time(
            checkpoint_size=size, writers=64, strategy=strategy, **store | changed
        )
        interval = checkpoint.optimal_interval(write_time=write_time, mtbf=4 * HOUR)
        return checkpoint.waste(
            interval=interval, write_time=write_time, mtbf=4 * HOUR, restart_time=600
        ).total

    assert wasted(**{name: bandwidth * factor}) <= wasted() + 1e-12


def events(*, work, interval, write_time, mtbf, restart_time, seed):
    """One run, event by event: wall time, writing, lost work, restarts, failures.

    Failures fall on the wall clock, whatever the job is doing; the run walks from one to the next.
    """
    random = np.random.default_rng(seed)
    clock, done, failures = 0.0, 0.0, 0
    writing = lost = restarts = 0.0
    failure = random.exponential(mtbf)
    while done < work:
        step = min(interval, work - done)
        end = clock + step + write_time
        if end <= failure:
            clock, done, writing = end, done + step, writing + write_time
            continue
        lost += failure - clock
        while True:  # restart, until one is not hit in its turn
            clock, failure = failure, failure + random.exponential(mtbf)
            failures += 1
            if clock + restart_time <= failure:
                clock += restart_time
                restarts += restart_time
                break
            restarts += failure - clock
    return clock, failures, writing, lost, restarts


JOBS = {
    "mild": {"interval": 1.0, "write_time": 0.05, "mtbf": 30.0, "restart_time": 0.5},
    "rough": {"interval": 1.0, "write_time": 0.3, "mtbf": 2.0, "restart_time": 0.7},
    "hopeless": {"interval": 2.0, "write_time": 3.0, "mtbf": 2.0, "restart_time": 2.5},
}


@pytest.fixture(scope="module", params=JOBS, ids=str)
def walked(request):
    """A job, and 1,000 runs of 60 hours of it walked event by event."""
    job = JOBS[request.param] | {"work": 60.0}
    return job, np.array([events(seed=seed, **job) for seed in range(1000)]).T


def within_errors(samples, expected, sigmas=4):
    error = np.std(samples, ddof=1) / math.sqrt(len(samples))
    return abs(np.mean(samples) - expected) <= sigmas * error + 1e-9 * abs(expected)


def test_wall_time_against_events(walked):
    job, (wall, *_) = walked
    assert within_errors(wall, checkpoint.wall_time(**job))


def test_waste_by_cause_against_events(walked):
    job, (_, _, *causes) = walked
    rest = {name: value for name, value in job.items() if name != "work"}
    expected = np.array(checkpoint.waste(**rest)) * checkpoint.wall_time(**job)
    for samples, mean in zip(causes, expected, strict=True):
        assert within_errors(samples, mean)


def smirnov(a, b):
    """Largest distance of two empirical distributions, and what 1 % of equal ones exceed."""
    a, b = np.round(a, 6), np.round(b, 6)  # runs without a failure are equal but for rounding
    both = np.sort(np.concatenate([a, b]))
    below = [np.searchsorted(np.sort(x), both, side="right") / len(x) for x in (a, b)]
    return np.max(np.abs(below[0] - below[1])), 1.628 * math.sqrt(1 / len(a) + 1 / len(b))


def test_simulated_runs_are_distributed_like_walked_ones(walked):
    job, walks = walked
    runs = checkpoint.simulate_runs(runs=4000, seed=2, **job)
    for name, walk in zip(("wall_time", "failures", "writing", "lost_work"), walks, strict=False):
        distance, limit = smirnov(getattr(runs, name), walk)
        assert distance < limit, name
    parts = job["work"] + runs.writing + runs.lost_work + runs.restarts
    assert runs.wall_time == pytest.approx(parts)


def test_simulated_runs_with_a_shorter_last_period():
    job = {"work": 10.0, "interval": 4.0, "write_time": 0.5, "mtbf": 6.0, "restart_time": 1.0}
    walks = [events(seed=seed, **job)[0] for seed in range(2000)]
    runs = checkpoint.simulate_runs(runs=2000, seed=1, **job)
    assert np.all(runs.writing == 3 * 0.5)
    distance, limit = smirnov(runs.wall_time, np.array(walks))
    assert distance < limit
    # The closed form takes the last half period for half of a whole one: its docstring's 2 %.
    runs = checkpoint.simulate_runs(runs=200_000, seed=1, **job)
    assert checkpoint.wall_time(**job) / runs.wall_time.mean() == pytest.approx(1.02, abs=0.006)


def test_simulated_runs_broadcast_and_repeat():
    job = {"work": 50.0, "write_time": 0.1, "restart_time": 0.2, "runs": 3, "seed": 4}
    grid = checkpoint.simulate_runs(interval=[1.0, 2.0], mtbf=[[5.0], [50.0]], **job)
    assert grid.wall_time.shape == (2, 2, 3)
    again = checkpoint.simulate_runs(interval=[1.0, 2.0], mtbf=[[5.0], [50.0]], **job)
    assert np.array_equal(grid.wall_time, again.wall_time)
    own = checkpoint.simulate_runs(
        interval=1.0, mtbf=5.0, **job | {"seed": np.random.default_rng(4)}
    )
    assert np.array_equal(
        own.wall_time, checkpoint.simulate_runs(interval=1.0, mtbf=5.0, **job).wall_time
    )


def test_simulated_runs_without_failures_or_without_end():
    calm = checkpoint.simulate_runs(
        work=100, interval=np.inf, write_time=1, mtbf=np.inf, restart_time=5, runs=2, seed=0
    )
    assert calm.wall_time.tolist() == [101, 101] and not calm.failures.any()
    job = {"work": 1e6, "write_time": 1.0, "restart_time": 1.0, "runs": 10, "seed": 0}
    with pytest.raises(
        ValueError, match="would fail about 6e.10 times.*fewer runs, or an interval"
    ):
        checkpoint.simulate_runs(interval=99.0, mtbf=10.0, **job | {"work": 99.0 * 272_000})
    for hopeless in ({"mtbf": 0.0}, {"mtbf": 1e-3}, {"mtbf": 10.0, "write_time": np.inf}):
        with pytest.raises(ValueError, match="would fail about inf times"):
            checkpoint.simulate_runs(**job | {"interval": 10.0} | hopeless)
    with pytest.raises(ValueError, match="interval must be greater than 0, got 0"):
        checkpoint.simulate_runs(interval=0, mtbf=10.0, **job)


MONTH = {"work": 30 * DAY, "mtbf": 3.606 * HOUR, "restart_time": 10 * MINUTE}


@pytest.mark.parametrize(
    ("mtbf", "write", "best", "at_best", "at_ten", "at_sixty"),
    # Worked out outside of this code: a month on 1,024 nodes at 6.5 failures per
    # 1,000 node-days; wall time over work at the optimum, every 10 minutes and every hour.
    [
        (3.606 * HOUR, 7, 7.0, 1.0825, 1.0847, 1.2096),
        (3.606 * HOUR, 60, 20.1, 1.1548, 1.1818, None),
        (3.606 * HOUR, 350, 46, 1.3335, 1.7204, 1.3431),
        (24 * HOUR, 7, 18.3, 1.0199, 1.0223, 1.0303),
    ],
)
def test_does_saving_every_ten_minutes_pay(mtbf, write, best, at_best, at_ten, at_sixty):
    def stretch(interval):
        job = MONTH | {"mtbf": mtbf, "write_time": write}
        return checkpoint.wall_time(interval=interval, **job) / MONTH["work"]

    optimum = checkpoint.optimal_interval(write_time=write, mtbf=mtbf)
    assert optimum / MINUTE == pytest.approx(best, abs=0.05 if best < 40 else 0.5)
    assert stretch(optimum) == pytest.approx(at_best, abs=6e-5)
    assert stretch(10 * MINUTE) == pytest.approx(at_ten, abs=6e-5)
    if at_sixty:
        assert stretch(1 * HOUR) == pytest.approx(at_sixty, abs=6e-5)


def test_wall_time_at_its_ends():
    job = {"work": 100.0, "interval": 10.0, "write_time": 1.0, "mtbf": 50.0, "restart_time": 2.0}

    def time(**changed):
        return checkpoint.wall_time(**job | changed)

    inf = np.inf
    with np.errstate(all="raise", under="ignore"):
        assert time(mtbf=inf) == pytest.approx(110)  # no failures: only the writing
        assert time(mtbf=inf, write_time=0) == time(mtbf=inf, interval=inf) == 100
        assert time(interval=0) == inf  # nothing but writing
        assert time(interval=1e6) == time(interval=1e300) == time(interval=inf) == inf
        assert time(write_time=inf) == time(mtbf=0) == time(restart_time=1e9) == inf
        assert time(work=0) == time(work=0, interval=inf) == 0
        # Writing for nothing, all the time: only failures cost, as M e^(R/M) (e^(0/M) - 1) / 0.
        assert time(interval=0, write_time=0) == pytest.approx(100 * math.exp(2 / 50))
        # An interval shorter than the write is defined, and as bad as it looks.
        assert 200 < time(interval=1, write_time=1) < 220
        assert np.all(np.isfinite(time(interval=np.array([1e-3, 1e3]))))


@pytest.mark.parametrize("interval", INTERVALS, ids=lambda interval: interval.__name__)
def test_intervals_at_their_ends(interval):
    with np.errstate(all="raise", under="ignore"):
        assert interval(write_time=0, mtbf=10) == interval(write_time=0, mtbf=np.inf) == 0
        assert interval(write_time=1, mtbf=np.inf) == np.inf
        assert interval(write_time=1, mtbf=0) == 0
        # A write as long as that never succeeds; all but Young's then try once in an MTBF.
        never = interval(write_time=np.array([20.0, 2e4, np.inf]), mtbf=10.0)
        expected = [20, math.sqrt(4e5), np.inf] if interval is INTERVALS[0] else [10, 10, 10]
        assert never == pytest.approx(expected, rel=0.06)
        assert interval(write_time=1e-300, mtbf=1.0) == pytest.approx(math.sqrt(2e-300))


def test_waste_at_its_ends():
    job = {"interval": 10.0, "write_time": 1.0, "mtbf": 50.0, "restart_time": 2.0}
    with np.errstate(all="raise", under="ignore"):
        assert checkpoint.waste(**job | {"mtbf": np.inf}) == pytest.approx((1 / 11, 0, 0))
        assert checkpoint.waste(**job | {"mtbf": 0}) == (0, 0, 1)
        assert checkpoint.waste(**job | {"interval": np.inf})[1:] == pytest.approx(
            (math.exp(-2 / 50), 1 - math.exp(-2 / 50))
        )


def goodput(interval, mtbf, restart_time, write_time=0.0):
    return checkpoint.goodput(
        interval=interval, write_time=write_time, mtbf=mtbf, restart_time=restart_time
    )


def kokolis(interval, mtbf, restart_time, write_time=0.0):
    """Expected ETTR as Kokolis et al. write it: (1 - (u0 + dt/2)/M) / (1 + w/dt)."""
    return (1 - (restart_time + interval / 2) / mtbf) / (1 + write_time / interval)


@pytest.mark.parametrize(
    ("scale", "short"),
    # Where every time is this share of the MTBF, the first order is this much lower than exact.
    [(0.001, 4e-4), (0.01, 5e-3), (0.1, 0.07)],
)
def test_goodput_in_first_order(scale, short):
    first = kokolis(interval=scale, mtbf=1.0, restart_time=scale, write_time=scale / 10)
    exact = goodput(interval=scale, mtbf=1.0, restart_time=scale, write_time=scale / 10)
    assert abs(first / exact - 1) < short


RSC1, RSC2 = 1000 * DAY / 6.50, 1000 * DAY / 2.34  # Kokolis et al.: MTBF of a node of eight


@pytest.mark.parametrize(
    ("node_mtbf", "accelerators", "published", "digit"),
    # Kokolis et al., HPCA 2025, arXiv:2410.21680: MTTF projected at RSC-1's failure rate.
    [(RSC1, 16_384, 1.8 * HOUR, 0.05 * HOUR), (RSC1, 131_072, 0.23 * HOUR, 0.005 * HOUR)],
)
def test_mttf_that_kokolis_project(node_mtbf, accelerators, published, digit):
    modelled = checkpoint.cluster_mtbf(node_mtbf=node_mtbf, nodes=accelerators / 8)
    assert modelled == pytest.approx(published, abs=digit)


def test_mttf_that_kokolis_measured_is_another_line():
    # 7.9 h at 1,024 accelerators, 47.7 days at 8. The two agree within 13 %; the fleet's 6.50
    # failures per 1,000 node-days do not: they would give 28.8 h, 3.6 times as long.
    from_jobs = checkpoint.cluster_mtbf(node_mtbf=47.7 * DAY, nodes=1024 / 8)
    assert from_jobs / (7.9 * HOUR) == pytest.approx(1.13, abs=0.005)
    from_fleet = checkpoint.cluster_mtbf(node_mtbf=RSC1, nodes=1024 / 8)
    assert from_fleet / HOUR == pytest.approx(28.8, abs=0.05)
    assert from_fleet / (7.9 * HOUR) == pytest.approx(3.65, abs=0.005)


def test_ettr_that_kokolis_report():
    # 16,000 accelerators of RSC-1, restart 5 min. Saving every 5 min raises ETTR to 0.93: so it
    # does if writing is free. With the 5 min a write that the paper names as typical, it does not.
    mtbf = checkpoint.cluster_mtbf(node_mtbf=RSC1, nodes=2000)
    assert goodput(5 * MINUTE, mtbf, 5 * MINUTE) == pytest.approx(0.93, abs=0.005)
    assert goodput(5 * MINUTE, mtbf, 5 * MINUTE, write_time=5 * MINUTE) < 0.5
    # 2,048 to 4,096 accelerators, saving every hour: above 0.9.
    for nodes in (256, 512):
        mtbf = checkpoint.cluster_mtbf(node_mtbf=RSC1, nodes=nodes)
        assert goodput(1 * HOUR, mtbf, 5 * MINUTE) > 0.9
    # 100,000 at RSC-2's rate: 0.9 needs an interval and a restart of about 2 min.
    mtbf = checkpoint.cluster_mtbf(node_mtbf=RSC2, nodes=100_000 / 8)
    assert goodput(2 * MINUTE, mtbf, 2 * MINUTE) == pytest.approx(0.94, abs=0.005)
    assert goodput(5 * MINUTE, mtbf, 5 * MINUTE) < 0.9


def test_interruptions_of_llama_3():
    # The Llama 3 Herd of Models, 3.3.4: 419 unexpected interruptions in 54 days on 16,384 GPUs.
    per_gpu = 54 * DAY * 16_384 / 419
    assert per_gpu / HOUR == pytest.approx(50_677, abs=1)
    assert checkpoint.cluster_mtbf(node_mtbf=per_gpu, nodes=16_384) / HOUR == pytest.approx(
        3.093, abs=5e-4
    )
    # More than 90 % effective training time: with the best interval for the 33 s that 65.5 TB take
    # at Tectonic's sustained rate, it needs a restart of less than 5 minutes.
    best = checkpoint.optimal_interval(write_time=33, mtbf=3.093 * HOUR)
    assert goodput(best, 3.093 * HOUR, 4 * MINUTE, write_time=33) > 0.9
    assert goodput(best, 3.093 * HOUR, 6 * MINUTE, write_time=33) < 0.9


@pytest.mark.parametrize(
    ("accelerators", "published"),
    # MLCommons Storage v2.0 release: 50,000 h for one accelerator; every half hour at 100,000,
    # every 3 minutes at a million.
    [(1e5, 30 * MINUTE), (1e6, 3 * MINUTE)],
)
def test_mttf_that_mlcommons_name(accelerators, published):
    modelled = checkpoint.cluster_mtbf(node_mtbf=50_000 * HOUR, nodes=accelerators)
    assert modelled == pytest.approx(published)


@pytest.mark.parametrize(
    ("parameters", "published", "printed"),
    # MLCommons Storage v2.0 checkpoint workloads: parameters by DLIO's formula, GiB at 14 bytes
    # each (worked out by hand), and the rules' printed "GB", which are GiB.
    [
        (8_030_261_248, 104.70, 105),
        (69_882_617_856, 911.17, 912),
        (405_853_388_800, 5291.7, 5290),
    ],
)
def test_sizes_of_mlperf_checkpoints(parameters, published, printed):
    size = checkpoint.checkpoint_size(parameters=parameters, bytes_per_parameter=14) / GiB
    assert size == pytest.approx(published, rel=5e-5)
    assert size == pytest.approx(printed, rel=3e-3)


def test_the_size_of_mlperfs_largest_is_not_explained():
    # Its "18 TB" would be 15.6 bytes for each of the 1,183 billion parameters; 14 give 15,425 GiB.
    size = checkpoint.checkpoint_size(parameters=1_183_035_102_480, bytes_per_parameter=14)
    assert size / GiB == pytest.approx(15_425, abs=1)


def test_no_training_state_has_the_size_of_the_story():
    def state(bytes_per_parameter, parameters=70_553_706_496):
        return checkpoint.checkpoint_size(
            parameters=parameters, bytes_per_parameter=bytes_per_parameter
        )

    assert state(14) == pytest.approx(988 * GB, rel=1e-3)
    # 350 GB lies between weights in fp32 and weights with a master copy; it is GPT-3's in fp16.
    assert state(4) < 350 * GB < state(6)
    assert state(2, parameters=175e9) == 350 * GB


FLEET = {"checkpoint_size": 350 * GB, "writers": 1024, "writer_bandwidth": 400 * Gbit / S}


def write_time(strategy, storage_bandwidth, **changed):
    return checkpoint.write_time(
        strategy=strategy, storage_bandwidth=storage_bandwidth, **FLEET | changed
    )


def test_the_checkpoint_storm_in_both_readings():
    # By hand: 342 MB a node, 3.5 s at 100 GB/s, 35 s at 10 GB/s; 3,584 s if every node writes all.
    assert write_time("sharded", np.inf, writer_bandwidth=1 * MB / S) == pytest.approx(342, abs=0.5)
    assert write_time("sharded", 100 * GB / S) == 3.5
    assert write_time("sharded", 10 * GB / S) == 35
    assert write_time("replicated", 100 * GB / S) == 3584
    assert write_time("single", 100 * GB / S) == 7  # the network card of the one writer binds


def test_tectonics_bounds_for_llama_3():
    # The Llama 3 Herd of Models, 3.3.1: up to 4 GB a GPU, 2 TB/s sustained, 7 TB/s peak, 7,500
    # servers. By hand: 65.5 TB, 33 s and 9.4 s, 267 and 933 MB/s a server.
    job = {"checkpoint_size": 16_384 * 4 * GB, "writers": 16_384, "writer_bandwidth": 50 * GB / S}
    assert write_time("sharded", 2 * TB / S, **job) == pytest.approx(33, abs=0.5)
    assert write_time("sharded", 7 * TB / S, **job) == pytest.approx(9.4, abs=0.05)
    servers = job | {"writers": 7_500, "writer_bandwidth": 267 * MB / S}
    assert write_time("sharded", np.inf, **servers) == pytest.approx(33, abs=0.5)


def test_write_time_at_its_ends():
    with np.errstate(all="raise"):
        for strategy in checkpoint.STRATEGIES:
            assert write_time(strategy, 0.0) == np.inf
            assert write_time(strategy, 1.0, writer_bandwidth=0.0) == np.inf
            assert write_time(strategy, 0.0, checkpoint_size=0.0) == 0
            assert write_time(strategy, np.inf, writer_bandwidth=np.inf) == 0
    with pytest.raises(ValueError, match="strategy must be one of .*'sharded'.*got 'all'"):
        write_time("all", 1.0)


@given(size=st.floats(1e6, 1e15), n=st.integers(1, 10_000), store=st.floats(1e6, 1e13))
def test_property_strategies_are_ordered(size, n, store):
    job = {"checkpoint_size": size, "writers": n}
    each = {s: write_time(s, store, **job) for s in checkpoint.STRATEGIES}
    assert each["sharded"] <= each["single"] <= each["replicated"]
    assert each["replicated"] <= n * each["sharded"] * (1 + 1e-12)
    if n == 1:
        assert len(set(each.values())) == 1


def test_a_burst_buffer():
    # An identity: it absorbs in S/BW_buffer, drains in S/BW_store, and checkpoints
    # cannot begin more often than it drains.
    size, buffer, store = 100 * TB, 5 * TB / S, 0.5 * TB / S
    times = checkpoint.local_first(
        checkpoint_size=size,
        writers=1,
        local_bandwidth=buffer,
        writer_bandwidth=np.inf,
        storage_bandwidth=store,
    )
    assert times == (20, 200)
    least = checkpoint.shortest_interval(
        write_time=times.blocked_time, drain_time=times.drain_time, busy_share=1.0
    )
    assert least + times.blocked_time == size / store


@given(
    share=st.floats(0.001, 1),
    write=st.floats(0.01, 1e4),
    drain=st.floats(0.01, 1e4),
    wait=st.floats(1, 10),
)
def test_property_the_shortest_interval_is_the_shortest(share, write, drain, wait):
    times = {"write_time": write, "drain_time": drain}
    least = checkpoint.shortest_interval(busy_share=share, **times)
    busy = checkpoint.store_busy_share(interval=least, **times)
    if least > 0:
        assert busy == pytest.approx(share)
    else:
        assert busy <= share * (1 + 1e-9)
    assert checkpoint.store_busy_share(interval=least * wait, **times) <= busy * (1 + 1e-9)


def test_the_store_at_its_ends():
    def least(share):
        return checkpoint.shortest_interval(write_time=2.0, drain_time=60.0, busy_share=share)

    with np.errstate(all="raise"):
        assert least(0.0) == np.inf
        assert checkpoint.store_busy_share(interval=0, write_time=2.0, drain_time=60.0) == 1
        assert checkpoint.store_busy_share(interval=0, write_time=0, drain_time=0) == 0
        assert checkpoint.store_busy_share(interval=np.inf, write_time=2, drain_time=60) == 0


def test_drain_against_a_queue_of_checkpoints():
    # Checkpoints arrive at the store one period apart; it drains one after the other. At the
    # shortest interval the last is drained as soon as the first was; a second less, and it lags.
    def last_delay(interval, write=5.0, drain=60.0, checkpoints=100):
        free, delay = 0.0, 0.0
        for n in range(checkpoints):
            arrives = (n + 1) * (interval + write)
            free = max(free, arrives) + drain
            delay = free - arrives
        return delay

    least = checkpoint.shortest_interval(write_time=5.0, drain_time=60.0, busy_share=1.0)
    assert last_delay(least) == 60
    assert last_delay(least - 1) == pytest.approx(60 + 99)


def test_arrays_give_what_scalars_give():
    interval, write = np.array([1.0, 10.0, 100.0]), np.array([[0.1], [5.0]])
    rest = {"mtbf": 50.0, "restart_time": 2.0}
    together = checkpoint.wall_time(work=1e3, interval=interval, write_time=write, **rest)
    shares = checkpoint.waste(interval=interval, write_time=write, **rest)
    for i, delta in enumerate(write[:, 0]):
        for j, tau in enumerate(interval):
            alone = checkpoint.wall_time(work=1e3, interval=tau, write_time=delta, **rest)
            assert together[i, j] == pytest.approx(alone, rel=1e-13)
            alone = checkpoint.waste(interval=tau, write_time=delta, **rest).total
            assert shares.total[i, j] == pytest.approx(alone, rel=1e-13)


def test_a_restart_reads_the_checkpoint_back():
    # 988 GB and a store of 100 GB/s; 1,024 nodes of 50 GB/s. By hand.
    fleet = {
        "checkpoint_size": 988 * GB,
        "readers": 1024,
        "reader_bandwidth": 50 * GB / S,
        "storage_bandwidth": 100 * GB / S,
    }

    def restart(strategy, **more):
        return checkpoint.restart_time(strategy=strategy, **fleet | more)

    assert restart("replicated") == pytest.approx(1024 * 9.88)
    assert restart("sharded") == pytest.approx(9.88)
    assert restart("single") == pytest.approx(19.76)  # one link is slower than the store
    assert restart("sharded", startup_time=300) == pytest.approx(309.88)
    assert restart("sharded", reach=0.5) == pytest.approx(19.76)
    with pytest.raises(ValueError, match="strategy must be one of .*got 'all'"):
        restart("all")


def test_a_restore_storm_costs_half_of_the_goodput():
    # Worked out outside of this code: a restart of 10,117 s makes 43 % of a goodput of 93.5 %.
    job = {"interval": 506, "write_time": 10, "mtbf": 3.606 * HOUR}
    short = checkpoint.goodput(restart_time=5 * MINUTE, **job)
    storm = checkpoint.goodput(restart_time=5 * MINUTE + 1024 * 9.88, **job)
    assert short == pytest.approx(0.935, abs=0.005) and storm == pytest.approx(0.43, abs=0.005)


def local_events(*, work, interval, write_time, mtbf, restart_time, drain_time, local_loss, seed):
    """Wall time of one run whose checkpoints are local until they are drained.

    Keeps every checkpoint with the time at which it is safe; a failure that takes the node deletes
    those that are not.
    """
    random = np.random.default_rng(seed)
    clock, saved, failure = 0.0, [(0.0, -np.inf)], random.exponential(mtbf)
    while saved[-1][0] < work:
        step = min(interval, work - saved[-1][0])
        end = clock + step + write_time
        if end <= failure:
            clock = end
            saved.append((saved[-1][0] + step, end + drain_time))
            continue
        clock = failure
        if random.random() < local_loss:
            while saved[-1][1] > clock:
                saved.pop()
        while True:
            failure = clock + random.exponential(mtbf)
            if failure >= clock + restart_time:
                clock += restart_time
                break
            clock = failure
    return clock


LOCAL = {"work": 100.0, "interval": 1.0, "write_time": 0.05, "mtbf": 4.0, "restart_time": 0.5}


@pytest.mark.parametrize("local_loss", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("drain_time", [0.0, 0.4, 1.0])
def test_checkpoints_that_are_lost_with_their_node(drain_time, local_loss):
    local = {"drain_time": drain_time, "local_loss": local_loss}
    walks = [local_events(seed=seed, **LOCAL | local) for seed in range(1500)]
    assert within_errors(np.array(walks), checkpoint.wall_time(**LOCAL | local))


@pytest.mark.parametrize("local", [{}, {"drain_time": 0.8, "local_loss": 0.7}])
def test_a_run_that_is_walked_ends_as_the_formula_says(local):
    walks = [checkpoint.simulate_run(seed=seed, **LOCAL | local) for seed in range(1000)]
    ends = np.array([walk.end[-1] for walk in walks])
    assert within_errors(ends, checkpoint.wall_time(**LOCAL | local))
    rest = {name: value for name, value in (LOCAL | local).items() if name != "work"}
    shares = checkpoint.waste(**rest)
    spent = {
        activity: np.array(
            [np.sum((walk.end - walk.start)[walk.activity == activity]) for walk in walks]
        )
        for activity in ("checkpoint", "restart")
    }
    total = checkpoint.wall_time(**LOCAL | local)
    assert within_errors(spent["restart"], shares.restarts * total)
    if not local:  # else a checkpoint that is lost later was still written
        assert within_errors(spent["checkpoint"], shares.writing * total)


def test_a_run_has_no_gaps_and_repeats():
    walk = checkpoint.simulate_run(seed=5, **LOCAL)
    again = checkpoint.simulate_run(seed=5, **LOCAL)
    assert all(np.array_equal(one, other) for one, other in zip(walk, again, strict=True))
    assert walk.start[0] == 0 and np.array_equal(walk.start[1:], walk.end[:-1])
    assert set(walk.activity) == {"work", "checkpoint", "lost work", "restart"}
    worked = np.sum((walk.end - walk.start)[walk.activity == "work"])
    assert worked == pytest.approx(100) and walk.progress[-1] == 100
    assert np.all(np.isin(walk.end[walk.activity == "lost work"], walk.failures))
    calm = checkpoint.simulate_run(seed=5, **LOCAL | {"mtbf": np.inf})
    assert calm.activity.tolist() == ["work", "checkpoint"] * 100 and not calm.failures.size
    assert checkpoint.simulate_run(seed=5, **LOCAL | {"work": 0}).end.tolist() == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"interval": [1, 2]}, "every argument must be one number"),
        ({"interval": 0}, "interval must be greater than 0, got 0"),
        ({"mtbf": 0.01}, "more than 1,000,000 stretches and failures: take less work"),
        ({"restart_time": 1e6}, "more than 1,000,000 stretches and failures: take less work"),
    ],
)
def test_a_run_that_cannot_be_walked_says_why(changed, words):
    with pytest.raises(ValueError, match=words):
        checkpoint.simulate_run(seed=1, **LOCAL | changed)


def test_no_runs_and_many_failures():
    none = checkpoint.simulate_runs(runs=0, seed=1, **LOCAL)
    assert none.wall_time.shape == (0,)
    # Three runs of more failures than are drawn at a time: 1.75 million each.
    job = LOCAL | {"work": 4e6, "interval": 4.0, "restart_time": 0.0}
    many = checkpoint.simulate_runs(runs=3, seed=1, **job)
    assert many.failures.min() > checkpoint.CHUNK
    assert many.wall_time == pytest.approx(checkpoint.wall_time(**job), rel=0.003)
    for runs in (-1, 1.5):
        with pytest.raises(ValueError, match="runs must be a whole number"):
            checkpoint.simulate_runs(runs=runs, seed=1, **LOCAL)
