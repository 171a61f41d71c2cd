"""Access patterns: what a device gives a stream of requests, and what that leaves the accelerator.

One idea: a request costs a trip before it moves a byte. Ask for little at a time, in no order, and
the trips are the bottleneck (IOPS); ask for much, in order, and the bytes are (bandwidth).

Left out: caches (see `pipeline`), contention between tenants, error recovery. Every rate is for
requests that take equally long: real systems reach it or stay below.
"""

from typing import NamedTuple

import numpy as np

from iowall.models._arithmetic import Numbers, checked, ratio
from iowall.units import KiB

INODE_BLOCK = 4 * KiB  # [B] mke2fs.conf of e2fsprogs: blocksize = 4096
INODES_PER_BLOCK = 16  # [-] mke2fs.conf of e2fsprogs: inode_size = 256
TFRECORD_FRAME = 16  # [B] TensorFlow, "TFRecords format details": length and two checksums
TAR_BLOCK = 512  # [B] POSIX.1 ustar: a header of one block, contents padded to whole blocks
RATED_SIZE = 4 * KiB  # [B] data sheets give latency and IOPS for requests of 4 KiB
NEAREST_FIRST = 1 / 4  # [-] how a disk's time falls with its queue; a simulation in the tests
EVENNESS = 2 / 3  # [-] assumption: set so that a drive loses 29 %, within the 21 to 35 % measured

FILE_FORMATS = ("raw", "tfrecord", "webdataset")
ORDERS = ("sequential", "shuffled")


@checked(
    positive="request_size",
    nonnegative="queue_depth latency iops_limit bandwidth connection_bandwidth",
    counts="arms",
)
def iops(
    *,
    request_size: Numbers,
    queue_depth: Numbers,
    latency: Numbers,
    iops_limit: Numbers,
    bandwidth: Numbers,
    connection_bandwidth: Numbers = np.inf,
    arms: Numbers = 0,
    metered: bool = False,
) -> Numbers:
    """Requests per second of a device that has a number of requests in flight.

    One request alone takes t = L + s / min(β, β_c); a device that is never idle takes
    T = 1/X_max + s / β for each, both with s less the 4 KiB of the data sheet. So n = t / T
    requests can be served at once, on as many places. Requests do not fall on them evenly, and some
    places get none. With a = (Q - 1)/n and c = (1 + e)(1 - 1/n)/2, the mean-value solution of that
    closed network is

        X = 2 Q / t / (1 + a + √((1 + a)² - 4 a c)),

    which is Q/t for few requests (Little's law) and 1/T for many. At e = 0 requests fall at random,
    and where the two meet, at Q = n, 41 % are lost; at e = 1 they fall evenly, and the corner is
    sharp. A drive spreads requests over its chips with e = 2/3, which loses 29 %.

    A disk's arm serves one request at a time and takes the nearest first, so that its trip shrinks
    with the queue: t = L · Q^(-1/4), but not below 1/X_max. On several arms requests fall at
    random.

    A metered service enforces its limits by counting, not by queueing:
    X = min(Q / (L + s/β_c), X_max, β / s), with a corner between each two.

    Parameters
    ----------
    request_size : float or array
        Bytes per request, s (fio's ``bs``). [B]
    queue_depth : float or array
        Requests kept in flight, Q (fio's ``iodepth``). [-]
    latency : float or array
        Time of one request alone, L; 0 means that it never limits. [s]
    iops_limit : float or array
        The device's most requests per second, X_max. [1/s]
    bandwidth : float or array
        The device's most bytes per second, β. [B/s]
    connection_bandwidth : float or array
        The most bytes per second of one request, β_c: of one connection to an object store. [B/s]
    arms : float or array
        Arms that each serve one request at a time, nearest first; 0 for a device without. [-]
    metered : bool
        Whether the limits are those of a service that counts requests and bytes. [-]

    Returns
    -------
    float or array
        Requests per second, in the broadcast shape of the arguments. [1/s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    How many 4 KiB reads a second does an SSD of 76.9 µs give to one thread, to 8, and to 128?

    >>> ssd = dict(request_size=4096, latency=76.9e-6, iops_limit=98_000, bandwidth=560e6)
    >>> iops(queue_depth=[1, 8, 128], **ssd).round(-2).tolist()
    [13000.0, 70600.0, 97100.0]

    And a disk? The deeper its queue, the nearer is the nearest request.

    >>> disk = dict(request_size=4096, latency=12.67e-3, iops_limit=170, bandwidth=275e6, arms=1)
    >>> iops(queue_depth=[1, 2, 4, 8, 16, 32], **disk).round().tolist()
    [79.0, 94.0, 112.0, 133.0, 158.0, 170.0]

    References
    ----------
    Little, "A proof for the queuing formula L = λW", Operations Research 9(3), 1961,
    doi:10.1287/opre.9.3.383. Closed networks: Reiser and Lavenberg, "Mean-value analysis of closed
    multichain queuing networks", Journal of the ACM 27(2), 1980, doi:10.1145/322186.322195; the
    correction for requests that take equally long is derived here and held to a simulation in the
    tests. Nearest first: Worthington, Ganger and Patt, "Scheduling algorithms for modern disk
    drives", SIGMETRICS 1994, doi:10.1145/183018.183045.
    """
    most = np.minimum(iops_limit, ratio(bandwidth, request_size))
    beyond = np.maximum(0.0, request_size - RATED_SIZE)
    if metered:
        alone = latency + ratio(request_size, connection_bandwidth)
        return np.minimum(_per_time(queue_depth, alone), most)
    least, moving = ratio(1.0, iops_limit), ratio(beyond, bandwidth)
    armed = np.not_equal(arms, 0)
    of_arms = np.maximum(arms, 1.0)
    queue = np.maximum(1.0, queue_depth / of_arms)
    trip = np.maximum(np.where(armed, latency * queue**-NEAREST_FIRST, latency), least * of_arms)
    alone = trip + ratio(beyond, np.minimum(bandwidth / of_arms, connection_bandwidth))
    places = np.where(armed, arms, np.maximum(1.0, ratio(alone, least + moving)))
    queue_depth = np.minimum(queue_depth, 1e15)  # so that inf is no inf / inf
    ahead = np.maximum(0.0, queue_depth - 1) / places
    evenness = np.where(armed, 0.0, EVENNESS)
    overlap = ahead * (1 - 1 / places) * (1 + evenness) / 2
    served = 2 / (1 + ahead + np.sqrt((1 + ahead) ** 2 - 4 * overlap))
    return np.minimum(_per_time(queue_depth * served, alone), most)[()]


def _per_time(requests, time):
    """Requests per second, and no limit where they take no time. [1/s]"""
    return np.where(np.equal(time, 0), np.inf, ratio(requests, time))


@checked(
    positive="request_size",
    nonnegative="queue_depth latency iops_limit bandwidth connection_bandwidth",
    counts="arms",
)
def throughput(
    *,
    request_size: Numbers,
    queue_depth: Numbers,
    latency: Numbers,
    iops_limit: Numbers,
    bandwidth: Numbers,
    connection_bandwidth: Numbers = np.inf,
    arms: Numbers = 0,
    metered: bool = False,
) -> Numbers:
    """Bytes per second delivered to a stream of equal requests.

    throughput = X · s, with X from `iops`. Well below s* = β / X_max requests are the limit, well
    above it bytes.

    Parameters
    ----------
    request_size : float or array
        Bytes per request, s. [B]
    queue_depth : float or array
        Requests kept in flight, Q. [-]
    latency : float or array
        Time of one request alone, L. [s]
    iops_limit : float or array
        The device's most requests per second, X_max. [1/s]
    bandwidth, connection_bandwidth : float or array
        The most bytes per second of the device, β, and of one connection to it, β_c. [B/s]
    arms : float or array
        Arms that each serve one request at a time; 0 for a device without. [-]
    metered : bool
        Whether the limits are those of a service that counts requests and bytes. [-]

    Returns
    -------
    float or array
        Bytes per second, at most `bandwidth`. [B/s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    What is left of a disk's 275 MB/s when it is asked for 4 KiB here and 4 KiB there?

    >>> disk = dict(latency=12.67e-3, iops_limit=170, bandwidth=275e6, arms=1)
    >>> f"{throughput(request_size=4096, queue_depth=16, **disk) / 1e6:.2f} MB/s"
    '0.65 MB/s'

    An object store: 8 MB over one connection of 90 MB/s, first byte after 15 ms.

    >>> store = dict(latency=15e-3, iops_limit=1e6, bandwidth=12.5e9, connection_bandwidth=90e6)
    >>> f"{throughput(request_size=8e6, queue_depth=1, **store) / 1e6:.0f} MB/s"
    '77 MB/s'

    References
    ----------
    AWS documentation, Amazon EBS volume types: the published crossover sizes are β / X_max.
    """
    request_size = np.minimum(request_size, 1e30)  # so that inf is no 0 · inf
    return request_size * iops(
        request_size=request_size,
        queue_depth=queue_depth,
        latency=latency,
        iops_limit=iops_limit,
        bandwidth=bandwidth,
        connection_bandwidth=connection_bandwidth,
        arms=arms,
        metered=metered,
    )


@checked(nonnegative="accelerators batch_size sample_size", positive="step_time")
def demand(
    *, accelerators: Numbers, batch_size: Numbers, sample_size: Numbers, step_time: Numbers
) -> Numbers:
    """Bytes per second that the accelerators would consume if they never waited.

    demand = N · B · S / t, the Data Pipeline Equation at full utilization.

    Parameters
    ----------
    accelerators : float or array
        How many work at once, N. [-]
    batch_size : float or array
        Samples per accelerator and step, B. [samples]
    sample_size : float or array
        Bytes per sample, S. [B]
    step_time : float or array
        Compute time of one step, t. [s]

    Returns
    -------
    float or array
        Bytes per second. [B/s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    What does one H100 eat in MLPerf Storage's unet3d?

    >>> one = demand(accelerators=1, batch_size=7, sample_size=146_600_628, step_time=0.323)
    >>> f"{one / 1e9:.4f} GB/s"
    '3.1771 GB/s'

    References
    ----------
    MLCommons Storage v1.0, submission guidelines and workload files (unet3d, resnet50, cosmoflow).
    """
    return accelerators * batch_size * sample_size / step_time


@checked(nonnegative="throughput step_overhead", positive="demand step_time")
def utilization(
    *,
    throughput: Numbers,
    demand: Numbers,
    step_time: Numbers = np.inf,
    step_overhead: Numbers = 0.0,
) -> Numbers:
    """Busy share of the accelerators: what they get over what they could use, less their overhead.

    U = min(1 / (1 + o/t), throughput / demand). Loading goes on while a step has its overhead.

    Parameters
    ----------
    throughput : float or array
        What storage delivers. [B/s]
    demand : float or array
        What the accelerators would consume if they never waited. [B/s]
    step_time : float or array
        Compute time of one step, t. [s]
    step_overhead : float or array
        What a step costs besides computing when its data are there: handing over a batch, and the
        framework, o. [s]

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
    >>> f"{utilization(throughput=1.0e9, demand=1.6e9):.3f}"
    '0.625'

    A step of 3.5 ms with 0.8 ms of overhead, on storage that is never short:

    >>> never_short = dict(throughput=12e9, demand=0.8e9)
    >>> f"{utilization(step_time=3.5e-3, step_overhead=0.8e-3, **never_short):.3f}"
    '0.814'

    References
    ----------
    MLCommons Storage calls it accelerator utilization (AU): compute time over running time.
    """
    return np.minimum(1 / (1 + ratio(step_overhead, step_time)), ratio(throughput, demand))


class SampleTime(NamedTuple):
    """Where the time of one sample goes on the device, and what is read for it."""

    metadata_time: float  # [s] opening its file, or its share of its shard
    wait_time: float  # [s] trips to the data: before the first byte of each request
    transfer_time: float  # [s] moving the bytes as fast as the device and its connections can
    stored_size: float  # [B] the sample as the format stores it
    request_size: float  # [B] one data request
    requests: float  # [-] data requests per sample
    metadata_requests: float  # [-] metadata requests per sample

    @property
    def total(self) -> Numbers:
        """Device time per sample. [s]"""
        return self.metadata_time + self.wait_time + self.transfer_time


@checked(
    positive="shard_size read_size",
    sizes="sample_size",
    nonnegative="queue_depth latency sequential_latency iops_limit bandwidth metadata_requests "
    "connection_bandwidth",
    counts="arms",
)
def sample_time(
    *,
    file_format: str,
    order: str,
    sample_size: Numbers,
    shard_size: Numbers,
    read_size: Numbers,
    queue_depth: Numbers,
    latency: Numbers,
    sequential_latency: Numbers,
    iops_limit: Numbers,
    bandwidth: Numbers,
    metadata_requests: Numbers,
    connection_bandwidth: Numbers = np.inf,
    arms: Numbers = 0,
    metered: bool = False,
) -> SampleTime:
    """Device time to fetch one sample, by file format and order.

    Storage is read in runs of contiguous bytes. Each run costs one positioned request, the rest of
    it streams. A run of r bytes, read in requests of at most q bytes, costs per byte

        1 / (r · X(min(r, q)))  +  max(0, 1/q - 1/r) · ((1 - w) / X_stream(q) + w / X(q)),

    with X from `iops` at the device's latency, and X_stream with the sequential one. The run is

    ============  ==========================  =========================================
    order         raw files                   shards (TFRecord, WebDataset)
    ============  ==========================  =========================================
    sequential    16 samples                  one shard
    shuffled      one sample                  one shard
    ============  ==========================  =========================================

    Opening costs `metadata_requests` requests of one inode block for each file: for each sample
    (raw), for each shard, or for each 16 samples (raw in stored order, where neighbours share an
    inode block). The way back to the data is the run's positioned request; where opening costs
    nothing, the run in stored order is the whole data set. TFRecord adds 16 B to a sample;
    WebDataset stores a sample as two tar members, the second being a label of at most one block.

    Several readers of long runs take an arm from one run to the other: a share w = min(1, Q - 1) of
    the requests within a run is positioned too. Without an arm each run keeps its stream, w = 0.

    Parameters
    ----------
    file_format : {"raw", "tfrecord", "webdataset"}
        One file per sample, or shards. [-]
    order : {"sequential", "shuffled"}
        The order in which samples are wanted, against the order in which they lie. [-]
    sample_size : float or array
        Bytes per sample. [B]
    shard_size : float or array
        Bytes per shard; not used by raw files. [B]
    read_size : float or array
        Bytes per request of a sequential stream. [B]
    queue_depth : float or array
        Requests kept in flight (one for each worker). [-]
    latency, sequential_latency : float or array
        Time of one positioned request alone; of one request of a stream. [s]
    iops_limit : float or array
        The device's most positioned requests per second. [1/s]
    bandwidth, connection_bandwidth : float or array
        The most bytes per second of the device, and of one connection to it. [B/s]
    metadata_requests : float or array
        Requests to open one file. [-]
    arms : float or array
        Arms that each serve one request at a time; 0 for a device without. [-]
    metered : bool
        Whether the limits are those of a service that counts requests and bytes. [-]

    Returns
    -------
    SampleTime
        Times [s], sizes [B] and counts [-] per sample.

    Raises
    ------
    ValueError
        If `file_format` or `order` is not one of those named, or an argument lies outside of its
        domain.

    Examples
    --------
    A disk and 115 kB images, one reader: files in random order, against shards in order.

    >>> disk = dict(read_size=2**20, queue_depth=1, latency=12.67e-3, sequential_latency=0,
    ...             iops_limit=170, bandwidth=275e6, metadata_requests=1, arms=1,
    ...             sample_size=114_660, shard_size=256e6)
    >>> files = sample_time(file_format="raw", order="shuffled", **disk)
    >>> shards = sample_time(file_format="tfrecord", order="sequential", **disk)
    >>> f"{files.total / shards.total:.0f} times"
    '60 times'

    References
    ----------
    Positioned and streamed time: the affine cost of a request (Hockney). Inode sizes: mke2fs.conf
    of e2fsprogs. Framing: TensorFlow's TFRecord format; POSIX.1 ustar.
    """
    if file_format not in FILE_FORMATS:
        raise ValueError(f"file_format must be one of {FILE_FORMATS}, got {file_format!r}")
    if order not in ORDERS:
        raise ValueError(f"order must be one of {ORDERS}, got {order!r}")

    stored_size = _stored_size(file_format, sample_size)
    shard_size = np.maximum(shard_size, stored_size)
    if file_format != "raw":
        samples_per_open = shard_size / stored_size
    else:
        samples_per_open = INODES_PER_BLOCK if order == "sequential" else 1.0
    metadata = metadata_requests / samples_per_open
    opened_run = samples_per_open * stored_size
    unbroken = np.equal(metadata_requests, 0) & (order == "sequential")
    run_size = np.where(unbroken, np.inf, opened_run)

    device = {
        "queue_depth": queue_depth,
        "bandwidth": bandwidth,
        "connection_bandwidth": connection_bandwidth,
        "arms": arms,
        "metered": metered,
    }
    positioned = device | {"latency": latency, "iops_limit": iops_limit}
    request_size = np.minimum(run_size, read_size)
    stream = iops(
        request_size=read_size,
        **device | {"latency": sequential_latency, "iops_limit": np.inf, "arms": 0},
    )
    trips = 1 / run_size  # positioned requests per byte
    reads = np.maximum(0.0, 1 / read_size - trips)  # streamed requests per byte
    away = np.where(np.equal(arms, 0), 0.0, np.clip(queue_depth - 1, 0.0, 1.0))
    streamed_time = ratio(1 - away, stream) + ratio(
        away, iops(request_size=read_size, **positioned)
    )
    positioned_time = ratio(1.0, iops(request_size=request_size, **positioned))
    connections = _per_time(queue_depth, ratio(1.0, connection_bandwidth))  # no limit if 1/β_c is 0
    transfer_time = ratio(stored_size, np.minimum(bandwidth, connections))
    # A run at least as long as a request never beats the bytes, so this difference is not negative
    # but for rounding.
    data_time = stored_size * (ratio(trips, 1 / positioned_time) + ratio(reads, 1 / streamed_time))
    return SampleTime(
        metadata_time=metadata * ratio(1.0, iops(request_size=INODE_BLOCK, **positioned)),
        wait_time=np.where(
            np.isinf(transfer_time), 0.0, np.maximum(0.0, data_time - transfer_time)
        ),
        transfer_time=transfer_time,
        stored_size=stored_size,
        request_size=request_size[()],
        requests=stored_size * (trips + reads),
        metadata_requests=metadata,
    )


def _stored_size(file_format, sample_size):
    """Bytes that one sample takes in its format. [B]"""
    if file_format == "raw":
        return sample_size
    if file_format == "tfrecord":
        return sample_size + TFRECORD_FRAME
    contents = np.ceil(sample_size / TAR_BLOCK) * TAR_BLOCK
    label = TAR_BLOCK
    return contents + label + 2 * TAR_BLOCK


@checked(positive="shard_samples interleave shuffle_buffer samples")
def same_shard_probability(
    *,
    shard_samples: Numbers,
    interleave: Numbers,
    shuffle_buffer: Numbers,
    samples: Numbers,
) -> Numbers:
    """Chance that two consecutive samples come from one shard: what a shuffle buffer buys back.

    A buffer of b samples is filled first; then each step takes one at random and puts the next of
    the stream in its place; at the end it is drained. The stream draws from k open shards, each of
    n samples, at random; N are all samples. Two neighbours of the output lie d places apart in the
    stream with chance (1 - 1/b)^(d-1) / b. With θ = (b - 1)/(b - 1 + k),

        steady state    p = (n - 1 - (1 - θ^(n-1)) (b - 1)/k) / (k n)
        first buffer    f = min(1/k, (n - 1)/(b - 1)), forgotten as e^(-2t/b)

    and the result is their mean over an epoch. It is (n - 1)/n for a plain scan (b = 1, k = 1),
    (n - 1)/(N - 1) for a full shuffle (b = N), and 0 for shards of one sample.

    Parameters
    ----------
    shard_samples : float or array
        Samples in one shard, n; at least 1. [samples]
    interleave : float or array
        Shards read at once, k; at least 1. [-]
    shuffle_buffer : float or array
        Samples in the buffer, b; more than `samples` is as good as all. [samples]
    samples : float or array
        Samples in the data set, N. [samples]

    Returns
    -------
    float or array
        Between 0 and 1. [-]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Notes
    -----
    Good where the data set has many more shards than are open at once. For shards read strictly in
    turn it is too high while the buffer holds fewer than about ten samples for each open shard:
    neighbours in the stream then never share one.

    Examples
    --------
    Shards of 1,000 samples read one at a time: what does a buffer of 10,000 samples buy?

    >>> shards = dict(shard_samples=1_000, interleave=1, samples=1_000_000)
    >>> f"{same_shard_probability(shuffle_buffer=1, **shards):.3f}"
    '0.999'
    >>> f"{same_shard_probability(shuffle_buffer=10_000, **shards):.3f}"
    '0.049'

    References
    ----------
    The buffer is that of tf.data's ``shuffle`` and WebDataset's ``shuffle``; block shuffling is
    analysed by Xu et al., "In-Database Machine Learning with CorgiPile: Stochastic Gradient Descent
    without Full Data Shuffle", SIGMOD 2022, doi:10.1145/3514221.3526150. The formula is derived
    here and held to a simulation in the tests.
    """
    n = np.clip(shard_samples, 1.0, np.maximum(1.0, samples))
    k = np.clip(interleave, 1.0, np.maximum(1.0, samples / n))
    b = np.clip(shuffle_buffer, 1.0, np.maximum(1.0, samples))
    others = b - 1
    forgotten = -np.expm1((n - 1) * -np.log1p(k / np.maximum(others, 1e-300)))
    steady = (n - 1 - forgotten * others / k) / (k * n)
    first = np.minimum(1 / k, ratio(n - 1, others))
    streaming = np.maximum(0.0, samples - b)  # steps before the drain, which keeps the last chance
    memory = np.exp(-2 * streaming / b)
    weight = (others / 2 * (1 - memory) + b * memory) / np.maximum(samples, b)
    mean = steady + (first - steady) * weight
    return np.clip(mean, 0.0, 1.0)[()]


class Timeline(NamedTuple):
    """When each step's batch is loaded and computed; the last axis counts steps. [s]"""

    load_start: np.ndarray
    load_end: np.ndarray
    compute_start: np.ndarray
    compute_end: np.ndarray

    @property
    def wait(self) -> Numbers:
        """How long the accelerator stands still before each step. [s]"""
        before = np.concatenate(
            [np.zeros_like(self.compute_end[..., :1]), self.compute_end[..., :-1]], axis=-1
        )
        return self.compute_start - before


@checked(nonnegative="load_time compute_time", counts="prefetch")
def timeline(*, load_time: Numbers, compute_time: Numbers, prefetch: int) -> Timeline:
    """Step by step: when each batch is loaded and when it is computed.

    A max-plus recursion with `prefetch` places for loaded batches, p:

        load_start(n)    = max(load_end(n-1), compute_start(n-p))       p ≥ 1
        load_start(n)    = compute_end(n-1)                             p = 0
        compute_start(n) = max(compute_end(n-1), load_end(n))

    In the long run a step takes max(load, compute) with prefetching, load + compute without. A
    deeper prefetch absorbs jitter, never a deficit.

    Parameters
    ----------
    load_time : float or array
        Time to load each batch; the last axis counts steps. [s]
    compute_time : float or array
        Time to compute each batch; broadcasts with `load_time`. [s]
    prefetch : int
        Batches that may wait loaded, p. [batches]

    Returns
    -------
    Timeline
        Four arrays in the broadcast shape. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    Loading takes 3 s and computing 2 s: with prefetching, each step waits for one second.

    >>> steps = timeline(load_time=[3, 3, 3, 3], compute_time=2, prefetch=2)
    >>> steps.wait.tolist()
    [3.0, 1.0, 1.0, 1.0]

    References
    ----------
    Finite-buffer lines as max-plus recursions: Baccelli et al., "Synchronization and Linearity",
    Wiley, 1992. As a model of training input: Dryden et al. (NoPFS), SC 2021, arXiv:2101.08734.
    """
    load, compute = np.broadcast_arrays(np.atleast_1d(load_time), compute_time)
    if np.ndim(prefetch) or np.isnan(prefetch):
        raise ValueError(f"prefetch must be one whole number, got {prefetch}")
    prefetch = int(prefetch)
    times = Timeline(*(np.zeros(load.shape) for _ in Timeline._fields))
    idle = np.zeros(load.shape[:-1])
    for n in range(load.shape[-1]):
        loaded = times.load_end[..., n - 1] if n else idle
        computed = times.compute_end[..., n - 1] if n else idle
        freed = computed if prefetch == 0 else idle
        if 0 < prefetch <= n:
            freed = times.compute_start[..., n - prefetch]
        times.load_start[..., n] = np.maximum(loaded, freed)
        times.load_end[..., n] = times.load_start[..., n] + load[..., n]
        times.compute_start[..., n] = np.maximum(computed, times.load_end[..., n])
        times.compute_end[..., n] = times.compute_start[..., n] + compute[..., n]
    return times
