"""The `iowall-trust` directive: what the models say beside what others have published.

One idea: a row is a published figure and a call of a model; the verdict is computed from the two,
never typed in. A row that is missed says why, and stays.

```{iowall-trust} access
```

The argument is a section of `TOPICS`, or `summary`.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from iowall import hardware
from iowall.models import access, checkpoint, pipeline, streaming
from iowall.scenarios import COSMOFLOW, RESNET50, TRACKS, UNET3D
from iowall.units import (
    DAY,
    GB,
    HOUR,
    MB,
    MINUTE,
    MS,
    TB,
    Gbit,
    GiB,
    KiB,
    MiB,
    S,
    TiB,
    kB,
    number,
)

from . import tables

EDGE = TRACKS["edge"]

# How far off a model may be and still agree, as a share of the published figure. Half of the last
# digit that was printed is always allowed.
TOLERANCE = {
    "prediction": 0.05,  # from inputs that know nothing of the result
    "chosen afterwards": 0.05,  # one of several models, chosen because it fits this result
    "formula": 0.01,  # what the publisher computed, computed again
    "unit check": 0.01,  # one published figure from another
}
REACHED = 0.9  # a bound that is reached less than this explains nothing
AGREES, HOLDS, MISS = "agrees", "bound holds", "miss"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One published figure, and what a model makes of the same inputs."""

    what: str
    inputs: str
    published: float  # [unit]
    modelled: float  # [unit] a call of a model
    unit: str = ""
    digit: float = 0.0  # [unit] of the last digit in the published figure
    claim: str = "equal"  # "ceiling": the model is a bound. "more than": all that is published
    kind: str = "prediction"
    reason: str = ""  # why it is missed

    @property
    def off(self):
        """By how much the model differs, as a share of the published figure."""
        return self.modelled / self.published - 1

    @property
    def verdict(self):
        """One of three words, computed from the two numbers."""
        allowed = max(TOLERANCE[self.kind] * abs(self.published), self.digit / 2)
        above = self.modelled - self.published
        if self.claim == "more than":
            return AGREES if above > 0 else MISS
        if abs(above) <= allowed * (1 + 1e-9):
            return AGREES
        if self.claim == "ceiling" and above > 0 and self.published >= REACHED * self.modelled:
            return HOLDS
        return MISS


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Rows that share a source and a question."""

    section: str
    title: str
    source: str
    words: str
    rows: tuple[Row, ...]


# ---------------------------------------------------------------------------- access

_MLPERF = "MLCommons, storage_results_v1.0 (2024-09-25), CLOSED division; workload files of v1.0"
# System, workload, accelerator, how many, samples/s, "MB/s", accelerator utilization in percent.
_RESULTS = (
    ("Micron 9400", "resnet50", "H100", 38, 61_509.8, 6_726.0, 90.9),
    ("Micron 9400", "unet3d", "H100", 2, 40.87, 5_713.5, 96.2),
    ("Micron 9400", "unet3d", "A100", 4, 40.71, 5_691.4, 96.0),
    ("Micron 9400", "cosmoflow", "H100", 12, 2_448.4, 6_604.4, 71.5),
    ("Micron 9400", "cosmoflow", "A100", 18, 2_310.4, 6_232.2, 70.8),
    ("Micron 6500", "resnet50", "H100", 37, 60_943.7, 6_664.1, 92.3),
    ("Micron 6500", "resnet50", "A100", 72, 60_334.4, 6_597.5, 91.2),
    ("Micron 6500", "unet3d", "H100", 1, 20.84, 2_914, 96.4),
    ("Micron 6500", "unet3d", "A100", 3, 31.99, 4_472.6, 98.0),
    ("Micron 9550", "resnet50", "H100", 58, 93_464, 10_220, 90.3),
    ("Micron 9550", "resnet50", "A100", 115, 95_526, 10_446, 90.7),
    ("Micron 9550", "unet3d", "H100", 4, 71.12, 9_943.6, 90.3),
    ("Micron 9550", "unet3d", "A100", 8, 66.22, 9_257.9, 90.3),
    ("JuiceFS", "cosmoflow", "H100", 1, 230.54, 621.9, 80.7),
    ("JuiceFS", "cosmoflow", "H100", 10, 1_995.9, 5_383.9, 70.1),
    ("simplyblock", "resnet50", "H100", 1, 1_778.69, 194.5, 99.6),
)
_WORKLOADS = {"resnet50": RESNET50, "unet3d": UNET3D, "cosmoflow": COSMOFLOW}
_A100_STEP = {"resnet50": 0.435 * S, "unet3d": 0.636 * S, "cosmoflow": 5.51 * MS}
_THRESHOLD = {"resnet50": 0.90, "unet3d": 0.90, "cosmoflow": 0.70}
_READS = {  # of the data sheet, large and sequential
    "Micron 9400": (hardware.NVME_GEN4.iops_limit, hardware.NVME_GEN4.bandwidth),
    "Micron 9550": (hardware.NVME_GEN5.iops_limit, hardware.NVME_GEN5.bandwidth),
    "Micron 6500": (1.0e6, 6.8 * GB / S),  # system description in storage_results_v1.0
}


def _demand(workload, accelerator, accelerators):
    one = _WORKLOADS[workload].demand
    if accelerator == "A100":
        one = one | {"step_time": _A100_STEP[workload]}
    return access.demand(**one | {"accelerators": accelerators})


def _drive(system, workload):
    iops_limit, bandwidth = _READS[system]
    return access.throughput(
        request_size=_WORKLOADS[workload].sample_size,
        queue_depth=1,
        latency=0,
        iops_limit=iops_limit,
        bandwidth=bandwidth,
    )


_FED_REASON = {
    "Micron 9550": "Not the drive: all four of its rows end between "
    f"{number(min(r[5] for r in _RESULTS if r[0] == 'Micron 9550') * MiB / GB)} and "
    f"{number(max(r[5] for r in _RESULTS if r[0] == 'Micron 9550') * MiB / GB)} GB/s, with either "
    "accelerator, and a press review measured 14.7 GB/s on a drive of this model. Most likely the "
    "client's CPUs hold it back; the model leaves them out.",
    "Micron 6500": "One more accelerator would have needed about 85 % of what the data sheet "
    "promises, and that was too much in both submissions. A data sheet is a best case.",
}


def _fed(system, workload, accelerator, accelerators):
    """How many accelerators a drive feeds, from nothing but its data sheet."""
    need = _THRESHOLD[workload] * _demand(workload, accelerator, 1)
    rate = _drive(system, workload)
    row = {
        "what": f"{system}: {accelerator}s on {workload}",
        "inputs": f"data sheet {number(rate / GB)} GB/s; {number(need / GB)} GB/s each at "
        f"{100 * _THRESHOLD[workload]:.0f} % utilization",
        "published": accelerators,
        "modelled": float(np.floor(rate / need)),
        "claim": "ceiling",
    }
    missed = Row(**row).verdict == MISS
    return Row(**row, reason=_FED_REASON.get(system, "") if missed else "")


def _utilization(system, workload, accelerator, accelerators, rate, published):
    row = {
        "what": f"{system}: {accelerators} {accelerator}, {workload}",
        "inputs": f"{rate:,} MiB/s delivered",
        "published": published,
        "modelled": 100
        * access.utilization(
            throughput=rate * MiB / S, demand=_demand(workload, accelerator, accelerators)
        ),
        "unit": "%",
        "digit": 0.1,
        "kind": "formula",
    }
    # Over all 130 rows of that division the sign is the same for this workload.
    warm_up = "The first step's loading counts in the published rate but not in the published "
    warm_up += "utilization; for volumes of 147 MB it takes long."
    missed = workload == "unet3d" and Row(**row).verdict == MISS
    return Row(**row, reason=warm_up if missed else "")


def _mebibytes(system, workload, accelerators, samples, rate):
    size = _WORKLOADS[workload].sample_size
    delivered = access.demand(accelerators=1, batch_size=samples, sample_size=size, step_time=1 * S)
    return Row(
        what=f"{system}: {accelerators} on {workload}",
        inputs=f"{samples:,} samples/s of {size:,.0f} B",
        published=rate,
        modelled=delivered / MiB,
        unit="MiB/s",
        digit=0.1,
        kind="unit check",
    )


_EBS = "AWS documentation, Amazon EBS volume types (2026) and I/O characteristics"


def _ebs(size, *, iops_limit, bandwidth):
    """Requests and bytes a second of a volume with as many requests in flight as it takes."""
    volume = {
        "request_size": size,
        "queue_depth": 1e6,
        "latency": 1 * MS,
        "iops_limit": iops_limit,
        "bandwidth": bandwidth * MiB / S,
    }
    return access.iops(**volume), access.throughput(**volume)


def _crossover(volume, iops_limit, bandwidth, published):
    limits = {"iops_limit": iops_limit, "bandwidth": bandwidth}
    small, large = _ebs(512, **limits), _ebs(16 * MiB, **limits)
    return Row(
        what=f"{volume}: size at which both limits are reached",
        inputs=f"{iops_limit:,} IOPS, {bandwidth:,} MiB/s",
        published=published,
        modelled=large[1] / small[0] / KiB,
        unit="KiB",
        kind="formula",
    )


_HDD_READS = access.throughput(
    request_size=115 * kB,
    queue_depth=16,
    latency=hardware.HDD.latency,
    iops_limit=hardware.HDD.iops_limit,
    bandwidth=hardware.HDD.bandwidth,
)

_ACCESS = (
    Topic(
        section="access",
        title="How many accelerators does one drive feed?",
        source=f"{_MLPERF}. Drives: the catalogue; Micron 6500: system description in the results",
        words="Nothing here comes from the result but the question. Submitters report the most "
        "accelerators that stay above the benchmark's threshold; the model is a bound.",
        rows=tuple(_fed(*r[:4]) for r in _RESULTS if r[0] in _READS),
    ),
    Topic(
        section="access",
        title="A negative control: storage that is never short",
        source=f"{_MLPERF}, with the supplementals of JuiceFS (about 12 GB/s)",
        words="One accelerator on storage that gives far more than it takes should never wait.",
        rows=(
            Row(
                what="JuiceFS: 1 H100, cosmoflow",
                inputs="about 12 GB/s for one accelerator",
                published=80.7,
                modelled=100
                * access.utilization(
                    throughput=12 * GB / S, demand=_demand("cosmoflow", "H100", 1)
                ),
                unit="%",
                digit=0.1,
                reason="Each step costs some 0.8 ms besides its data, whatever the storage, and a "
                "step of this workload computes for only 3.5 ms. The model has no such cost.",
            ),
            Row(
                what="simplyblock: 1 H100, resnet50",
                inputs="taken to be never short",
                published=99.6,
                modelled=100
                * access.utilization(throughput=np.inf, demand=_demand("resnet50", "H100", 1)),
                unit="%",
                digit=0.1,
            ),
        ),
    ),
    Topic(
        section="access",
        title="Utilization from the rate delivered",
        source=_MLPERF,
        words="The benchmark's own definition computed again: throughput over the Data Pipeline "
        "Equation. It tests our reading of the workload files and of the units.",
        rows=tuple(_utilization(*r[:4], *r[5:]) for r in _RESULTS),
    ),
    Topic(
        section="access",
        title="The “MB/s” of MLPerf Storage are MiB/s",
        source=_MLPERF,
        words="",
        rows=tuple(
            _mebibytes(r[0], r[1], f"{r[3]} {r[2]}", *r[4:6])
            for r in _RESULTS
            if r[0] == "Micron 9400" and r[2] == "H100"
        ),
    ),
    Topic(
        section="access",
        title="The knee of a cloud volume",
        source=_EBS,
        words="The same division that Amazon made. That the knee of the curve in the lab lies "
        "there is what it checks.",
        rows=(
            _crossover("gp3", 80_000, 2_000, 25.6),
            _crossover("gp2", 16_000, 250, 16),
            _crossover("io2 Block Express", 256_000, 4_000, 16),
            _crossover("io1", 64_000, 1_000, 16),
            _crossover("st1", 500, 500, 1024),
            _crossover("sc1", 250, 250, 1024),
            Row(
                what="gp2 below 1,000 GiB: requests of 256 KiB a second",
                inputs="burst of 3,000 IOPS, 250 MiB/s",
                published=1_000,
                modelled=_ebs(256 * KiB, iops_limit=3_000, bandwidth=250)[0],
                unit="/s",
                kind="formula",
            ),
            Row(
                what="gp2: how long a full credit bucket lasts",
                inputs="5.4 million I/O credits, spent at 3,000 IOPS",
                published=30,
                modelled=streaming.fill_time(buffer_size=5.4e6, fill_rate=3_000 / S, drain_rate=0)
                / MINUTE,
                unit="min",
                kind="formula",
            ),
        ),
    ),
    Topic(
        section="access",
        title="How many requests keep a network card busy",
        source="AWS documentation, Amazon S3 performance guidelines (2021)",
        words="Little's law the other way round.",
        rows=(
            Row(
                what="S3: requests in flight that saturate 10 Gbit/s",
                inputs="one concurrent request for each 85 MB/s",
                published=15,
                digit=1,
                modelled=10
                * Gbit
                / S
                / access.throughput(
                    request_size=8 * MB,
                    queue_depth=1,
                    latency=8 * MB / (85 * MB / S),
                    iops_limit=hardware.S3.iops_limit,
                    bandwidth=hardware.S3.bandwidth,
                ),
                unit="requests",
                kind="formula",
            ),
        ),
    ),
    Topic(
        section="access",
        title="Random reads of image files",
        source="Mohan et al. (CoorDL), PVLDB 14(5), 2021, doi:10.14778/3446095.3446100, table 3",
        words="The paper's drives are not the catalogue's, and 115 kB a file is an assumption. "
        "These are the crosses on the curve of the lab.",
        rows=(
            Row(
                what="SATA SSD",
                inputs="the catalogue's SATA SSD, 32 requests in flight",
                published=530,
                modelled=access.throughput(
                    request_size=115 * kB,
                    queue_depth=32,
                    latency=hardware.SATA_SSD.latency,
                    iops_limit=hardware.SATA_SSD.iops_limit,
                    bandwidth=hardware.SATA_SSD.bandwidth,
                )
                / (MB / S),
                unit="MB/s",
                claim="ceiling",
            ),
            Row(
                what="Hard disk, the least measured",
                inputs="the catalogue's disk, 16 requests in flight",
                published=15,
                modelled=_HDD_READS / (MB / S),
                unit="MB/s",
                claim="ceiling",
                reason="The bound holds but is not reached. The measured range, 15 to 50 MB/s, is "
                "wider than the model can be right about: it has one number for a disk.",
            ),
            Row(
                what="Hard disk, the most measured",
                inputs="the catalogue's disk, 16 requests in flight",
                published=50,
                modelled=_HDD_READS / (MB / S),
                unit="MB/s",
                claim="ceiling",
                reason="The bound is broken. A seek of average length for each file is too much "
                "where files lie near each other or are larger than assumed here; we do not know "
                "which.",
            ),
        ),
    ),
)

# ---------------------------------------------------------------------------- pipeline

_COORDL = "Mohan et al. (CoorDL), PVLDB 14(5), 2021, doi:10.14778/3446095.3446100"


def _missed(what, share, policy, published, **more):
    hit = pipeline.hit_ratio(cache_size=share, dataset_size=1.0, policy=policy)
    return Row(
        what=what,
        inputs=f"{100 * share:.0f} % cached; model: {policy}",
        published=published,
        modelled=100 * (1 - hit),
        unit="%",
        digit=1,
        **more,
    )


_NOT_LRU = (
    "Linux's page cache is not LRU: it does better. This is the textbook's model, and the reason "
    "why another one was chosen."
)
_NOT_RANDOM = (
    "In stored order the page cache is neither LRU (which would miss everything) nor random "
    "replacement; the model is near for small caches only."
)
_3FS = "deepseek-ai/3FS, README"


def _nodes(store, link):
    """The pace of a store whose nodes and clients have so much network, and nothing else binds."""
    return pipeline.epoch_rates(
        dataset_size=1 * TB,
        store_bandwidth=store,
        link_bandwidth=link,
        disk_bandwidth=np.inf,
        disk_size=0,
        memory_bandwidth=np.inf,
        memory_size=0,
        demand=np.inf,
        policy="pinned",
    ).cold.line


_PIPELINE = (
    Topic(
        section="pipeline",
        title="What a cache smaller than the data set misses",
        source=_COORDL,
        words="Share of a data set that is fetched in each epoch. The random-replacement model was "
        "chosen after seeing the two results marked so, because it fits them; the others follow "
        "without a further choice.",
        rows=(
            _missed("Ideal, as the paper has it", 0.35, "pinned", 65, kind="formula"),
            _missed("A pinned part (the paper's MinIO), shuffled", 0.65, "pinned", 35),
            _missed("Page cache, shuffled", 0.35, "lru", 85, reason=_NOT_LRU),
            _missed("Page cache, shuffled", 0.65, "lru", 53, reason=_NOT_LRU),
            _missed("Page cache, shuffled", 0.35, "random", 85, kind="chosen afterwards"),
            _missed("Page cache, shuffled", 0.65, "random", 53, kind="chosen afterwards"),
            _missed("Page cache, TFRecords in order", 0.25, "random_scan", 97),
            _missed("Page cache, TFRecords in order", 0.35, "random_scan", 94),
            _missed("Page cache, TFRecords in order", 0.50, "random_scan", 91, reason=_NOT_RANDOM),
            _missed("Page cache, DALI-seq", 0.65, "random_scan", 66, reason=_NOT_RANDOM),
            Row(
                what="Fetched in an epoch with a pinned part",
                inputs="645 GB (OpenImages), 65 % cached",
                published=225,
                digit=1,
                modelled=645
                * (1 - pipeline.hit_ratio(cache_size=0.65, dataset_size=1.0, policy="pinned")),
                unit="GB",
                kind="unit check",
            ),
        ),
    ),
    Topic(
        section="pipeline",
        title="The slowest tier sets the pace",
        source=_3FS,
        words="A bound: the network cards of the store and of its clients, and nothing else.",
        rows=(
            Row(
                what="3FS: all clients together",
                inputs="180 storage nodes of 2 × 200 Gbit/s, 500 clients of 200 Gbit/s",
                published=6.6 * TiB / TB,
                digit=0.1 * TiB / TB,
                modelled=_nodes(180 * 400 * Gbit / S, 500 * 200 * Gbit / S) / (TB / S),
                unit="TB/s",
                claim="ceiling",
                reason="The bound holds but explains only four fifths. The run had training "
                "traffic in the background; protocol and imbalance are left out of the model.",
            ),
            Row(
                what="3FS: one client's cache, at its peak",
                inputs="one client of 400 Gbit/s",
                published=40 * GiB / GB,
                digit=1,
                modelled=_nodes(180 * 400 * Gbit / S, 400 * Gbit / S) / (GB / S),
                unit="GB/s",
                claim="ceiling",
                reason="The bound holds but is not reached to nine tenths, even at the peak. What "
                "binds instead is not published.",
            ),
        ),
    ),
    Topic(
        section="pipeline",
        title="How long a pass takes",
        source="img2dataset, README",
        words="Do a size, a rate and a time that were published together agree?",
        rows=(
            Row(
                what="LAION-5B: days of downloading",
                inputs="5.8 billion images, 9,500 a second",
                published=7,
                digit=1,
                modelled=pipeline.run_time(
                    dataset_size=5.8e9, epochs=1, cold_rate=9_500 / S, warm_rate=np.inf
                )
                / DAY,
                unit="days",
                kind="unit check",
            ),
        ),
    ),
)

# ---------------------------------------------------------------------------- checkpoint

_DALY = (
    "Daly, FGCS 22(3), 2006, doi:10.1016/j.future.2004.11.016: captions of three figures; the "
    "formula itself read through restatements"
)
_KOKOLIS = (
    "Kokolis et al., HPCA 2025, arXiv:2410.21680, read through notes that quote it (RSC-1: 6.50 "
    "failures in 1,000 node-days, RSC-2: 2.34, nodes of eight)"
)
_RSC1, _RSC2 = 1000 * DAY / 6.50, 1000 * DAY / 2.34


def _caption(mtbf, words, minutes, digit, formula=checkpoint.daly_interval, **more):
    return Row(
        what=f"Optimum interval, a failure every {words}",
        inputs=f"writing 5 min; model: {formula.__name__}",
        published=minutes,
        digit=digit,
        modelled=formula(write_time=5 * MINUTE, mtbf=mtbf) / MINUTE,
        unit="min",
        **{"kind": "formula"} | more,
    )


def _hours(what, inputs, published, node_mtbf, accelerators, **more):
    mtbf = checkpoint.cluster_mtbf(node_mtbf=node_mtbf, nodes=accelerators / 8)
    return Row(
        what=what,
        inputs=inputs,
        published=published,
        modelled=mtbf / HOUR,
        unit="h",
        **more,
    )


def _ettr(what, published, *, node_mtbf, accelerators, interval, restart, write, **more):
    mtbf = checkpoint.cluster_mtbf(node_mtbf=node_mtbf, nodes=accelerators / 8)
    share = checkpoint.goodput(interval=interval, write_time=write, mtbf=mtbf, restart_time=restart)
    writing = f"writing {number(write / MINUTE)} min" if write else "writing free"
    return Row(
        what=what,
        inputs=f"saving every {number(interval / MINUTE)} min, restart "
        f"{number(restart / MINUTE)} min, {writing}",
        published=100 * published,
        digit=1,
        modelled=100 * share,
        unit="%",
        **more,
    )


_FREE = {"write": 0.0, "kind": "chosen afterwards"}
_BLOCKING = (
    "The paper's typical 5 min of writing cannot block the job, or this share is out of reach. "
    "With writing that costs nothing the model agrees (below): that is a choice made afterwards."
)


def _size(what, parameters, bytes_per_parameter, published, **more):
    size = checkpoint.checkpoint_size(
        parameters=parameters, bytes_per_parameter=bytes_per_parameter
    )
    unit = more.setdefault("unit", "GiB")
    return Row(
        what=what,
        inputs=f"{parameters:,.0f} parameters, {bytes_per_parameter} B each",
        published=published,
        modelled=size / {"GiB": GiB, "GB": GB}[unit],
        kind="formula",
        **more,
    )


_LLAMA_WRITE = checkpoint.write_time(
    checkpoint_size=16_384 * 4 * GB,
    writers=16_384,
    writer_bandwidth=400 * Gbit / S,
    storage_bandwidth=2 * TB / S,
    strategy="sharded",
)
_LLAMA_MTBF = 54 * DAY / 419

_CHECKPOINT = (
    Topic(
        section="checkpoint",
        title="The best interval",
        source=_DALY,
        words="",
        rows=(
            _caption(24 * HOUR, "24 h", 117, 1),
            _caption(6 * HOUR, "6 h", 57, 1),
            _caption(15 * MINUTE, "15 min", 9.1, 0.1),
            _caption(
                15 * MINUTE,
                "15 min",
                9.1,
                0.1,
                formula=checkpoint.optimal_interval,
                kind="prediction",
            ),
            _caption(
                15 * MINUTE,
                "15 min",
                9.1,
                0.1,
                formula=checkpoint.young_interval,
                kind="prediction",
                reason="Outside its domain: the first order needs a write much shorter than the "
                "time between failures, and here it is a third of it.",
            ),
        ),
    ),
    Topic(
        section="checkpoint",
        title="How often a large job fails",
        source=f"{_KOKOLIS}; Llama 3: arXiv:2407.21783, section 3.3.4; OPT-175B: read through "
        "Glenn K. Lockwood's notes and notes on GEMINI, SOSP 2023; MLCommons Storage v2.0: press "
        "coverage of its release",
        words="Independent failures in series: a rate for one node, divided by their number. It "
        "reproduces projections made in the same way, and none of the measurements. The 50,000 h "
        "of MLCommons may be Llama 3's figure rounded, so they confirm nothing independently.",
        rows=(
            _hours(
                "RSC-1, projected for 16,384 GPUs",
                "the cluster's own rate",
                1.8,
                _RSC1,
                16_384,
                digit=0.1,
                kind="formula",
            ),
            _hours(
                "RSC-1, projected for 131,072 GPUs",
                "the cluster's own rate",
                0.23,
                _RSC1,
                131_072,
                digit=0.01,
                kind="formula",
            ),
            _hours(
                "RSC-1, measured at 1,024 GPUs",
                "the cluster's own rate",
                7.9,
                _RSC1,
                1_024,
                digit=0.1,
                reason="The two published figures do not lie on one line: jobs of this size failed "
                "more than three times as often as the cluster's rate for a node has it. A fleet's "
                "average is not the rate of its large jobs.",
            ),
            _hours(
                "RSC-1, measured at 1,024 GPUs",
                "measured at 8 GPUs: 47.7 days",
                7.9,
                47.7 * DAY,
                1_024,
                digit=0.1,
                reason="Nearer, from jobs instead of nodes, but still too long: large jobs fail "
                "somewhat more often than many small ones.",
            ),
            _hours(
                "Llama 3, measured at 16,384 GPUs",
                "RSC-1's rate",
                54 * 24 / 419,
                _RSC1,
                16_384,
                reason="Another fleet of other GPUs. A failure rate does not travel.",
            ),
            _hours(
                "Llama 3, measured at 16,384 GPUs",
                "RSC-2's rate",
                54 * 24 / 419,
                _RSC2,
                16_384,
                reason="As above, and in the other direction: the two clusters of one owner "
                "already differ almost threefold.",
            ),
            _hours(
                "OPT-175B, about 1,000 GPUs",
                "RSC-1's rate, 1,024 GPUs",
                7.5,
                _RSC1,
                1_024,
                digit=0.1,
                reason="As for the measured 1,024 GPUs of RSC-1, which failed nearly as often.",
            ),
            *(
                Row(
                    what=f"MLCommons: {words} accelerators",
                    inputs="50,000 h for one",
                    published=minutes,
                    digit=1,
                    modelled=checkpoint.cluster_mtbf(node_mtbf=50_000 * HOUR, nodes=many) / MINUTE,
                    unit="min",
                    kind="formula",
                )
                for words, many, minutes in (("100,000", 1e5, 30), ("a million", 1e6, 3))
            ),
        ),
    ),
    Topic(
        section="checkpoint",
        title="How much of the time is progress (ETTR, goodput)",
        source=f"{_KOKOLIS}; Llama 3: arXiv:2407.21783, sections 3.3.1 and 3.3.4",
        words="",
        rows=(
            _ettr(
                "RSC-1, 16,000 GPUs",
                0.93,
                node_mtbf=_RSC1,
                accelerators=16_000,
                interval=5 * MINUTE,
                restart=5 * MINUTE,
                write=5 * MINUTE,
                reason=_BLOCKING,
            ),
            *(
                _ettr(
                    f"RSC-1, {many:,} GPUs",
                    0.9,
                    node_mtbf=_RSC1,
                    accelerators=many,
                    interval=1 * HOUR,
                    restart=5 * MINUTE,
                    write=5 * MINUTE,
                    claim="more than",
                    reason=_BLOCKING,
                )
                for many in (2_048, 4_096)
            ),
            _ettr(
                "RSC-1, 16,000 GPUs",
                0.93,
                node_mtbf=_RSC1,
                accelerators=16_000,
                interval=5 * MINUTE,
                restart=5 * MINUTE,
                **_FREE,
            ),
            *(
                _ettr(
                    f"RSC-1, {many:,} GPUs",
                    0.9,
                    node_mtbf=_RSC1,
                    accelerators=many,
                    interval=1 * HOUR,
                    restart=5 * MINUTE,
                    claim="more than",
                    **_FREE,
                )
                for many in (2_048, 4_096)
            ),
            _ettr(
                "RSC-2's rate, 100,000 GPUs",
                0.9,
                node_mtbf=_RSC2,
                accelerators=100_000,
                interval=2 * MINUTE,
                restart=2 * MINUTE,
                **_FREE,
            ),
            Row(
                what="Llama 3, 16,384 GPUs",
                inputs="419 failures in 54 days; 4 GB a GPU written at 2 TB/s, at the best "
                "interval; restart 5 min is an assumption, and with 6 the model falls short",
                published=90,
                modelled=100
                * checkpoint.goodput(
                    interval=checkpoint.optimal_interval(write_time=_LLAMA_WRITE, mtbf=_LLAMA_MTBF),
                    write_time=_LLAMA_WRITE,
                    mtbf=_LLAMA_MTBF,
                    restart_time=5 * MINUTE,
                ),
                unit="%",
                claim="more than",
                kind="chosen afterwards",
            ),
        ),
    ),
    Topic(
        section="checkpoint",
        title="How large a checkpoint is",
        source="MLCommons Storage v2.0, checkpoint workloads, whose “GB” are GiB; parameters by "
        "the formula of DLIO's code. 70 billion × 18 B: AWS, read through secondary sources. "
        "175 billion × 6 B: harvard-edge/cs249r_book, volume 2",
        words="",
        rows=(
            _size("MLPerf 8B", 8_030_261_248, 14, 105, digit=1),
            _size("MLPerf 70B", 69_882_617_856, 14, 912, digit=1),
            _size("MLPerf 405B", 405_853_388_800, 14, 5_290, digit=10),
            _size(
                "MLPerf 1T",
                1_183_035_102_480,
                14,
                18_000,
                digit=1_000,
                reason="The printed 18 TB follow neither from the convention of the other three "
                "nor from any other that we know, in decimal or binary terabytes. Why is not "
                "published.",
            ),
            _size("70B with 32-bit gradients", 70e9, 18, 1_260, digit=10, unit="GB"),
            _size("175B, weights and master weights", 175e9, 6, 1_050, digit=10, unit="GB"),
        ),
    ),
)

# ---------------------------------------------------------------------------- edge

_PI2 = "PowerInfer-2, arXiv:2406.06282, section 2, read through a summary"
_LIF = "LLM in a flash, arXiv:2312.11514, read through reprints of its sections"

_EDGE = (
    Topic(
        section="edge",
        title="Flash between its two ceilings",
        source=f"UFS: {_PI2}. Laptop: {_LIF}",
        words="The model knows a most of requests and a most of bytes, with a corner between them.",
        rows=(
            Row(
                what="UFS 4.0 of a phone: random reads of 512 KiB",
                inputs="450 MB/s at random 4 KiB, 4.0 GB/s in order; 32 requests in flight",
                published=3.5,
                digit=0.1,
                modelled=access.throughput(
                    request_size=512 * KiB,
                    queue_depth=32,
                    latency=hardware.UFS4.latency,
                    iops_limit=hardware.UFS4.iops_limit,
                    bandwidth=hardware.UFS4.bandwidth,
                )
                / (GB / S),
                unit="GB/s",
                claim="ceiling",
                reason="The bound holds but is not reached: even half a mebibyte at a time, "
                "disorder still costs this flash something. Real curves bend; the model's has a "
                "corner.",
            ),
            Row(
                what="SSD of a laptop (M1 Max): random reads of 32 KiB",
                inputs="1.25 GB/s at random 4 KiB (M1 Max), 6 GiB/s in order (M2)",
                published=2.25,
                digit=0.01,
                modelled=access.throughput(
                    request_size=32 * KiB,
                    queue_depth=1,
                    latency=0,
                    iops_limit=1.25 * GB / S / (4 * KiB),
                    bandwidth=6 * GiB / S,
                )
                / (GB / S),
                unit="GB/s",
                claim="ceiling",
                reason="Eight times the bytes brought less than twice the rate; the model expects "
                "five times. Near the corner a bound is no estimate.",
            ),
        ),
    ),
    Topic(
        section="edge",
        title="What sensors make",
        source="Secondary sources on the data of autonomous vehicles; no primary source found",
        words="",
        rows=(
            Row(
                what="Eight raw cameras of a car",
                inputs="8 × 1920 × 1080 pixels of 3 B, 30 frames a second",
                published=1.5,
                digit=0.1,
                modelled=access.demand(
                    **next(w for w in EDGE.workloads if w.name == "Raw camera frames").demand
                )
                / (GB / S),
                unit="GB/s",
                kind="unit check",
            ),
        ),
    ),
)

TOPICS = (*_ACCESS, *_PIPELINE, *_CHECKPOINT, *_EDGE)
ROWS = tuple(row for topic in TOPICS for row in topic.rows)


_HEAD = ("What", "Published", "Model", "Off by", "Kind", "Verdict")
_SIGNS = {AGREES: "✓", HOLDS: "≤", MISS: "✗"}


def _row(row, told):
    published, modelled = (f"{number(n)} {row.unit}".strip() for n in (row.published, row.modelled))
    if row.claim == "more than":
        published = f"> {published}"
    elif row.claim == "ceiling":
        modelled = f"≤ {modelled}"
    off = 100 * row.off
    off = f"{off:+.1f} %" if 0.05 <= abs(off) < 99.95 else f"{off:+.0f} %"
    off = off.replace("-", "−") if abs(row.off) >= 5e-4 else "0 %"
    cells = (published, modelled, off, row.kind, f"{_SIGNS[row.verdict]} {row.verdict}")
    return tables.row(
        row.what,
        [cell.replace(" ", "\N{NO-BREAK SPACE}") for cell in cells],
        head=_HEAD,
        note=row.inputs,
        more="As above." if row.reason in told else row.reason,
        css="iowall-" + row.verdict.replace(" ", "-"),
    )


def _topic(topic):
    reasons = [row.reason for row in topic.rows]
    return tables.table(
        [_row(row, set(reasons[:n]) - {""}) for n, row in enumerate(topic.rows)],
        head=_HEAD,
        title=topic.title,
        words=topic.words,
        note=f"Source: {topic.source}.",
    )


def _summary():
    counted = Counter((row.kind, row.verdict) for row in ROWS)
    head = ("Kind", *_SIGNS)
    rows = [
        tables.row(
            kind,
            [str(counted[kind, verdict]) for verdict in _SIGNS],
            head=head,
            note=f"agrees within {100 * share:.0f} %",
        )
        for kind, share in TOLERANCE.items()
    ]
    return tables.table(rows, head=head, title=f"{len(ROWS)} published results")


class TrustDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        section = self.arguments[0]
        html = _summary() if section == "summary" else ""
        html += "".join(_topic(topic) for topic in TOPICS if topic.section == section)
        if not html:
            raise self.error(f"no section {section!r}: {sorted({t.section for t in TOPICS})}")
        return [nodes.raw("", html, format="html")]


def setup(app):
    app.add_directive("iowall-trust", TrustDirective)
