"""How fast the models are: `python -m tests.bench.models [RUNS]`.

Simulates one-month runs twice, with `checkpoint.simulate_runs` and as a SimPy process, and asks a
two-sample Kolmogorov-Smirnov test whether their wall times have one distribution.
"""

import random
import sys
import time

import numpy as np

from iowall.models import checkpoint, pipeline
from iowall.units import DAY, HOUR, MINUTE, MS

JOB = {
    "work": 30 * DAY,
    "interval": 1 * HOUR,
    "write_time": 60.0,
    "mtbf": 3.606 * HOUR,
    "restart_time": 10 * MINUTE,
}


def seconds(function, repeats=7):
    """The least time that one call takes, and what it returned."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function()
        taken.append(time.perf_counter() - start)
    return min(taken), result


def simpy_wall_time(simpy, failures):
    """Wall time of one run: a job, and failures that interrupt it whatever it does."""
    env = simpy.Environment()

    def job():
        done = 0.0
        while done < JOB["work"]:
            step = min(JOB["interval"], JOB["work"] - done)
            try:
                yield env.timeout(step)
                yield env.timeout(JOB["write_time"])
                done += step
            except simpy.Interrupt:
                while True:
                    try:
                        yield env.timeout(JOB["restart_time"])
                        break
                    except simpy.Interrupt:
                        pass

    def break_down(running):
        while True:
            yield env.timeout(failures.expovariate(1 / JOB["mtbf"]))
            running.interrupt()

    running = env.process(job())
    env.process(break_down(running))
    env.run(until=running)
    return env.now


def smirnov(a, b):
    """Largest distance of two empirical distributions, and what 1 % of equal ones exceed."""
    both = np.sort(np.concatenate([a, b]))
    below = [np.searchsorted(np.sort(x), both, side="right") / len(x) for x in (a, b)]
    return np.max(np.abs(below[0] - below[1])), 1.628 * np.sqrt(1 / len(a) + 1 / len(b))


def grid():
    """Wall times of 200 intervals by 200 write times."""
    interval = np.geomspace(1 * MINUTE, 1 * DAY, 200)
    write_time = np.geomspace(1, 3600, 200)[:, np.newaxis]
    return checkpoint.wall_time(**JOB | {"interval": interval, "write_time": write_time})


def nodes():
    """Warm rates of 200 links by 200 disks."""
    return pipeline.epoch_rates(
        dataset_size=10e12,
        store_bandwidth=12.5e9,
        link_bandwidth=np.geomspace(1e8, 1e11, 200),
        disk_bandwidth=7e9,
        disk_size=np.linspace(0, 12e12, 200)[:, np.newaxis],
        memory_bandwidth=100e9,
        memory_size=1e12,
        demand=6e9,
        policy="random",
    ).warm.line


def main(runs):
    try:
        import simpy
    except ImportError:
        sys.exit("the comparison needs SimPy, which is not part of iowall: pip install simpy")

    line = "{:<44}{:>12}".format
    print(line(f"wall_time, {grid().size:,} points", f"{seconds(grid)[0] / MS:.2f} ms"))
    print(line(f"epoch_rates, {nodes().size:,} points", f"{seconds(nodes)[0] / MS:.2f} ms"))

    ours, simulated = seconds(lambda: checkpoint.simulate_runs(runs=runs, seed=1, **JOB), repeats=3)
    print(line(f"simulate_runs, {runs:,} runs of a month", f"{ours:.3f} s"))
    failures = random.Random(1)
    theirs, walked = seconds(
        lambda: np.array([simpy_wall_time(simpy, failures) for _ in range(runs)]), repeats=1
    )
    print(line(f"SimPy {simpy.__version__}, the same", f"{theirs:.1f} s"))
    print(line("times as fast", f"{theirs / ours:,.0f}"))

    means = [wall.mean() / DAY for wall in (simulated.wall_time, walked)]
    print(line("mean wall time: formula", f"{checkpoint.wall_time(**JOB) / DAY:.3f} days"))
    print(line("mean wall time: simulate_runs, SimPy", "{:.3f}, {:.3f}".format(*means)))
    distance, limit = smirnov(simulated.wall_time, walked)
    verdict = "one distribution" if distance < limit else "DIFFERENT"
    print(line(f"Kolmogorov-Smirnov {distance:.4f} < {limit:.4f} (1 %)", verdict))
    return distance < limit and theirs > 100 * ours


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
