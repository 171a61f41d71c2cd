"""Checkpoints: the price of saving against the price of failing.

One idea: saving often costs δ/τ, losing work costs τ/2M; their sum has one minimum, near √(2δM).

Failures come at random, at a constant rate, and may hit computing, writing and restarting.

Left out: correlated failures and checkpoints that are damaged. Write times are bounds: real stores
reach them or stay below, as far as `reach` says.
"""

from typing import NamedTuple

import numpy as np

from iowall.models._arithmetic import Numbers, checked, one_plus_lambert, ratio

STRATEGIES = ("replicated", "sharded", "single")
MOST_FAILURES = 1_000_000_000  # in one simulation, which then takes about a minute
CHUNK = 1_000_000  # failures that are drawn at a time
MOST_EVENTS = 1_000_000  # in one run that is walked event by event


@checked(nonnegative="parameters bytes_per_parameter")
def checkpoint_size(*, parameters: Numbers, bytes_per_parameter: Numbers) -> Numbers:
    """Bytes of one checkpoint of a model's training state.

    Bytes per parameter: 2 for bf16 weights alone, 6 with fp32 master weights, 14 with the two
    moments of Adam as well, which is what is usually written; 18 with fp32 gradients. To resume, 12
    would do, because the bf16 weights can be made from the master weights. This book uses 14.

    Parameters
    ----------
    parameters : float or array
        Of the model. [parameters]
    bytes_per_parameter : float or array
        Kept for each of them. [B/parameter]

    Returns
    -------
    float or array
        Size. [B]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> f"{checkpoint_size(parameters=70.55e9, bytes_per_parameter=14) / 1e9:.0f} GB"
    '988 GB'

    References
    ----------
    MLCommons Storage v2.0 and DLIO benchmark: 14 bytes (fp16 weights, three fp32 tensors).
    """
    return parameters * bytes_per_parameter


@checked(positive="writers reach", nonnegative="checkpoint_size writer_bandwidth storage_bandwidth")
def write_time(
    *,
    checkpoint_size: Numbers,
    writers: Numbers,
    writer_bandwidth: Numbers,
    storage_bandwidth: Numbers,
    strategy: str,
    reach: Numbers = 1.0,
) -> Numbers:
    """Time to write one checkpoint, δ: the slower of one writer's share and the store's whole.

    δ = max(own / writer_bandwidth, all / (reach · storage_bandwidth)), with a checkpoint of S and n
    writers:

    ==========  =====  ======  ==========================
    strategy    own    all
    ==========  =====  ======  ==========================
    replicated  S      n · S   each writes a full copy
    sharded     S / n  S       each writes its part
    single      S      S       one writes, the others wait
    ==========  =====  ======  ==========================

    Parameters
    ----------
    checkpoint_size : float or array
        Bytes of one whole checkpoint, S. [B]
    writers : float or array
        Nodes (or accelerators) that hold the state, n. [-]
    writer_bandwidth : float or array
        What one of them can write. [B/s]
    storage_bandwidth : float or array
        What the store takes from all together. [B/s]
    strategy : {"replicated", "sharded", "single"}
        Who writes what. [-]
    reach : float or array
        Share of its rating that the store reaches; 1 for a bound. [-]

    Returns
    -------
    float or array
        Seconds, a lower bound; inf without bandwidth. [s]

    Raises
    ------
    ValueError
        If `strategy` is not one of those named, or an argument lies outside of its domain.

    Examples
    --------
    1,024 nodes save 350 GB on a store of 100 GB/s:

    >>> fleet = dict(checkpoint_size=350e9, writers=1024, writer_bandwidth=50e9,
    ...              storage_bandwidth=100e9)
    >>> for strategy in STRATEGIES:
    ...     print(f"{strategy}: {write_time(strategy=strategy, **fleet):,.1f} s")
    replicated: 3,584.0 s
    sharded: 3.5 s
    single: 7.0 s

    References
    ----------
    The bottleneck law. Shared stores take checkpoints at a fifth to seven tenths of what their
    networks and drives are rated for: MLCommons Storage v3.0, on the trust page.
    """
    if strategy not in STRATEGIES:
        raise ValueError(f"strategy must be one of {STRATEGIES}, got {strategy!r}")
    own = checkpoint_size / writers if strategy == "sharded" else checkpoint_size
    everything = checkpoint_size * (writers if strategy == "replicated" else 1.0)
    return np.maximum(ratio(own, writer_bandwidth), ratio(everything, reach * storage_bandwidth))


@checked(
    positive="readers reach",
    nonnegative="checkpoint_size reader_bandwidth storage_bandwidth startup_time",
)
def restart_time(
    *,
    checkpoint_size: Numbers,
    readers: Numbers,
    reader_bandwidth: Numbers,
    storage_bandwidth: Numbers,
    strategy: str,
    startup_time: Numbers = 0.0,
    reach: Numbers = 1.0,
) -> Numbers:
    """Time to be running again after a failure, R: starting up, then reading the last checkpoint.

    R = startup + max(own / reader_bandwidth, all / (reach · storage_bandwidth)). Who reads what is
    as in `write_time`: every node the whole checkpoint ("replicated"), each its part ("sharded"),
    or one that passes it on over a network which is never the limit ("single").

    Parameters
    ----------
    checkpoint_size : float or array
        Bytes of one whole checkpoint, S. [B]
    readers : float or array
        Nodes that need the state, n. [-]
    reader_bandwidth : float or array
        What one of them can read. [B/s]
    storage_bandwidth : float or array
        What the store gives to all together. [B/s]
    strategy : {"replicated", "sharded", "single"}
        Who reads what. [-]
    startup_time : float or array
        Noticing the failure, replacing the node and starting the program. [s]
    reach : float or array
        Share of its rating that the store reaches; 1 for a bound. [-]

    Returns
    -------
    float or array
        The `restart_time` of the functions below; inf without bandwidth. [s]

    Raises
    ------
    ValueError
        If `strategy` is not one of those named, or an argument lies outside of its domain.

    Examples
    --------
    1,024 nodes come back to 988 GB on a store of 100 GB/s. What is left of a goodput of 93.5 %?

    >>> fleet = dict(checkpoint_size=988e9, readers=1024, reader_bandwidth=50e9,
    ...              storage_bandwidth=100e9)
    >>> for strategy in ("sharded", "replicated"):
    ...     restart = restart_time(strategy=strategy, **fleet)
    ...     share = goodput(interval=506, write_time=10, mtbf=3.606 * 3600, restart_time=restart)
    ...     print(f"{strategy}: {restart:,.0f} s, {share:.0%}")
    sharded: 10 s, 96%
    replicated: 10,117 s, 44%

    References
    ----------
    The bottleneck law, read instead of written. Reads that every node makes in full, and one that
    passes them on: ByteCheckpoint, NSDI 2025.
    """
    read = write_time(
        checkpoint_size=checkpoint_size,
        writers=readers,
        writer_bandwidth=reader_bandwidth,
        storage_bandwidth=storage_bandwidth,
        strategy=strategy,
        reach=reach,
    )
    return startup_time + read


class LocalFirst(NamedTuple):
    """What a checkpoint costs the job, and what it costs the store afterwards."""

    blocked_time: float  # [s] the job waits: the δ of every formula below
    drain_time: float  # [s] the store is written to while the job computes on


@checked(
    positive="writers",
    nonnegative="checkpoint_size local_bandwidth writer_bandwidth storage_bandwidth",
)
def local_first(
    *,
    checkpoint_size: Numbers,
    writers: Numbers,
    local_bandwidth: Numbers,
    writer_bandwidth: Numbers,
    storage_bandwidth: Numbers,
) -> LocalFirst:
    """Times of a sharded checkpoint that is written locally first and drained to the store later.

    A burst buffer that all share is the local storage of one writer.

    Parameters
    ----------
    checkpoint_size : float or array
        Bytes of one whole checkpoint. [B]
    writers : float or array
        Nodes that hold the state. [-]
    local_bandwidth : float or array
        What one node can write to its own NVMe or memory. [B/s]
    writer_bandwidth : float or array
        What one node can send to the store. [B/s]
    storage_bandwidth : float or array
        What the store takes from all together. [B/s]

    Returns
    -------
    LocalFirst
        Blocked and drain time. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    988 GB on 64 nodes of 10 GB/s NVMe, with a store of 10 GB/s:

    >>> times = local_first(checkpoint_size=988e9, writers=64, local_bandwidth=10e9,
    ...                     writer_bandwidth=25e9, storage_bandwidth=10e9)
    >>> f"blocked {times.blocked_time:.1f} s, drained {times.drain_time:.1f} s later"
    'blocked 1.5 s, drained 98.8 s later'

    References
    ----------
    Two-phase checkpoints: CheckFreq, FAST 2021 (snapshot and persist); GEMINI, SOSP 2023.
    """
    state = {"checkpoint_size": checkpoint_size, "writers": writers, "strategy": "sharded"}
    local = {"writer_bandwidth": local_bandwidth, "storage_bandwidth": np.inf}
    shared = {"writer_bandwidth": writer_bandwidth, "storage_bandwidth": storage_bandwidth}
    return LocalFirst(write_time(**state, **local), write_time(**state, **shared))


@checked(nonnegative="interval write_time drain_time")
def store_busy_share(*, interval: Numbers, write_time: Numbers, drain_time: Numbers) -> Numbers:
    """Share of the time in which the store is written to: drain_time / (interval + write_time).

    Parameters
    ----------
    interval, write_time : float or array
        Computing between checkpoints, τ, and what the job is blocked for, δ. [s]
    drain_time : float or array
        How long the store receives one checkpoint; δ itself if written directly. [s]

    Returns
    -------
    float or array
        At most 1, where the store falls behind. [-]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> f"{store_busy_share(interval=580, write_time=20, drain_time=60):.0%}"
    '10%'

    References
    ----------
    The utilization law; inverted by `shortest_interval`.
    """
    return np.minimum(1.0, ratio(drain_time, interval + write_time))


@checked(nonnegative="write_time drain_time", shares="busy_share")
def shortest_interval(*, write_time: Numbers, drain_time: Numbers, busy_share: Numbers) -> Numbers:
    """Least interval at which the store is busy no longer than `busy_share`, and so keeps up.

    τ_min = drain_time / busy_share - δ, at least 0. At a share of 1 checkpoints begin one
    drain_time apart: local storage then holds one while the one before drains.

    Parameters
    ----------
    write_time : float or array
        What the job is blocked for, δ. [s]
    drain_time : float or array
        How long the store receives one checkpoint; δ itself if written directly. [s]
    busy_share : float or array
        What the store may give to checkpoints, from 0 to 1. [-]

    Returns
    -------
    float or array
        Computing between checkpoints; inf for a share of 0. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> f"{shortest_interval(write_time=20, drain_time=60, busy_share=0.1):.0f} s"
    '580 s'

    References
    ----------
    The utilization law; see `store_busy_share`.
    """
    return np.maximum(0.0, ratio(drain_time, busy_share) - write_time)


@checked(nonnegative="node_mtbf", positive="nodes")
def cluster_mtbf(*, node_mtbf: Numbers, nodes: Numbers) -> Numbers:
    """Mean time between failures of a job that stops when any of its nodes does: M = M_node / n.

    Parameters
    ----------
    node_mtbf : float or array
        Of one node (or one accelerator). [s]
    nodes : float or array
        How many the job needs at once, n. [-]

    Returns
    -------
    float or array
        Seconds. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    6.5 failures in 1,000 node-days, 16,384 accelerators on nodes of eight:

    >>> f"{cluster_mtbf(node_mtbf=1000 * 86400 / 6.5, nodes=16_384 / 8) / 3600:.1f} h"
    '1.8 h'

    References
    ----------
    Independent failures in series. Kokolis et al., "Revisiting Reliability in Large-Scale Machine
    Learning Research Clusters", HPCA 2025, arXiv:2410.21680: 1.8 h, as projected there.
    """
    return ratio(node_mtbf, nodes)


@checked(nonnegative="write_time mtbf")
def young_interval(*, write_time: Numbers, mtbf: Numbers) -> Numbers:
    """First-order optimum interval, τ = √(2δM). Good for δ ≪ M: 5 % long at δ = M/100.

    Parameters
    ----------
    write_time, mtbf : float or array
        Time to write one checkpoint, δ; mean time between failures, M. [s]

    Returns
    -------
    float or array
        Computing between checkpoints; 0 if writing costs nothing. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> f"{young_interval(write_time=2 * 60, mtbf=3 * 3600) / 60:.1f} min"
    '26.8 min'

    References
    ----------
    Young, "A first order approximation to the optimum checkpoint interval", CACM 17(9), 1974,
    doi:10.1145/361147.361115.
    """
    free = np.equal(write_time, 0) & ~np.isnan(mtbf)
    return np.where(free, 0.0, np.sqrt(2.0 * write_time) * np.sqrt(mtbf))[()]


@checked(nonnegative="write_time mtbf")
def daly_interval(*, write_time: Numbers, mtbf: Numbers) -> Numbers:
    """Higher-order optimum interval, τ = √(2δM) [1 + √(δ/2M)/3 + (δ/2M)/9] - δ for δ < 2M, else M.

    These are the first three terms of the exact optimum in √(2δ/M). Good for δ < M/2: 0.6 % short
    there; at δ = 2M it steps from 0.89 M to M.

    Parameters
    ----------
    write_time, mtbf : float or array
        Time to write one checkpoint, δ; mean time between failures, M. [s]

    Returns
    -------
    float or array
        Computing between checkpoints. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> f"{daly_interval(write_time=5 * 60, mtbf=6 * 3600) / 60:.0f} min"
    '57 min'

    References
    ----------
    Daly, "A higher order estimate of the optimum checkpoint interval for restart dumps", FGCS
    22(3), 2006, doi:10.1016/j.future.2004.11.016, equation 20; 57 min is in a caption there.
    """
    x = ratio(write_time, 2.0 * mtbf)
    young = young_interval(write_time=write_time, mtbf=mtbf)
    series = young * (1 + np.sqrt(x) / 3 + x / 9) - write_time
    return np.where(x >= 1, mtbf, series)[()]


@checked(nonnegative="write_time mtbf")
def optimal_interval(*, write_time: Numbers, mtbf: Numbers) -> Numbers:
    """Interval with the least `wall_time`: τ = M [1 + W0(-e^-(1 + δ/M))], for any δ and M.

    W0 is the principal branch of Lambert's function. The restart time does not matter.

    Parameters
    ----------
    write_time, mtbf : float or array
        Time to write one checkpoint, δ; mean time between failures, M. [s]

    Returns
    -------
    float or array
        Computing between checkpoints; never more than M. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> f"{optimal_interval(write_time=5 * 60, mtbf=15 * 60) / 60:.3f} min"
    '9.167 min'

    References
    ----------
    Derived: the zero of the derivative of Daly's equation 9 in τ.
    """
    x = ratio(write_time, mtbf)
    exact = mtbf * one_plus_lambert(x)
    # Below 1e-32 the two agree to the last digit, and Young's knows what 0 · inf should be.
    return np.where(x < 1e-32, young_interval(write_time=write_time, mtbf=mtbf), exact)[()]


class Waste(NamedTuple):
    """Shares of the wall clock that are not progress, by cause. [-]"""

    writing: float  # checkpoints that were completed
    lost_work: float  # computing and writing that a failure undid
    restarts: float  # getting back, failed attempts at it included

    @property
    def total(self) -> Numbers:
        """The wasted fraction of the wall clock. [-]"""
        return self.writing + self.lost_work + self.restarts


@checked(nonnegative="interval write_time mtbf restart_time drain_time", shares="local_loss")
def waste(
    *,
    interval: Numbers,
    write_time: Numbers,
    mtbf: Numbers,
    restart_time: Numbers,
    drain_time: Numbers = 0.0,
    local_loss: Numbers = 0.0,
) -> Waste:
    """Shares of the wall clock spent on writing, on lost work and on restarts.

    With a = (τ + δ)/M and v = a/(e^a - 1), the share of the up time that is not lost:

        writing = e^(-R/M) v δ/(τ + δ),   lost work = e^(-R/M) (1 - v),   restarts = 1 - e^(-R/M).

    Where a failure takes the local checkpoint, one that is not yet drained is lost and the job goes
    back to the one before: v is then less by the factor 1 - φ (1 - e^(-D/M)). The shares and
    `goodput` sum to 1.

    Parameters
    ----------
    interval, write_time : float or array
        Computing between checkpoints, τ; time to write one, δ. [s]
    mtbf, restart_time : float or array
        Mean time between failures, M; time to be running again after one, R. [s]
    drain_time : float or array
        How long a checkpoint written locally first is on its way to the store, D, at most a period.
        [s]
    local_loss : float or array
        Share of the failures that take a node's local checkpoints with them, φ. [-]

    Returns
    -------
    Waste
        Three shares, and their total. [-]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> shares = waste(interval=600, write_time=60, mtbf=3.6 * 3600, restart_time=600)
    >>> " + ".join(f"{share:.1%}" for share in shares), f"{shares.total:.1%}"
    ('8.5% + 2.4% + 4.5%', '15.4%')

    References
    ----------
    Derived: Daly's equation 9 (see `wall_time`), split by what each second was spent on.
    """
    up, kept, computing = _shares(interval, write_time, mtbf, restart_time, drain_time, local_loss)
    return Waste(writing=up * kept * (1 - computing), lost_work=up * (1 - kept), restarts=1 - up)


@checked(nonnegative="interval write_time mtbf restart_time drain_time", shares="local_loss")
def goodput(
    *,
    interval: Numbers,
    write_time: Numbers,
    mtbf: Numbers,
    restart_time: Numbers,
    drain_time: Numbers = 0.0,
    local_loss: Numbers = 0.0,
) -> Numbers:
    """Share of the wall clock that is progress: e^(-R/M) · a/(e^a - 1) · τ/(τ + δ), a = (τ + δ)/M.

    Times 1 - φ (1 - e^(-D/M)) where failures take local checkpoints with them, see `waste`. Also
    called ETTR, the effective training time ratio. For τ, δ, R ≪ M it is nearly
    (1 - (R + τ/2)/M) / (1 + δ/τ), as Kokolis et al. write it.

    Parameters
    ----------
    interval, write_time : float or array
        Computing between checkpoints, τ; time to write one, δ. [s]
    mtbf, restart_time : float or array
        Mean time between failures, M; time to be running again after one, R. [s]
    drain_time : float or array
        How long a checkpoint written locally first is on its way to the store, D, at most a period.
        [s]
    local_loss : float or array
        Share of the failures that take a node's local checkpoints with them, φ. [-]

    Returns
    -------
    float or array
        Between 0 and 1. [-]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> f"{goodput(interval=300, write_time=0, mtbf=111 * 60, restart_time=300):.2f}"
    '0.93'

    References
    ----------
    Daly's equation 9 (see `wall_time`). Kokolis et al., HPCA 2025, arXiv:2410.21680.
    """
    up, kept, computing = _shares(interval, write_time, mtbf, restart_time, drain_time, local_loss)
    return up * kept * computing


def _shares(interval, write_time, mtbf, restart_time, drain_time, local_loss):
    """Up time per wall clock, what is not lost of it, and computing per period of that. [-]"""
    up = np.exp(-ratio(restart_time, mtbf))
    a = np.clip(ratio(interval + write_time, mtbf), 1e-300, 1e4)  # beyond, e^-a is 1 or 0
    kept = a / -np.expm1(-a)
    kept = kept * np.exp(-a)
    # Only the first failure after a checkpoint can find it undrained: it costs one period more.
    undrained = -np.expm1(-ratio(drain_time, mtbf))
    return up, kept * (1 - local_loss * undrained), 1 / (1 + ratio(write_time, interval))


@checked(nonnegative="work interval write_time mtbf restart_time drain_time", shares="local_loss")
def wall_time(
    *,
    work: Numbers,
    interval: Numbers,
    write_time: Numbers,
    mtbf: Numbers,
    restart_time: Numbers,
    drain_time: Numbers = 0.0,
    local_loss: Numbers = 0.0,
) -> Numbers:
    """Expected time of a run, T = M e^(R/M) (e^((τ + δ)/M) - 1) · work/τ.

    The run is work/τ periods, each repeated until τ + δ pass without a failure. Exact where τ
    divides the work; where not, the last period is counted in proportion, which is 2 % too long for
    2.5 periods of 3/4 M. Not meant for τ beyond the work.

    Parameters
    ----------
    work : float or array
        Time that the run would take without checkpoints and failures. [s]
    interval, write_time : float or array
        Computing between checkpoints, τ; time to write one, δ. [s]
    mtbf, restart_time : float or array
        Mean time between failures, M; time to be running again after one, R. [s]
    drain_time : float or array
        How long a checkpoint written locally first is on its way to the store, D, at most a period.
        [s]
    local_loss : float or array
        Share of the failures that take a node's local checkpoints with them, φ. [-]

    Returns
    -------
    float or array
        Seconds; inf if the run never ends, or beyond floating point. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    A month, a failure every 3.6 hours: does saving every 10 minutes cost more than every hour?

    >>> month = dict(work=30 * 86400, mtbf=3.606 * 3600, restart_time=600)
    >>> for write_time in (7, 350):
    ...     often = wall_time(interval=600, write_time=write_time, **month) / month["work"]
    ...     seldom = wall_time(interval=3600, write_time=write_time, **month) / month["work"]
    ...     print(f"a write of {write_time} s: {often:.2f} against {seldom:.2f}")
    a write of 7 s: 1.08 against 1.21
    a write of 350 s: 1.72 against 1.34

    References
    ----------
    Daly, FGCS 22(3), 2006, doi:10.1016/j.future.2004.11.016, equation 9.
    """
    share = goodput(
        interval=interval,
        write_time=write_time,
        mtbf=mtbf,
        restart_time=restart_time,
        drain_time=drain_time,
        local_loss=local_loss,
    )
    return ratio(work, share)


class Runs(NamedTuple):
    """Simulated runs, one for each place of the last axis."""

    wall_time: np.ndarray  # [s]
    failures: np.ndarray  # [-] those that hit a restart included
    writing: np.ndarray  # [s] completed checkpoints
    lost_work: np.ndarray  # [s] undone by failures
    restarts: np.ndarray  # [s]


@checked(nonnegative="work interval write_time mtbf restart_time")
def simulate_runs(
    *,
    work: Numbers,
    interval: Numbers,
    write_time: Numbers,
    mtbf: Numbers,
    restart_time: Numbers,
    runs: int,
    seed: "int | np.random.Generator",
) -> Runs:
    """Many runs at once, with exponential failures: the picture behind `wall_time`.

    A run is periods of τ + δ, the last one shorter if τ does not divide the work. The failed
    attempts at n periods of length L are Poisson with a Gamma(n) mean times e^(L/M) - 1 (a negative
    binomial); each lost an exponential time cut off at L. Restarts likewise, with length R. So only
    failures are drawn, and not each period.

    Parameters
    ----------
    work : float or array
        Time that the run would take without checkpoints and failures. [s]
    interval, write_time : float or array
        Computing between checkpoints, τ; time to write one, δ. [s]
    mtbf, restart_time : float or array
        Mean time between failures, M; time to be running again after one, R. [s]
    runs : int
        How many runs, each independent of the others. [-]
    seed : int or numpy.random.Generator
        The same number gives the same runs. [-]

    Returns
    -------
    Runs
        Arrays in the broadcast shape of the arguments, with an axis of `runs` added. [s]

    Raises
    ------
    ValueError
        If `interval` is not positive, if `runs` is not a whole number, or if more failures are
        to be expected than can be drawn in about a minute.

    Examples
    --------
    >>> month = dict(work=30 * 86400, interval=1200, write_time=60, mtbf=3.6 * 3600,
    ...              restart_time=600)
    >>> simulated = simulate_runs(runs=1000, seed=1, **month).wall_time.mean()
    >>> f"{simulated / wall_time(**month):.3f}"
    '1.000'

    References
    ----------
    The process of Daly, FGCS 22(3), 2006, equation 9.
    """
    if np.any(np.equal(interval, 0)):
        raise ValueError(f"interval must be greater than 0, got {interval}")
    if runs != int(runs) or runs < 0:
        raise ValueError(f"runs must be a whole number, at least 0, got {runs}")
    if any(
        np.isnan(argument).any() for argument in (work, interval, write_time, mtbf, restart_time)
    ):
        raise ValueError("a simulation needs numbers, got NaN")
    random = np.random.default_rng(seed)
    work, interval, write_time, mtbf, restart_time, _ = np.broadcast_arrays(
        *(
            np.asarray(argument)[..., np.newaxis]
            for argument in (work, interval, write_time, mtbf, restart_time)
        ),
        np.empty(int(runs)),
    )
    interval = np.minimum(interval, work)
    periods = np.floor(ratio(work, interval))
    rest = work - periods * interval
    lasts = np.where(rest > 0, 1.0, 0.0)
    failed, lost = _failures(random, periods, interval + write_time, mtbf)
    failed_last, lost_last = _failures(random, lasts, rest + write_time, mtbf)
    failed, lost = failed + failed_last, lost + lost_last
    failed_restarts, cut_short = _failures(random, failed, restart_time, mtbf)
    writing = (periods + lasts) * write_time
    restarts = failed * restart_time + cut_short
    return Runs(
        wall_time=work + writing + lost + restarts,
        failures=failed + failed_restarts,
        writing=writing,
        lost_work=lost,
        restarts=restarts,
    )


def _failures(random, times, length, mtbf):
    """How often `length` fails until it has succeeded `times` times, and the time that takes."""
    odds = np.expm1(ratio(length, mtbf))
    expected = np.sum(np.where(times > 0, times * odds, 0.0))
    if not expected <= MOST_FAILURES:
        raise ValueError(
            f"the runs would fail about {expected:.0e} times, and no more than {MOST_FAILURES:.0e} "
            "can be drawn in about a minute: take fewer runs, or an interval and a restart well "
            "below the mtbf"
        )
    odds = np.where(times > 0, odds, 0.0)
    failed = random.poisson(random.standard_gamma(times) * odds)
    fails = -np.expm1(-ratio(length, mtbf)).ravel()  # the chance of an exponential time below L
    sums = np.zeros(failed.size)
    ends = np.cumsum(failed)
    for start in range(0, int(ends[-1]) if ends.size else 0, CHUNK):
        drawn = np.arange(start, min(start + CHUNK, ends[-1]))
        run = np.searchsorted(ends, drawn, side="right")
        lost = -np.log1p(-random.random(drawn.size) * fails[run])
        sums += np.bincount(run, weights=lost, minlength=sums.size)
    sums = sums.reshape(failed.shape)
    return failed, np.multiply(sums, mtbf, out=np.zeros_like(sums), where=failed > 0)


class Run(NamedTuple):
    """What happened in one run: stretches of time in their order, and when it failed."""

    start: np.ndarray  # [s] of each stretch
    end: np.ndarray  # [s]
    activity: np.ndarray  # [-] "work", "checkpoint", "lost work" or "restart"
    progress: np.ndarray  # [s] work that is saved at the end of the stretch
    failures: np.ndarray  # [s] when each failure struck


@checked(
    positive="interval mtbf",
    nonnegative="work write_time restart_time drain_time",
    shares="local_loss",
)
def simulate_run(
    *,
    work: float,
    interval: float,
    write_time: float,
    mtbf: float,
    restart_time: float,
    seed: "int | np.random.Generator",
    drain_time: float = 0.0,
    local_loss: float = 0.0,
) -> Run:
    """One run event by event: a month that can be played.

    Failures fall on the wall clock, whatever the job is doing. A failed attempt at computing and
    writing is lost work. So is the last checkpoint if it was local, the failure took it
    (`local_loss`) and it had not been drained: `progress` then falls back by an interval, and the
    work is done again.

    Parameters
    ----------
    work : float
        Time that the run would take without checkpoints and failures. [s]
    interval, write_time : float
        Computing between checkpoints, τ; time to write one, δ. [s]
    mtbf, restart_time : float
        Mean time between failures, M; time to be running again after one, R. [s]
    seed : int or numpy.random.Generator
        The same number gives the same run. [-]
    drain_time : float
        How long a checkpoint written locally first is on its way to the store. [s]
    local_loss : float
        Share of the failures that take a node's local checkpoints with them. [-]

    Returns
    -------
    Run
        Stretches of time that follow each other without a gap, and the failures. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain or is an array, or if the run would have more than
        a million stretches.

    Examples
    --------
    >>> day = simulate_run(work=8 * 3600, interval=3600, write_time=120, mtbf=4 * 3600,
    ...                    restart_time=600, seed=3)
    >>> for start, end, activity in list(zip(day.start, day.end, day.activity))[:5]:
    ...     print(f"{start / 60:.0f} to {end / 60:.0f} min: {activity}")
    0 to 26 min: lost work
    26 to 36 min: restart
    36 to 96 min: work
    96 to 98 min: checkpoint
    98 to 120 min: lost work

    References
    ----------
    The process of Daly, FGCS 22(3), 2006, equation 9, walked; `simulate_runs` draws its outcome.
    """
    job = (work, interval, write_time, mtbf, restart_time, drain_time, local_loss)
    if any(np.ndim(value) or np.isnan(value) for value in job):
        raise ValueError("simulate_run walks one run: every argument must be one number")
    random = np.random.default_rng(seed)
    stretches, failures = [], []
    clock = done = saved_at = 0.0  # saved_at: when the last checkpoint was written
    last = failure = 0.0  # what that checkpoint added; when the next failure strikes

    def add(end, activity):
        nonlocal clock
        if end > clock:
            stretches.append((clock, end, activity, done))
        clock = end

    def next_failure():
        if len(stretches) + len(failures) > MOST_EVENTS:
            raise ValueError(
                f"the run has more than {MOST_EVENTS:,} stretches and failures: take less work, or "
                "an interval and a restart well below the mtbf"
            )
        return failure + random.exponential(mtbf)

    failure = next_failure()
    while done < work:
        step = min(interval, work - done)
        if clock + step + write_time <= failure:
            add(clock + step, "work")
            done, last, saved_at = done + step, step, clock + write_time
            add(saved_at, "checkpoint")
            continue
        add(failure, "lost work")
        if failure < saved_at + drain_time and random.random() < local_loss:
            done, last = done - last, 0.0
        restarted = clock
        while failure <= restarted:  # a restart may fail in its turn
            failures.append(failure)
            restarted = failure + restart_time
            failure = next_failure()
        add(restarted, "restart")
    columns = list(zip(*stretches, strict=True)) or [()] * 4
    return Run(*(np.array(column) for column in columns), np.array(failures))
