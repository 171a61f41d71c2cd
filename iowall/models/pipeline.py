"""Tiers in series: object store → link → local disk → memory → accelerator.

One idea: a tier is slowed only by the bytes that pass it. A cache shortens the queue at every tier
behind it, and at none before it has been filled; the slowest tier for its share sets the pace.

A tier that many nodes share divides what it gives among them (`fleet_rates`); what they have of
their own, they keep.

Left out: file systems, the warming of a cache within an epoch, and network
protocol overhead. Rates of tiers are bounds: real systems reach them or stay below.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from iowall.models._arithmetic import Numbers, checked, nonnegative, one_plus_lambert, ratio

POLICIES = ("pinned", "lru", "random", "lru_scan", "random_scan")


@checked(nonnegative="cache_size dataset_size")
def hit_ratio(*, cache_size: Numbers, dataset_size: Numbers, policy: str) -> Numbers:
    """Share of an epoch's bytes that a warm cache serves, for a data set read once each epoch.

    With c = min(1, cache_size / dataset_size):

    =============  =======================  ======================================================
    policy         each epoch reads         h
    =============  =======================  ======================================================
    pinned         in any order             c: a fixed part of the data set is kept
    lru            in a new random order    1 - (1 - c)(1 - ln(1 - c))
    random         in a new random order    1 - c ln(c + (1 - c) e^(1/c)): random replacement
    lru_scan       in the same order        0 for c < 1: each sample leaves just before its turn
    random_scan    in the same order        1 - m with m = 1 - e^(-m/c): random replacement
    =============  =======================  ======================================================

    Parameters
    ----------
    cache_size : float or array
        Bytes that the cache holds; 0 for no cache. [B]
    dataset_size : float or array
        Bytes read in one epoch. [B]
    policy : {"pinned", "lru", "random", "lru_scan", "random_scan"}
        What is evicted, and the order of reading. [-]

    Returns
    -------
    float or array
        Between 0 and 1, from the second epoch on; the first has no hits. [-]

    Raises
    ------
    ValueError
        If `policy` is not one of those named, or a size is negative.

    Examples
    --------
    A cache of 35 % of the data set: how much is still fetched each epoch?

    >>> for policy in ("pinned", "random", "lru"):
    ...     h = hit_ratio(cache_size=35e9, dataset_size=100e9, policy=policy)
    ...     print(f"{policy}: {1 - h:.0%}")
    pinned: 65%
    random: 86%
    lru: 93%

    References
    ----------
    lru and random are derived: a sample's place in two successive random orders gives its reuse
    distance, and random eviction its chance to survive it. Mohan et al. (CoorDL), PVLDB 14(5),
    2021, doi:10.14778/3446095.3446100, measured 85 % for "random" above.
    """
    if policy not in POLICIES:
        raise ValueError(f"policy must be one of {POLICIES}, got {policy!r}")
    fits = np.greater_equal(cache_size, dataset_size)
    c = np.where(fits, 1.0, ratio(cache_size, dataset_size))[()]
    part = np.where(fits | np.equal(c, 0), 0.5, c)  # c at its ends needs no formula
    if policy == "pinned":
        return c
    if policy == "lru":
        hits = np.maximum(0.0, part + (1 - part) * np.log1p(-part))
    elif policy == "random":
        hits = -part * np.logaddexp(np.log(part) - 1 / part, np.log1p(-part))
    elif policy == "lru_scan":
        hits = part * 0.0
    else:
        # m = 1 - c(1 - u), with u of the argument that turns m = 1 - e^(-m/c) into Lambert's W
        hits = part * (1 - one_plus_lambert(np.maximum(0.0, 1 / part + np.log(part) - 1)))
    return np.where(np.equal(part, c), hits, c)[()]


@checked(shares="hit_ratio", nonnegative="cache_bandwidth storage_bandwidth")
def fetch_rate(
    *, hit_ratio: Numbers, cache_bandwidth: Numbers, storage_bandwidth: Numbers
) -> Numbers:
    """Bytes per second of one reader that waits for each read, from the cache or from behind it.

    F = 1 / (h/C + (1 - h)/S): times add, because the reads do not overlap. Readers that keep both
    busy at once get more, up to min(C/h, S/(1 - h)), which is never more than twice F.

    Parameters
    ----------
    hit_ratio : float or array
        Share of the bytes that the cache serves, h. [-]
    cache_bandwidth : float or array
        Of reads from the cache, C. [B/s]
    storage_bandwidth : float or array
        Of reads from the storage behind it, S. [B/s]

    Returns
    -------
    float or array
        Bytes per second; 0 where needed storage has no bandwidth. [B/s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    A disk of 50 MB/s behind a cache of 10 GB/s that holds half:

    >>> f"{fetch_rate(hit_ratio=0.5, cache_bandwidth=10e9, storage_bandwidth=50e6) / 1e6:.1f} MB/s"
    '99.5 MB/s'

    References
    ----------
    Mohan et al. (CoorDL), PVLDB 14(5), 2021, doi:10.14778/3446095.3446100: T = D x/C + D(1 - x)/S,
    at most 4 % off their measurements.
    """
    return ratio(1.0, ratio(hit_ratio, cache_bandwidth) + ratio(1 - hit_ratio, storage_bandwidth))


class Rates(NamedTuple):
    """Bytes per second that the accelerator could consume if only this tier were slow."""

    store: float
    link: float
    disk: float
    memory: float
    accelerator: float  # its demand
    cpu: float = np.inf  # decoding and preprocessing

    @property
    def supply(self) -> Numbers:
        """What reaches the accelerator: the least rate but its own. [B/s]"""
        least = np.minimum(np.minimum(self.store, self.link), np.minimum(self.disk, self.memory))
        return np.minimum(least, self.cpu)

    @property
    def line(self) -> Numbers:
        """The pace of the whole line: the least rate of all. [B/s]"""
        return np.minimum(self.supply, self.accelerator)

    @property
    def binding(self) -> np.ndarray:
        """Name of the tier with the least rate; of equals, the one nearest to the accelerator."""
        name, least = "accelerator", self.accelerator
        for tier in ("cpu", "memory", "disk", "link", "store"):
            rate = getattr(self, tier)
            name, least = np.where(rate < least, tier, name), np.minimum(rate, least)
        return name

    @property
    def overprovision(self) -> "Rates":
        """How many times faster than the line each tier is; it idles 1 - 1/overprovision. [-]"""
        line = self.line
        return Rates(*(np.where(np.equal(rate, line), 1.0, ratio(rate, line))[()] for rate in self))


class Epochs(NamedTuple):
    """The rates of every tier while the caches are empty, and once they are full."""

    cold: Rates
    warm: Rates


@checked(
    nonnegative="dataset_size store_bandwidth link_bandwidth disk_bandwidth disk_size "
    "memory_bandwidth memory_size demand cpu_bandwidth"
)
def epoch_rates(
    *,
    dataset_size: Numbers,
    store_bandwidth: Numbers,
    link_bandwidth: Numbers,
    disk_bandwidth: Numbers,
    disk_size: Numbers,
    memory_bandwidth: Numbers,
    memory_size: Numbers,
    demand: Numbers,
    policy: str,
    cpu_bandwidth: Numbers = np.inf,
) -> Epochs:
    """Rates of every tier in the first epoch and in the later ones, with two caches.

    A tier's rate is its bandwidth over its share: the bytes that it moves for each byte consumed.

    A pinned part is different in disk and memory, so that together they hold the sum of both; it is
    written to the disk in the first epoch only. With the other policies memory caches what the disk
    holds, as a page cache does: together they hit as the larger of the two, memory as a cache of
    its own size. What memory does not hold passes the disk once: it is read there, or written there
    when it arrives from the store.

    Parameters
    ----------
    dataset_size : float or array
        Bytes read in one epoch. [B]
    store_bandwidth, link_bandwidth, disk_bandwidth, memory_bandwidth : float or array
        The most bytes per second that the tier moves; inf for a tier that is not there. [B/s]
    disk_size, memory_size : float or array
        Bytes of the data set that the tier can cache; 0 for none. [B]
    demand : float or array
        What the accelerator would consume if it never waited. [B/s]
    policy : {"pinned", "lru", "random", "lru_scan", "random_scan"}
        See `hit_ratio`. [-]
    cpu_bandwidth : float or array
        The most bytes per second that are decoded and preprocessed; see `cpu_bandwidth`. [B/s]

    Returns
    -------
    Epochs
        Rates of the tiers, cold and warm. [B/s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    A link of 25 Gbit/s, a disk that holds the data set. Which tier is the bottleneck, and when?

    >>> node = dict(dataset_size=10e12, store_bandwidth=12.5e9, link_bandwidth=25e9 / 8,
    ...             disk_bandwidth=7e9, disk_size=15e12, memory_bandwidth=100e9, memory_size=0,
    ...             demand=20e9, policy="pinned")
    >>> for name, rates in epoch_rates(**node)._asdict().items():
    ...     print(f"{name}: {rates.binding}, {rates.line / 1e9:.2f} GB/s")
    cold: link, 3.12 GB/s
    warm: disk, 7.00 GB/s

    References
    ----------
    Bandwidth over share is the utilization law: Denning and Buzen, "The operational analysis of
    queueing network models", ACM Computing Surveys 10(3), 1978, doi:10.1145/356733.356735. A disk
    that memory filters sees other reads than it would alone; the tests say how little that changes.
    """
    near = hit_ratio(cache_size=memory_size, dataset_size=dataset_size, policy=policy)
    pinned = policy == "pinned"
    local_size = memory_size + disk_size if pinned else np.maximum(memory_size, disk_size)
    local = hit_ratio(cache_size=local_size, dataset_size=dataset_size, policy=policy)
    if pinned:
        written, passed = local - near, local - near
    else:
        has_disk = np.greater(disk_size, 0)
        written, passed = np.where(has_disk, 1.0, 0.0), np.where(has_disk, 1 - near, 0.0)

    def rate(bandwidth, share):
        return np.where(np.equal(share, 0), np.inf, ratio(bandwidth, share))[()]

    def rates(store_share, disk_share):
        return Rates(
            store=rate(store_bandwidth, store_share),
            link=rate(link_bandwidth, store_share),
            disk=rate(disk_bandwidth, disk_share),
            memory=memory_bandwidth,
            accelerator=demand,
            cpu=cpu_bandwidth,
        )

    return Epochs(cold=rates(1.0, written), warm=rates(1 - local, passed))


@checked(nonnegative="cores core_rate sample_size")
def cpu_bandwidth(*, cores: Numbers, core_rate: Numbers, sample_size: Numbers) -> Numbers:
    """Stored bytes per second that a node's CPUs decode and preprocess: cores · rate · size.

    Parameters
    ----------
    cores : float or array
        Cores that do nothing else. [-]
    core_rate : float or array
        Samples per second of one core. [1/s]
    sample_size : float or array
        Stored bytes per sample. [B]

    Returns
    -------
    float or array
        The `cpu` tier of `epoch_rates`. [B/s]

    Raises
    ------
    ValueError
        If an argument is negative; the sentence names it.

    Examples
    --------
    Photographs of 115 kB, 300 a second for each of 96 cores:

    >>> f"{cpu_bandwidth(cores=96, core_rate=300, sample_size=115e3) / 1e9:.1f} GB/s"
    '3.3 GB/s'

    References
    ----------
    A product; Mohan et al. (CoorDL), PVLDB 14(5), 2021, doi:10.14778/3446095.3446100, measure the
    preparation rate P beside the fetch rate in the same way.
    """
    return cores * core_rate * sample_size


@checked(
    positive="nodes",
    nonnegative="dataset_size store_bandwidth link_bandwidth disk_bandwidth disk_size "
    "memory_bandwidth memory_size demand cpu_bandwidth",
)
def fleet_rates(
    *,
    nodes: Numbers,
    partitioned: bool,
    dataset_size: Numbers,
    store_bandwidth: Numbers,
    link_bandwidth: Numbers,
    disk_bandwidth: Numbers,
    disk_size: Numbers,
    memory_bandwidth: Numbers,
    memory_size: Numbers,
    demand: Numbers,
    policy: str,
    cpu_bandwidth: Numbers = np.inf,
) -> Epochs:
    """Rates for each of n equal nodes on one store: all but the store is a node's own.

    The store's bandwidth is divided by n, everything else is each node's own. If the data set is
    partitioned, a node reads the same n-th part in each epoch, so that its caches face a data set
    of that size; else any node may need any sample, and they face all of it.

    Parameters
    ----------
    nodes : float or array
        How many read at once, n. [-]
    partitioned : bool
        Whether a node reads its own part in each epoch, or any part. [-]
    dataset_size : float or array
        Bytes of the whole data set, read once by all nodes together. [B]
    store_bandwidth : float or array
        The most bytes per second that the store moves for all nodes. [B/s]
    link_bandwidth, disk_bandwidth, memory_bandwidth, cpu_bandwidth : float or array
        The most bytes per second that a node's own tier moves. [B/s]
    disk_size, memory_size : float or array
        Bytes that a node's own tier can cache. [B]
    demand : float or array
        What one node's accelerators would consume if they never waited. [B/s]
    policy : {"pinned", "lru", "random", "lru_scan", "random_scan"}
        See `hit_ratio`. [-]

    Returns
    -------
    Epochs
        Rates of one node's tiers, cold and warm. [B/s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    A store of 100 GB/s feeds nodes that want 1.6 GB/s each. Without a disk, and with one of 1 TB:

    >>> node = dict(dataset_size=100e12, store_bandwidth=100e9, link_bandwidth=12.5e9,
    ...             disk_bandwidth=7e9, memory_bandwidth=100e9, memory_size=0, demand=1.6e9,
    ...             policy="pinned", partitioned=True)
    >>> for disk_size in (0, 1e12):
    ...     warm = fleet_rates(nodes=np.array([1, 64, 1024]), disk_size=disk_size, **node).warm
    ...     print([f"{rate / 1e9:.2f}" for rate in warm.line], warm.binding[-1])
    ['1.60', '1.56', '0.10'] store
    ['1.60', '1.60', '1.60'] accelerator

    References
    ----------
    The bottleneck law with one shared tier. Local copies instead of a shared store: Kumar and
    Sivathanu (Quiver), FAST 2020; Dryden et al. (NoPFS), SC 2021, arXiv:2101.08734.
    """
    return epoch_rates(
        dataset_size=dataset_size / nodes if partitioned else dataset_size,
        store_bandwidth=store_bandwidth / nodes,
        link_bandwidth=link_bandwidth,
        disk_bandwidth=disk_bandwidth,
        disk_size=disk_size,
        memory_bandwidth=memory_bandwidth,
        memory_size=memory_size,
        demand=demand,
        policy=policy,
        cpu_bandwidth=cpu_bandwidth,
    )


@checked(nonnegative="dataset_size epochs cold_rate warm_rate")
def run_time(
    *, dataset_size: Numbers, epochs: Numbers, cold_rate: Numbers, warm_rate: Numbers
) -> Numbers:
    """Time of a whole training run: one cold epoch, then warm ones.

    Parameters
    ----------
    dataset_size : float or array
        Bytes read in one epoch. [B]
    epochs : float or array
        Passes over the data set; less than 1 for a part of the first. [-]
    cold_rate, warm_rate : float or array
        Bytes consumed per second in the first epoch and in the later ones. [B/s]

    Returns
    -------
    float or array
        Seconds; inf where data are needed and none come. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> f"{run_time(dataset_size=10e12, epochs=3, cold_rate=2.5e9, warm_rate=5e9):.0f} s"
    '8000 s'

    References
    ----------
    Mohan et al. (CoorDL), PVLDB 14(5), 2021: the first epoch fetches all, later ones the misses.
    """
    cold = np.minimum(epochs, 1.0) * dataset_size
    warm = np.maximum(epochs - 1.0, 0.0) * dataset_size
    return ratio(cold, cold_rate) + ratio(warm, warm_rate)


@checked(nonnegative="load_rate compute_rate prefetch variation")
def line_rate(
    *,
    load_rate: Numbers,
    compute_rate: Numbers,
    prefetch: Numbers,
    variation: Numbers = 1.0,
) -> Numbers:
    """Rate of a loader and an accelerator with room for a few loaded batches between them.

    With ρ the slower rate over the faster, c the variation of their times and p the prefetch:

        X = slower · (1 - ρ^K) / (1 - ρ^(K+1)),      slower · K / (K + 1) at ρ = 1,
        K = 1 + p_1 (1 + √π (1/c - 1)) + (p - p_1) / c²,      p_1 = min(1, p).

    K = 1 is the line without prefetching, 1 / (1/load + 1/compute). The first place lets one batch
    load while one is computed, and a step takes the longer of the two: 1 + c/√π of two equal normal
    times. Each further place counts 1/c². With K → ∞, so with constant times (c = 0) and any
    prefetching, X is the slower rate: a buffer absorbs jitter, never a deficit. Exact for
    exponential times (c = 1); within 2 % of simulations below that.

    Parameters
    ----------
    load_rate, compute_rate : float or array
        Of loader and accelerator, each alone, in any one unit. [1/s]
    prefetch : float or array
        Batches that may wait loaded, as in `access.timeline`. [batches]
    variation : float or array
        Standard deviation of a batch's time over its mean, c. Of a batch of B samples whose sizes
        vary by v it is v/√B: 0.18 for the 7 volumes of MLPerf's unet3d (v = 0.47). [-]

    Returns
    -------
    float or array
        Batches per second, or the unit of the rates. [1/s]

    Raises
    ------
    ValueError
        If an argument is negative; the sentence names it.

    Examples
    --------
    Two equal stages: what do 0, 1, 3 and 19 waiting batches give, at a jitter as large as the mean
    and at a fifth of it?

    >>> equal = dict(load_rate=1, compute_rate=1, prefetch=[0, 1, 3, 19])
    >>> line_rate(**equal).round(2).tolist()
    [0.5, 0.67, 0.8, 0.95]
    >>> line_rate(variation=0.2, **equal).round(2).tolist()
    [0.5, 0.9, 0.98, 1.0]

    References
    ----------
    A birth-death chain of K + 1 states, the queue M/M/1/K: Kleinrock, "Queueing Systems" 1, Wiley,
    1975. A buffer counts by the variance of what it absorbs: Whitt, "Heavy-traffic approximations
    for service systems with blocking", AT&T Bell Laboratories Technical Journal 63(5), 1984.
    Sizes: MLCommons Storage v1.0 workload file of
    unet3d, a record length of 146.6 MB with a standard deviation of 68.3 MB.
    """
    slower, faster = np.minimum(load_rate, compute_rate), np.maximum(load_rate, compute_rate)
    equal = np.equal(slower, faster)
    first = np.minimum(1.0, prefetch)
    one = np.maximum(0.0, 1 + np.sqrt(np.pi) * (ratio(1.0, variation) - 1))
    places = 1.0 + first * one + ratio(prefetch - first, variation**2)
    places = np.where(np.equal(prefetch, 0), 1.0, places)
    ln_r = np.where(equal, -1.0, np.log(np.where(equal, 1.0, ratio(slower, faster))))
    unequal = np.expm1(places * ln_r) / np.expm1((places + 1) * ln_r)
    return slower * np.where(equal, 1 / (1 + 1 / places), unequal)[()]


@checked(nonnegative="fetched_size request_size request_price egress_price")
def fetch_price(
    *,
    fetched_size: Numbers,
    request_size: Numbers,
    request_price: Numbers,
    egress_price: Numbers,
) -> Numbers:
    """Price of fetching bytes from a store that charges requests, and bytes that leave its region.

    price = fetched / s · price of a request + fetched · price of a byte.

    Parameters
    ----------
    fetched_size : float or array
        Bytes that are fetched. [B]
    request_size : float or array
        Bytes per request, s. [B]
    request_price : float or array
        Of one request. [currency / request]
    egress_price : float or array
        Of one byte that leaves the region; 0 within it. [currency / B]

    Returns
    -------
    float or array
        In the currency of the prices. [currency]

    Raises
    ------
    ValueError
        If an argument is negative; the sentence names it.

    Examples
    --------
    An epoch of 10 TB in photographs of 115 kB and in ranges of 8 MB, at $0.40 for a million
    requests:

    >>> for size in (115e3, 8e6):
    ...     cost = fetch_price(fetched_size=10e12, request_size=size, request_price=0.4e-6,
    ...                        egress_price=0)
    ...     print(f"${cost:.2f}")
    $34.78
    $0.50

    References
    ----------
    A sum; prices belong to the scenario. $0.40 for a million GET requests: AWS price list of S3
    Standard in us-east-1.
    """
    return ratio(fetched_size, request_size) * request_price + fetched_size * egress_price


def price(*, amounts: Mapping[str, Numbers], unit_prices: Mapping[str, Numbers]) -> Numbers:
    """Price of a design: what each part has, times what a unit of it costs.

    Parameters
    ----------
    amounts : mapping of str to float or array
        How much of each part the design has. [the part's unit]
    unit_prices : mapping of str to float or array
        Price of one unit of each part; may name more parts. [currency / unit]

    Returns
    -------
    float or array
        In the currency of the unit prices: money, watts, grams. [currency]

    Raises
    ------
    ValueError
        If a part has no unit price, or an amount or a price is negative.

    Examples
    --------
    >>> f"{price(amounts={'link': 3, 'disk': 2}, unit_prices={'link': 10, 'disk': 5}):.0f} points"
    '40 points'

    References
    ----------
    A sum; unit prices belong to the scenario.
    """
    if missing := sorted(set(amounts) - set(unit_prices)):
        raise ValueError(f"unit_prices must name every part of the design, missing {missing}")
    return sum(
        nonnegative(part, amount) * nonnegative(f"price of {part}", unit_prices[part])
        for part, amount in amounts.items()
    )
