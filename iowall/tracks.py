"""The four tracks: one scenario each, in numbers that the models take and in its own words.

A number's source stands beside it; "assumption:" marks what is chosen for teaching. `caveat` says
what is wrong or ambiguous in the way the story is usually told.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from iowall import hardware
from iowall.units import (
    DAY,
    GB,
    HOUR,
    MB,
    MINUTE,
    MS,
    TB,
    US,
    B,
    Gbit,
    KiB,
    MiB,
    S,
    amount,
    duration,
    kB,
    number,
)


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What the accelerators ask for: the keyword arguments of `models.access.demand`."""

    name: str
    accelerators: int
    batch_size: int  # [samples] per accelerator and step
    sample_size: float  # [B]
    step_time: float  # [s]
    sources: Mapping[str, str]

    @property
    def demand(self):
        """The keyword arguments of `models.access.demand`."""
        names = ("accelerators", "batch_size", "sample_size", "step_time")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, kw_only=True)
class AccessWords:
    """Part 1 in a track's words: the lock's question, the controls, the reflection."""

    situation: str
    question: str
    options: Mapping[str, str]  # "accelerator", "iops", "bandwidth"
    estimate: str
    factor: str = "times slower"  # what the estimate counts
    orders: Mapping[str, str]
    formats: Mapping[str, str]
    workers: str
    buffer: str
    mixing: str  # what the chance of two neighbours from one shard means here
    shard_sizes: tuple[float, ...]  # [B] what the slider offers, an assumption
    start: Mapping[str, object]  # the settings found on arrival


@dataclass(frozen=True, kw_only=True)
class State:
    """What one checkpoint holds."""

    name: str
    size: float  # [B]
    source: str
    rebuilding: float = 0.0  # [s] after a restart, of what it does not hold


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What a design must keep to, and why."""

    value: float
    why: str


@dataclass(frozen=True, kw_only=True)
class CheckpointWords:
    """Part 3 in a track's words: the lock's question, what writes to what, and its limits."""

    situation: str
    question: str
    options: Mapping[str, str]  # "shorten", "lengthen", "same"
    estimate: str
    factor: str = "times its pure time"  # what the estimate counts
    habit: float  # [s] how often it saves so far
    asked: float  # [s] how often it saves in the question
    work: float  # [s] the run without checkpoints and failures
    run: str
    unit: tuple[str, float]  # in which the run is counted [s]
    state: str  # the title of the choice of states
    states: tuple[State, ...]
    writer: str
    writers: int
    writer_bandwidth: float  # [B/s] of one writer
    local: str  # where a checkpoint is written first, and drained from later
    local_writers: int  # how many of these there are
    local_bandwidth: float  # [B/s] of one of them
    drain_bandwidth: float = math.inf  # [B/s] from one of them to the store
    store: str  # the title of the choice of stores
    stores: tuple[hardware.Store | hardware.Device, ...]
    strategies: Mapping[str, str]  # "replicated", "single", "sharded", "local"
    failure: str
    failures: str
    intervals: tuple[float, ...]  # [s] what the slider offers
    mtbf: float  # [s] of the whole job, as it is first
    later_mtbf: float  # [s] as the Ops Lead reports it
    restart_time: float  # [s]
    report: str  # what the Ops Lead says after the first good answer
    waits: str  # what stands still while a checkpoint is written
    currency: str  # what waste is paid in
    rate: float  # of that currency an hour
    limits: Mapping[str, Limit]
    start: Mapping[str, object]  # the settings found on arrival
    sources: Mapping[str, str]
    caveat: str
    wear_area: float = math.inf  # [B] of flash, over which writing is spread
    active_power: float = 0.0  # [W] of the store while it is written

    @property
    def mtbfs(self):
        """What the slider offers: halvings and doublings. [s]"""
        return tuple(self.mtbf * 2.0**n for n in range(-5, 4))


@dataclass(frozen=True, kw_only=True)
class Slider:
    """One part of a design: what can be had of it, and what a unit of it costs."""

    title: str
    short: str  # as a column of the table of attempts
    unit: float
    unit_name: str
    steps: tuple[float, ...]  # in units; what the slider offers, an assumption
    price: float  # for one unit, in the track's currency
    source: str  # of the price

    @property
    def options(self):
        """What the slider offers, in bytes or bytes per second."""
        return tuple(step * self.unit for step in self.steps)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What software decides: which bytes stay, which go on, and what interrupts them."""

    label: str
    cache: str = "pinned"  # as `models.pipeline.hit_ratio` knows it
    written: float = 1.0  # share of the bytes that goes to the local tier
    uploaded: float = 1.0  # share of the bytes that goes over the link, when writing
    stalls: float = 0.0  # for each frame
    stall_time: float = 0.0  # [s] as a rule
    longest_stall: float = 0.0  # [s]


@dataclass(frozen=True, kw_only=True)
class PipelineWords:
    """Part 2 in a track's words and numbers: tiers, sliders, prices, and what must be kept to."""

    situation: str
    question: str
    options: Mapping[str, str]  # "always", "never", "depends"
    estimate: str
    tiers: Mapping[str, str]  # names of store, link, disk, memory, accelerator
    sliders: Mapping[str, Slider]  # "buffer", "link", "disk_bandwidth", "disk_size"
    policy: str
    policies: Mapping[str, Policy]
    workload: Workload
    store_bandwidth: float  # [B/s]
    memory_bandwidth: float  # [B/s]
    epoch: str
    epochs: int  # of a whole run; the first of them is cold
    names: tuple[str, str]  # of the cold epoch and of the warm ones
    notes: tuple[str, str]  # what is different about them
    factor: str  # what is estimated: 2 "times as fast"
    run: str
    busy: str  # what utilization is here
    starved: str  # what the accelerator does while nothing comes
    clocked: bool  # frames come whether or not anyone is ready; a late one is lost
    currency: str
    budget: float
    budget_source: str
    promise: str = ""  # the track's own condition, if it has one
    park_time: float = 0.0  # [s] after each epoch, for the upload
    look_back: float = 0.0  # [s] the promise: what must be at hand before an event
    longest_gap: float = 0.0  # [s] the promise: less than this may be missing at a stretch
    log_size: float = 0.0  # [B] flash over which erasing is spread
    erase_cycles: float = 0.0
    least_life: float = 0.0  # [s] the promise: what the flash must last
    start: Mapping[str, object]  # the settings found on arrival
    sources: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Track:
    """One persona, one crisis, and what the three parts need to know about both."""

    key: str
    name: str
    persona: str
    mission: str
    crisis: str
    caveat: str
    accelerator: str
    sample: str
    direction: str  # "read" or "write": what storage is asked to do
    dataset_size: float  # [B]
    dataset_source: str
    workloads: tuple[Workload, ...]
    devices: tuple[hardware.Device, ...]
    access: AccessWords
    pipeline: PipelineWords
    checkpoint: CheckpointWords


_MLPS = "MLCommons Storage v1.0 workload file"
_NODE = "assumption: one node of eight"


def _mlperf(name, *, kind, batch_size, sample_size, step_time, accelerator="H100", source=_MLPS):
    return Workload(
        name=name,
        accelerators=8,
        batch_size=batch_size,
        sample_size=sample_size,
        step_time=step_time,
        sources={
            "accelerators": _NODE,
            "batch_size": f"{source}, {kind}",
            "sample_size": f"{source}, {kind}: mean record length",
            "step_time": f"{source}, {kind}, {accelerator}",
        },
    )


RESNET50 = _mlperf(
    "Photographs (resnet50)",
    kind="resnet50",
    batch_size=400,
    sample_size=114_660.07 * B,
    step_time=0.224 * S,
)
UNET3D = _mlperf(
    "Medical volumes (unet3d)",
    kind="unet3d",
    batch_size=7,
    sample_size=146_600_628 * B,
    step_time=0.323 * S,
)
COSMOFLOW = _mlperf(
    "Sky simulations (cosmoflow)",
    kind="cosmoflow",
    batch_size=1,
    sample_size=2_828_486 * B,
    step_time=3.50 * MS,
)
BERT = _mlperf(
    "Text records (bert)",
    kind="bert",
    batch_size=48,
    sample_size=2_500 * B,
    step_time=0.968 * S,
    accelerator="V100",
    source="MLCommons Storage v0.5 workload file",
)

_TIMES = tuple(
    n * S
    for n in (
        *(1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 90, 120, 180, 240, 300, 420, 600),
        *(900, 1200, 1800, 2700, 3600, 5400, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, 86_400),
    )
)
_MONTH = "the question's one-month run"


def _times(low, high):
    return tuple(time for time in _TIMES if low <= time <= high)


_LLAMA_70B = 70_553_706_496  # parameters of Llama-3-70B, by the formula of the DLIO benchmark
_NODES = 1024
# Kokolis et al., HPCA 2025, arXiv:2410.21680 (through notes that quote it): 6.50 failures in 1,000
# node-days on RSC-1.
_NODE_MTBF = 1000 * DAY / 6.50
_TRAINING = {
    "state": "Checkpoint",
    "states": (
        State(
            name="350 GB, as the story gives it",
            size=350 * GB,
            source="the story: 5 B a parameter, which is no training state",
        ),
        State(
            name=f"{amount(14 * _LLAMA_70B)}, what resuming needs",
            size=14 * B * _LLAMA_70B,
            source="MLCommons Storage v2.0 and DLIO: 2 B weights and 12 B optimizer a parameter",
        ),
    ),
}
_CLOUD_CHECKPOINT = CheckpointWords(
    situation="A job of 1,024 nodes has 30 days of pure computing ahead. At each checkpoint every "
    f"node writes a full copy of the model's state, {amount(350 * GB)} in this story, to a shared "
    f"store of {amount(hardware.FSX_LARGE.bandwidth, 'B/s')}, and the GPUs wait. The job fails "
    f"every {duration(_NODE_MTBF / _NODES)} on average, whenever one of its nodes does, and goes "
    "on from its last checkpoint 5 min later. So far it saves once an hour.",
    question="From tomorrow it saves every 10 minutes. Does that lengthen or shorten the one-month "
    "run?",
    options={
        "shorten": "Shorten it: each failure undoes less work",
        "lengthen": "Lengthen it: the writing takes more than it saves",
        "same": "Neither: the two cancel, to within 2 %",
    },
    estimate="How many times its pure computing time will the run take when it saves every 10 "
    "minutes?",
    habit=1 * HOUR,
    asked=10 * MINUTE,
    work=30 * DAY,
    run="the training run",
    unit=("days", DAY),
    **_TRAINING,
    writer="node",
    writers=_NODES,
    writer_bandwidth=400 * Gbit / S,
    local="the nodes' NVMe",
    local_writers=_NODES,
    local_bandwidth=hardware.NVME_GEN4_WRITE.bandwidth,
    drain_bandwidth=400 * Gbit / S,
    store="Shared store",
    stores=(hardware.FSX_SMALL, hardware.FSX_LARGE, hardware.TECTONIC),
    strategies={
        "replicated": "Every node, a full copy",
        "single": "One node, all of it",
        "sharded": "Every node, its shard",
        "local": "NVMe first, drained later",
    },
    failure="failure",
    failures="failures",
    intervals=_times(5 * S, DAY),
    mtbf=_NODE_MTBF / _NODES,
    later_mtbf=_NODE_MTBF / _NODES / 2,
    restart_time=5 * MINUTE,
    report="Since the last driver update a node fails twice as often as before. Your design was "
    "made for another fleet. The store has not grown, and the readers of the data set still need "
    "it: save as often as you like, but leave them their share.",
    waits="the GPUs wait",
    currency="GPU-hours",
    rate=8 * _NODES,
    limits={
        "goodput": Limit(value=0.90, why="Llama 3 reports more than 90 % effective training time"),
        "excess": Limit(value=0.01, why="assumption: as near the optimum as is worth an argument"),
        "busy": Limit(value=0.10, why="assumption: the rest of the store belongs to readers"),
        "bandwidth": Limit(
            value=hardware.FSX_LARGE.bandwidth, why="assumption: what the budget pays for"
        ),
    },
    start={
        "interval": 1 * HOUR,
        "strategy": "replicated",
        "state": "350 GB, as the story gives it",
        "store": hardware.FSX_LARGE.name,
    },
    sources={
        "work": _MONTH,
        "writers": "the track's story",
        "writer_bandwidth": "assumption: one port of 400 Gbit/s a node",
        "local_bandwidth": hardware.NVME_GEN4_WRITE.sources["bandwidth"],
        "drain_bandwidth": "assumption: the same port",
        "mtbf": "derived: 6.50 failures in 1,000 node-days, Kokolis et al., HPCA 2025, "
        "arXiv:2410.21680 (through notes that quote it), on 1,024 nodes",
        "later_mtbf": "assumption: half of it",
        "restart_time": "Kokolis et al.: 5 to 20 min; the low end",
        "rate": "assumption: eight GPUs a node",
    },
    caveat="A node that fails takes its NVMe with it; real systems keep a second copy on a "
    "neighbour. The story's 350 GB is 5 B a parameter; a state that can be resumed has 14.",
)

_WILL_IT_HELP = {
    "always": "Yes, in every epoch",
    "never": "No, in none",
    "depends": "It depends on the epoch",
}
_PRICE = "assumption: chosen for teaching"

_CLOUD_PIPELINE = PipelineWords(
    situation="A node of eight GPUs trains for 20 epochs on 10 TB of photographs, "
    f"{amount(RESNET50.sample_size)} each, shuffled anew each epoch. They lie in S3, behind a link "
    "of 4 Gbit/s; a local NVMe drive of 1 TB keeps what it has room for, as the system's page "
    "cache sees fit.",
    question="The link from the store is the bottleneck. Will more local NVMe help?",
    options=_WILL_IT_HELP,
    estimate="As much NVMe as you like, and as fast: how many times as fast will the epoch run "
    "that gains most? (1 if none gains.)",
    tiers={
        "store": "S3",
        "link": "link",
        "disk": "NVMe",
        "memory": "DRAM",
        "accelerator": "GPUs",
    },
    sliders={
        "buffer": Slider(
            title="Buffer in DRAM",
            short="buffer",
            unit=GB,
            unit_name="GB",
            steps=(0.5, 1, 2, 4, 8, 16, 32, 64, 128),
            price=0.05,
            source=_PRICE,
        ),
        "link": Slider(
            title="Download bandwidth",
            short="link",
            unit=Gbit / S,
            unit_name="Gbit/s",
            steps=(1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 40, 50, 100),
            price=1.0,
            source=f"{_PRICE}; a store's bandwidth is shared, so it is the dearest part",
        ),
        "disk_bandwidth": Slider(
            title="NVMe bandwidth",
            short="NVMe rate",
            unit=GB / S,
            unit_name="GB/s",
            steps=(0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 14),
            price=1.0,
            source=_PRICE,
        ),
        "disk_size": Slider(
            title="NVMe capacity",
            short="NVMe size",
            unit=TB,
            unit_name="TB",
            steps=(0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 30),
            price=0.4,
            source=_PRICE,
        ),
    },
    policy="What the NVMe keeps",
    policies={
        "random": Policy(label="What came last (page cache)", cache="random"),
        "pinned": Policy(label="What came first (pinned)", cache="pinned"),
    },
    workload=RESNET50,
    store_bandwidth=hardware.S3.bandwidth,
    memory_bandwidth=hardware.DRAM_CHANNEL,
    epoch="epoch",
    epochs=20,
    names=("First epoch", "Later epochs"),
    notes=("nothing is kept locally yet", "the NVMe serves what it has kept"),
    factor="times as fast",
    run="20 epochs",
    busy="share of the time in which the GPUs compute",
    starved="starve",
    clocked=False,
    currency="$ an hour",
    budget=15,
    budget_source=_PRICE,
    start={
        "buffer": 1 * GB,
        "link": 4 * Gbit / S,
        "disk_bandwidth": 1 * GB / S,
        "disk_size": 1 * TB,
        "policy": "random",
    },
    sources={
        "store_bandwidth": hardware.S3.sources["bandwidth"],
        "memory_bandwidth": "derived: one channel of DDR5-4800, 8 B at 4.8 GHz",
        "epochs": "assumption: 20 epochs",
    },
)

CLOUD = Track(
    key="cloud",
    name="Cloud Titan",
    persona="You are the storage architect of an LLM cluster.",
    mission="Keep the GPUs of the pre-training fleet fed from 10 TB of images.",
    crisis="The checkpoint storm: 1,024 nodes save at once and the shared store collapses.",
    caveat="A 350 GB checkpoint of Llama-3-70B, as this story is usually told, is 5 bytes a "
    "parameter: no training state has that size. Part 3 shows the honest one beside it.",
    accelerator="GPU",
    sample="image",
    direction="read",
    dataset_size=10 * TB,
    dataset_source="assumption: the data set of the exercise",
    workloads=(RESNET50, UNET3D, COSMOFLOW, BERT),
    devices=(
        hardware.HDD,
        hardware.SATA_SSD,
        hardware.NVME_GEN4,
        hardware.NVME_GEN5,
        hardware.GP3,
        hardware.IO2,
        hardware.S3,
    ),
    access=AccessWords(
        situation="A node of eight GPUs trains on photographs of "
        f"{amount(RESNET50.sample_size)} each, one file per photograph, on a hard disk, with one "
        "reading worker. So far it reads them in the order in which they lie.",
        question="From tomorrow you shuffle the 10 TB data set anew each epoch, as good training "
        "wants. What will limit training?",
        options={
            "accelerator": "The GPUs: they compute longer than the disk reads",
            "iops": "Storage, by requests per second (IOPS)",
            "bandwidth": "Storage, by bytes per second (bandwidth)",
        },
        estimate="How many times slower than a plain scan of this disk will shuffled files "
        "be read?",
        orders={"sequential": "In order", "shuffled": "Shuffled"},
        formats={"raw": "Raw files", "tfrecord": "TFRecord", "webdataset": "WebDataset"},
        workers="Workers",
        buffer="Shuffle buffer",
        mixing="two consecutive images come from one shard, so the batch is less random",
        shard_sizes=(1 * MB, 4 * MB, 16 * MB, 64 * MB, 256 * MB, 1 * GB, 4 * GB),
        start={"device": "Hard disk", "workload": "Photographs (resnet50)"},
    ),
    pipeline=_CLOUD_PIPELINE,
    checkpoint=_CLOUD_CHECKPOINT,
)

_HDL = "HDL-64E lidar: about 1.3 million points a second, 10 Hz (secondary sources)"
_POINT = "16 B a point (x, y, z, intensity as 32-bit floats) is an assumption"
_POINTS = 1.3e6 / S
_PER_PACKET = 384
_LIDARS = 5
_LOOP = "the track's mission: a deterministic 10 ms loop"

_LIDAR_PACKETS = Workload(
    name="Lidar packets",
    accelerators=1,
    batch_size=round(_LIDARS * _POINTS * 10 * MS / _PER_PACKET),
    sample_size=_PER_PACKET * 16 * B,
    step_time=10 * MS,
    sources={
        "accelerators": "by design: one safety loop",
        "batch_size": f"derived: five lidars (assumption), {_HDL}, in one loop",
        "sample_size": f"assumption: 384 points a packet; {_POINT}",
        "step_time": _LOOP,
    },
)
_LIDAR_SLICES = Workload(
    name="Lidar slices of 10 ms",
    accelerators=1,
    batch_size=_LIDARS,
    sample_size=_POINTS * 10 * MS * 16 * B,
    step_time=10 * MS,
    sources={
        "accelerators": "by design: one safety loop",
        "batch_size": "assumption: five lidars",
        "sample_size": f"derived: {_HDL}; {_POINT}",
        "step_time": _LOOP,
    },
)
_CAMERAS = Workload(
    name="Raw camera frames",
    accelerators=1,
    batch_size=8,
    sample_size=1920 * 1080 * 3 * B,
    step_time=1 / 30 * S,
    sources={
        "accelerators": "by design: one recorder",
        "batch_size": "assumption: eight cameras",
        "sample_size": "derived: 1920 × 1080 pixels of 3 B",
        "step_time": "assumption: 30 frames a second",
    },
)
_MESSAGES = Workload(
    name="Bus messages",
    accelerators=1,
    batch_size=20,
    sample_size=64 * B,
    step_time=10 * MS,
    sources={
        "accelerators": "by design: one safety loop",
        "batch_size": "assumption: 2,000 messages a second",
        "sample_size": "assumption: 64 B, the payload of a CAN FD frame",
        "step_time": _LOOP,
    },
)

_MAP = 20 * MB
_HALF_SECOND = 0.5 * S * _LIDARS * _POINTS * 16 * B
_EDGE_STATE = "Map, tracks, last half second"
_EDGE_CHECKPOINT = CheckpointWords(
    situation="A month of driving, 720 h, has to be on record; what a crash of the recorder takes "
    "is driven again. At each flush four controllers each write the whole open state (map, "
    f"tracks, half a second of five lidars: {amount(_MAP + _HALF_SECOND)}) to one eMMC chip of "
    f"{amount(hardware.EMMC_WRITE.bandwidth, 'B/s')}, and the loop waits. The recorder crashes "
    "every 8 h on average and is back 1 min later. So far it flushes every 10 seconds.",
    question="From tomorrow it flushes every 10 minutes. Does that lengthen or shorten the "
    "one-month run?",
    options={
        "shorten": "Shorten it: the loop waits less often",
        "lengthen": "Lengthen it: each crash takes more of the record",
        "same": "Neither: the two cancel, to within 2 %",
    },
    estimate="How many times its 720 h will the run take when it flushes every 10 minutes?",
    habit=10 * S,
    asked=10 * MINUTE,
    work=30 * DAY,
    run="the month of driving",
    unit=("h", HOUR),
    state="What is flushed",
    states=(
        State(name="Map and tracks", size=_MAP, source="assumption: 20 MB"),
        State(
            name=_EDGE_STATE,
            size=_MAP + _HALF_SECOND,
            source=f"derived: five lidars (assumption), {_HDL}; {_POINT}",
        ),
    ),
    writer="controller",
    writers=4,
    writer_bandwidth=10 * Gbit / S,
    local="guarded memory",
    local_writers=1,
    local_bandwidth=hardware.MEMORY_COPY.bandwidth,
    store="Recorder's disk",
    stores=(
        hardware.SD_WRITE,
        hardware.EMMC_WRITE,
        hardware.SATA_SSD_WRITE,
        hardware.NVME_GEN4_WRITE,
    ),
    strategies={
        "replicated": "Every controller, a full copy",
        "single": "One controller, all of it",
        "sharded": "Every controller, its part",
        "local": "Memory first, drained later",
    },
    failure="crash",
    failures="crashes",
    intervals=_times(1 * S, 8 * HOUR),
    mtbf=8 * HOUR,
    later_mtbf=2 * HOUR,
    restart_time=1 * MINUTE,
    report="A bracket has come loose in this model year: the shaking makes the recorder crash four "
    "times as often. Recall is next spring. The disk takes the lidar stream as well: flush as "
    "often as you like, but leave the stream its share.",
    waits="the loop waits",
    currency="hours of driving",
    rate=1.0,
    limits={
        "goodput": Limit(value=0.99, why="assumption: what the fleet may drive in vain"),
        "excess": Limit(value=0.002, why="assumption: as near the optimum as is worth an argument"),
        "busy": Limit(value=0.05, why="assumption: the rest of the disk belongs to the stream"),
        "pause": Limit(value=5 * MS, why="assumption: the loop computes for 5 of its 10 ms"),
    },
    start={
        "interval": 10 * S,
        "strategy": "replicated",
        "state": _EDGE_STATE,
        "store": hardware.EMMC_WRITE.name,
    },
    sources={
        "work": _MONTH,
        "writers": "assumption: four controllers",
        "writer_bandwidth": "assumption: Ethernet of 10 Gbit/s",
        "local_bandwidth": hardware.MEMORY_COPY.sources["bandwidth"],
        "mtbf": "assumption: one crash in 8 h",
        "later_mtbf": "assumption: a quarter of it",
        "restart_time": "assumption: 1 min",
        "rate": "by definition: an hour is an hour",
    },
    caveat="Memory that is to outlive a crash needs a capacitor and a part of the system that "
    "drains it. The raw stream has a path of its own (Part 2): here only the open state is saved.",
)

_SHIFT, _PARKED = 1 * HOUR, 0.5 * HOUR
_STREAM_RATE = 5 * TB / HOUR
_BLACK_BOX = Workload(
    name="The whole lidar stream",
    accelerators=1,
    batch_size=1,
    sample_size=_STREAM_RATE * 10 * MS,
    step_time=10 * MS,
    sources={
        "accelerators": "by design: one safety loop",
        "batch_size": "by design: one record a loop",
        "sample_size": "derived: the story's 5 TB an hour, for one vehicle",
        "step_time": _LOOP,
    },
)
_TIDYING = "assumption: once a second the drive tidies up for 250 ms"
_STALLS = {"stalls": 0.01, "stall_time": 250 * MS}

_EDGE_PIPELINE = PipelineWords(
    situation=f"The safety loop hands over {amount(_BLACK_BOX.sample_size)} every 10 ms and never "
    "waits: what finds the ring full is dropped. A shift is an hour of driving, then half an hour "
    "at the depot, where an uplink of 1 Gbit/s empties the black box's 0.5 TB of NVMe before the "
    "next shift.",
    question="The uplink is the bottleneck. Will more local NVMe help?",
    options=_WILL_IT_HELP | {"always": "Yes, in every shift", "depends": "It depends on the shift"},
    estimate="As much NVMe as you like: how many times as much will be kept in the shift that "
    "gains most? (1 if none gains.)",
    tiers={
        "accelerator": "sensors",
        "memory": "ring",
        "disk": "NVMe",
        "link": "uplink",
        "store": "depot",
    },
    sliders={
        "buffer": Slider(
            title="Ring buffer in DRAM",
            short="ring",
            unit=GB,
            unit_name="GB",
            steps=(0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64),
            price=0.4,
            source=f"{_PRICE}: watts of DRAM a gigabyte",
        ),
        "link": Slider(
            title="Uplink at the depot",
            short="uplink",
            unit=Gbit / S,
            unit_name="Gbit/s",
            steps=(0.1, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25),
            price=2.0,
            source=f"{_PRICE}: watts of radio or wire a Gbit/s",
        ),
        "disk_bandwidth": Slider(
            title="NVMe bandwidth",
            short="NVMe rate",
            unit=GB / S,
            unit_name="GB/s",
            steps=(0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 5, 7),
            price=4.0,
            source=f"{_PRICE}: watts of drive a GB/s",
        ),
        "disk_size": Slider(
            title="NVMe capacity",
            short="NVMe size",
            unit=TB,
            unit_name="TB",
            steps=(0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15),
            price=1.0,
            source=f"{_PRICE}: watts of drive a terabyte",
        ),
    },
    policy="What the log keeps and uploads",
    policies={
        "all": Policy(label="Write all, upload all", **_STALLS),
        "marked": Policy(label="Write all, upload marked scenes", uploaded=0.2, **_STALLS),
        "scenes": Policy(label="Write marked scenes only", written=0.2, uploaded=0.2, **_STALLS),
    },
    workload=_BLACK_BOX,
    store_bandwidth=hardware.NVME_GEN4_WRITE.bandwidth,
    memory_bandwidth=hardware.DRAM_CHANNEL,
    epoch="shift",
    epochs=20,
    names=("First shift", "Later shifts"),
    notes=("the NVMe is empty", "the NVMe has only the room that uploading has made"),
    factor="times as much kept",
    run="20 shifts",
    busy="share of what the log is to keep that survives",
    starved="lose records",
    clocked=True,
    currency="W",
    budget=27,
    budget_source=_PRICE,
    promise="the 20 s before an event are always at hand",
    park_time=_PARKED,
    look_back=20 * S,
    start={
        "buffer": 0.5 * GB,
        "link": 1 * Gbit / S,
        "disk_bandwidth": 2 * GB / S,
        "disk_size": 0.5 * TB,
        "policy": "all",
    },
    sources={
        "store_bandwidth": "assumption: the depot takes what one good drive writes",
        "memory_bandwidth": "derived: one channel of DDR5-4800, 8 B at 4.8 GHz",
        "epochs": "assumption: 20 shifts",
        "park_time": "assumption: half an hour on the charger after each hour",
        "uploaded": "assumption: a fifth of the drive is marked as worth keeping",
        "stalls": _TIDYING,
        "look_back": "49 CFR 563 as amended (89 FR 102810): an event recorder keeps the 20 s "
        "before an event (through notes that cite it)",
    },
)

EDGE = Track(
    key="edge",
    name="Edge Guardian",
    persona="You lead the systems of an autonomous-vehicle fleet.",
    mission="Record what the car saw without ever holding up its deterministic 10 ms safety loop.",
    crisis="The black-box log: 10,000 vehicles, 5 TB of lidar an hour.",
    caveat="5 TB an hour for the whole fleet is "
    f"{amount(5 * TB / HOUR / 10_000, 'B/s')} a vehicle, which any phone could upload. For each "
    f"vehicle it is {amount(5 * TB / HOUR, 'B/s')}: only that reading is a crisis, and this "
    "track takes it.",
    accelerator="safety loop",
    sample="record",
    direction="write",
    dataset_size=5 * TB,
    dataset_source="the track's story: one hour of one vehicle",
    workloads=(_LIDAR_PACKETS, _LIDAR_SLICES, _CAMERAS, _MESSAGES),
    devices=(
        hardware.SD_WRITE,
        hardware.EMMC_WRITE,
        hardware.SATA_SSD_WRITE,
        hardware.NVME_GEN4_WRITE,
    ),
    access=AccessWords(
        situation="The recorder takes lidar packets of "
        f"{amount(_LIDAR_PACKETS.sample_size)}, writes each into a file of its own on an eMMC "
        "chip, one at a time: 1.04 MB in each loop of 10 ms. So far the packets arrive in the "
        "order in which their files lie.",
        question="From tomorrow the packets of five lidars arrive mixed, each for another place "
        "on the chip. What will limit the loop that waits for the recorder?",
        options={
            "accelerator": "The loop's own 10 ms: the recorder keeps up",
            "iops": "Storage, by requests per second (IOPS)",
            "bandwidth": "Storage, by bytes per second (bandwidth)",
        },
        estimate="How many times slower than plain writing in order will scattered files be here?",
        orders={"sequential": "In order", "shuffled": "Scattered"},
        formats={
            "raw": "A file a record",
            "tfrecord": "TFRecord container",
            "webdataset": "WebDataset tar",
        },
        workers="Writers",
        buffer="Interleaving buffer",
        mixing="two consecutive records lie in one segment, so one bad segment tears a longer hole",
        shard_sizes=(1 * MB, 4 * MB, 16 * MB, 64 * MB, 256 * MB, 1 * GB),
        start={"device": "eMMC 5.1", "workload": "Lidar packets"},
    ),
    pipeline=_EDGE_PIPELINE,
    checkpoint=_EDGE_CHECKPOINT,
)

_FRAME = 1 / 60 * S
_STREAMED = 40 * MB
_STREAM = "assumption: 40 MB of weights streamed for each frame"
_60FPS = "the track's mission: 60 frames a second"


def _weights(name, size, source):
    return Workload(
        name=name,
        accelerators=1,
        batch_size=round(_STREAMED / size),
        sample_size=size,
        step_time=_FRAME,
        sources={
            "accelerators": "by design: one NPU",
            "batch_size": f"derived: {_STREAM}",
            "sample_size": source,
            "step_time": _60FPS,
        },
    )


_ROWS = _weights("Weight rows of 4 KiB", 4 * KiB, "assumption: one quantized row of a matrix")
_BUNDLES = _weights(
    "Neuron bundles of 32 KiB",
    32 * KiB,
    "LLM in a flash, arXiv:2312.11514 (through a reprint): row and column of OPT-6.7B bundled",
)
_LAYERS = _weights("Whole matrices of 4 MB", 4 * MB, "assumption: one packed matrix")

_CONTEXT = 200 * MB
_MOBILE_STATE = "Dialogue and the model's context"
_MOBILE_CHECKPOINT = CheckpointWords(
    situation="A month of translating, eight hours a day, is 240 h of dialogue; what a kill takes "
    "has to be said again. At each save four services of the app each write the whole state (the "
    f"dialogue and the model's context: {amount(_CONTEXT)}) to flash of "
    f"{amount(hardware.UFS4_WRITE.bandwidth, 'B/s')}, and the picture stands still. When memory "
    "runs short the system kills the app, every 2 h on average; it is back 10 s later. So far it "
    "saves every 10 seconds.",
    question="From tomorrow it saves every 10 minutes. Does that lengthen or shorten the one-month "
    "run?",
    options={
        "shorten": "Shorten it: the picture stands still less often",
        "lengthen": "Lengthen it: each kill takes more of the dialogue",
        "same": "Neither: the two cancel, to within 2 %",
    },
    estimate="How many times its 240 h will the run take when it saves every 10 minutes?",
    habit=10 * S,
    asked=10 * MINUTE,
    work=30 * 8 * HOUR,
    run="the month of dialogue",
    unit=("h", HOUR),
    state="What is saved",
    states=(
        State(
            name="Dialogue alone",
            size=2 * MB,
            source="assumption: 2 MB of text and speakers; 20 s to read it into the model again",
            rebuilding=20 * S,
        ),
        State(
            name=_MOBILE_STATE,
            size=_CONTEXT,
            source="assumption: keys and values of a small translation model",
        ),
    ),
    writer="service",
    writers=4,
    writer_bandwidth=1 * GB / S,
    local="the system's page cache",
    local_writers=1,
    local_bandwidth=hardware.MEMORY_COPY.bandwidth,
    store="Flash",
    stores=(
        hardware.SD_WRITE,
        hardware.EMMC_WRITE,
        hardware.UFS31_WRITE,
        hardware.UFS4_WRITE,
    ),
    strategies={
        "replicated": "Every service, all of it",
        "single": "One service, all of it",
        "sharded": "Every service, its part",
        "local": "Page cache first, flash later",
    },
    failure="kill",
    failures="kills",
    intervals=_times(1 * S, 4 * HOUR),
    mtbf=2 * HOUR,
    later_mtbf=30 * MINUTE,
    restart_time=10 * S,
    report="The new system version is stricter: it kills the app four times as often. The flash "
    "streams weights for every frame as well: save as often as you like, but leave the frames "
    "their share.",
    waits="the picture stands still",
    currency="hours of dialogue",
    rate=1.0,
    limits={
        "goodput": Limit(value=0.99, why="assumption: what a wearer puts up with"),
        "excess": Limit(value=0.002, why="assumption: as near the optimum as is worth an argument"),
        "busy": Limit(value=0.05, why="assumption: the rest of the flash streams weights"),
        "pause": Limit(value=50 * MS, why="the track's story: a frame skip of 50 ms is seen"),
    },
    start={
        "interval": 10 * S,
        "strategy": "replicated",
        "state": _MOBILE_STATE,
        "store": hardware.UFS4_WRITE.name,
    },
    sources={
        "work": _MONTH,
        "writers": "assumption: four services",
        "writer_bandwidth": "assumption: what one thread turns into bytes",
        "local_bandwidth": hardware.MEMORY_COPY.sources["bandwidth"],
        "mtbf": "assumption: one kill in 2 h",
        "later_mtbf": "assumption: a quarter of it",
        "restart_time": "assumption: a cold start of 10 s",
        "rate": "by definition: an hour is an hour",
    },
    caveat="What a killed app has handed to the page cache outlives it, since the cache is the "
    "system's; it does not outlive an empty battery.",
)

_PASS = 100  # frames in which the whole model is read once
_GLANCE = Workload(
    name="Weights of a frame",
    accelerators=1,
    batch_size=1,
    sample_size=_STREAMED,
    step_time=_FRAME,
    sources={
        "accelerators": "by design: one NPU",
        "batch_size": "by design: one read-ahead of a frame's weights",
        "sample_size": _STREAM,
        "step_time": _60FPS,
    },
)
_GARBAGE = {"stalls": 1 / _PASS, "stall_time": 60 * MS, "longest_stall": 100 * MS}

_MOBILE_PIPELINE = PipelineWords(
    situation=f"One translation pass reads the model's {amount(4 * GB)} of weights once, in the "
    f"same order each time: {amount(_STREAMED)} for each frame of {duration(_FRAME)}. They lie in "
    "UFS flash, behind a link of 6 Gbit/s; a cache of 0.5 GB in DRAM keeps what was used last, and "
    "can be made as large as 3 GB.",
    question="The link from the flash is the bottleneck. Will a larger DRAM cache help?",
    options=_WILL_IT_HELP | {"always": "Yes, in every pass", "depends": "It depends on the pass"},
    estimate="With all 3 GB: how many times as fast will the pass be that gains most? "
    "(1 if none gains.)",
    tiers={
        "store": "flash",
        "link": "UFS link",
        "disk": "cache",
        "memory": "buffer",
        "accelerator": "NPU",
    },
    sliders={
        "buffer": Slider(
            title="Buffer ahead of the NPU",
            short="buffer",
            unit=MB,
            unit_name="MB",
            steps=(10, 20, 40, 60, 80, 120, 160, 240, 320, 480, 640),
            price=0.3,
            source=f"{_PRICE}: milliwatts of memory a megabyte",
        ),
        "link": Slider(
            title="UFS link",
            short="link",
            unit=Gbit / S,
            unit_name="Gbit/s",
            steps=(1.5, 3, 4, 6, 8, 10, 12, 15, 18, 20, 23.2, 30, 46.4),
            price=50,
            source="derived: 6 MB/s a milliampere of UFS 4.0 (press coverage of Samsung's part); "
            "2.5 V is an assumption",
        ),
        "disk_bandwidth": Slider(
            title="Cache bandwidth",
            short="cache rate",
            unit=GB / S,
            unit_name="GB/s",
            steps=(0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 8, 12, 20, 38),
            price=40,
            source=f"{_PRICE}: 5 pJ a bit",
        ),
        "disk_size": Slider(
            title="Cache size",
            short="cache size",
            unit=GB,
            unit_name="GB",
            steps=(0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3),
            price=150,
            source=f"{_PRICE}: milliwatts of memory a gigabyte, refresh included",
        ),
    },
    policy="What the cache keeps",
    policies={
        "lru": Policy(label="What was used last (LRU)", cache="lru_scan", **_GARBAGE),
        "pinned": Policy(label="A fixed part (pinned)", cache="pinned", **_GARBAGE),
    },
    workload=_GLANCE,
    store_bandwidth=hardware.UFS4.bandwidth,
    memory_bandwidth=hardware.DRAM_CHANNEL,
    epoch="pass",
    epochs=30,
    names=("First pass", "Later passes"),
    notes=("nothing is in the cache yet", "the cache serves what it has kept"),
    factor="times as fast",
    run="30 passes",
    busy="share of the frames that are in time",
    starved="skips frames",
    clocked=True,
    currency="mW",
    budget=1000,
    budget_source=_PRICE,
    promise="after the first pass no picture stands still for 50 ms",
    longest_gap=50 * MS,
    start={
        "buffer": 40 * MB,
        "link": 6 * Gbit / S,
        "disk_bandwidth": 1 * GB / S,
        "disk_size": 0.5 * GB,
        "policy": "lru",
    },
    sources={
        "store_bandwidth": hardware.UFS4.sources["bandwidth"],
        "memory_bandwidth": "derived: one channel of DDR5-4800, 8 B at 4.8 GHz",
        "epochs": "assumption: the wearer looks for 50 s",
        "stalls": "assumption: once a pass the flash tidies up for 60 ms, at worst for 100 ms",
        "longest_gap": "the track's story: a skip of 50 ms is seen",
    },
)

MOBILE = Track(
    key="mobile",
    name="Mobile Nomad",
    persona="You develop the translation app of a pair of AR glasses.",
    mission="Translate what the wearer sees at 60 frames a second.",
    crisis="The app-cache wall: memory is full, so weights stream from flash, and a frame skip of "
    "50 ms is seen.",
    caveat="The story gives the glasses 8 GB of memory. Shipping glasses of this class carry 2 to "
    "4 GB; 8 GB is a phone's.",
    accelerator="NPU",
    sample="piece of the weights",
    direction="read",
    dataset_size=4 * GB,
    dataset_source="assumption: the weights of a small translation model",
    workloads=(_ROWS, _BUNDLES, _LAYERS),
    devices=(hardware.UFS4, hardware.EMMC, hardware.SD),
    access=AccessWords(
        situation=f"Each frame needs {amount(_STREAMED)} of weights from UFS flash, in rows of "
        f"{amount(_ROWS.sample_size)}, each a file of the app's cache, one request at a time. So "
        "far the rows are wanted in the order in which they lie.",
        question="From tomorrow the model is sparse: which rows it wants depends on what the "
        "wearer sees. What will limit the frame rate?",
        options={
            "accelerator": "The NPU: it computes longer than the flash reads",
            "iops": "Storage, by requests per second (IOPS)",
            "bandwidth": "Storage, by bytes per second (bandwidth)",
        },
        estimate="How many times slower than a plain scan of this flash will scattered rows be "
        "here?",
        orders={"sequential": "In order", "shuffled": "Scattered"},
        formats={
            "raw": "A file a piece",
            "tfrecord": "TFRecord pack",
            "webdataset": "WebDataset tar",
        },
        workers="Requests in flight",
        buffer="Reorder buffer",
        mixing="two consecutive pieces come from one shard, so a second look would find it cached",
        shard_sizes=(256 * kB, 1 * MB, 4 * MB, 16 * MB, 64 * MB, 256 * MB),
        start={"device": "UFS 4.0", "workload": "Weight rows of 4 KiB"},
    ),
    pipeline=_MOBILE_PIPELINE,
    checkpoint=_MOBILE_CHECKPOINT,
)

_HOP = "the track's mission: an answer within 10 ms"
_MODEL = "assumption: 300 kB of weights for each 10 ms of sound"


def _reads(name, size, source):
    return Workload(
        name=name,
        accelerators=1,
        batch_size=round(300_000 / size),
        sample_size=size,
        step_time=10 * MS,
        sources={
            "accelerators": "by design: one DSP",
            "batch_size": f"derived: {_MODEL}",
            "sample_size": source,
            "step_time": _HOP,
        },
    )


_WORDS = _reads("Words of 4 B", 4 * B, "by design: a 32-bit execute-in-place read")
_LINES = _reads("Cache lines of 32 B", 32 * B, "assumption: the controller's cache line")
_PAGES = _reads("Pages of 256 B", 256 * B, "Winbond W25Q data sheet: the page")

_FILTER = hardware.NOR_SECTOR
_TINY_STATE = "Filter coefficients"
_TINY_CHECKPOINT = CheckpointWords(
    situation="A month of listening, eight hours a day, is 240 h in which the filter adapts to its "
    "wearer; what a brown-out takes is learnt again. At each save one task writes the coefficients "
    f"({amount(_FILTER)}) into NOR flash, which erases the old ones first, and adapting waits. The "
    "supply voltage gives way every 2 h on average; a restart takes 1 s. So far it saves every 10 "
    "seconds.",
    question="From tomorrow it saves every 10 minutes. Does that lengthen or shorten the one-month "
    "run?",
    options={
        "shorten": "Shorten it: adapting waits less often",
        "lengthen": "Lengthen it: each brown-out takes more of what was learnt",
        "same": "Neither: the two cancel, to within 2 %",
    },
    estimate="How many times its 240 h will the run take when it saves every 10 minutes?",
    habit=10 * S,
    asked=10 * MINUTE,
    work=30 * 8 * HOUR,
    run="the month of adapting",
    unit=("h", HOUR),
    state="What is saved",
    states=(
        State(name=_TINY_STATE, size=_FILTER, source="assumption: one sector"),
        State(
            name="Coefficients and the voice's profile",
            size=4 * _FILTER,
            source="assumption: four sectors",
        ),
    ),
    writer="task",
    writers=4,
    writer_bandwidth=hardware.QSPI_NOR.bandwidth,
    local="a journal of erased pages",
    local_writers=1,
    local_bandwidth=hardware.NOR_JOURNAL.bandwidth,
    store="Flash",
    stores=(hardware.NOR_LONGEST, hardware.NOR_TYPICAL, hardware.NOR_SUSPEND),
    strategies={
        "replicated": "Every task, all of it",
        "single": "One task, all of it",
        "sharded": "Every task, its part",
        "local": "Journal first, erased later",
    },
    failure="brown-out",
    failures="brown-outs",
    intervals=_times(1 * S, 4 * HOUR),
    mtbf=2 * HOUR,
    later_mtbf=30 * MINUTE,
    restart_time=1 * S,
    report="The new battery sags: the voltage gives way four times as often. The flash also holds "
    "the weights that the DSP reads, and it wears: save as often as you like, but mind its share, "
    "its life and the milliwatt.",
    waits="adapting waits",
    currency="hours of adapting",
    rate=1.0,
    limits={
        "goodput": Limit(value=0.985, why="assumption: what a wearer does not notice"),
        "excess": Limit(value=0.008, why="assumption: as near the optimum as wear permits"),
        "busy": Limit(value=0.01, why="assumption: the rest of the flash is read for weights"),
        "power": Limit(value=0.1e-3, why="assumption: a tenth of the track's 1 mW"),
        "life": Limit(value=4 * 365 * 8 * HOUR, why="assumption: four years, eight hours a day"),
    },
    start={
        "interval": 10 * S,
        "strategy": "single",
        "state": _TINY_STATE,
        "store": hardware.NOR_TYPICAL.name,
    },
    sources={
        "work": _MONTH,
        "writers": "assumption: four tasks of the filter",
        "writer_bandwidth": hardware.QSPI_NOR.sources["bandwidth"],
        "local_bandwidth": hardware.NOR_JOURNAL.sources["bandwidth"],
        "mtbf": "assumption: one brown-out in 2 h",
        "later_mtbf": "assumption: a quarter of it",
        "restart_time": "assumption: 1 s",
        "rate": "by definition: an hour is an hour",
        "wear_area": "assumption: 16 sectors in turn",
        "active_power": hardware.NOR_ACTIVE_POWER_SOURCE,
    },
    caveat="A brown-out in the middle of an erase leaves neither the old state nor the new one: "
    "two places in turn guard against it.",
    wear_area=16 * hardware.NOR_SECTOR,
    active_power=hardware.NOR_ACTIVE_POWER,
)

_SLICE = Workload(
    name="Weights of 10 ms",
    accelerators=1,
    batch_size=1,
    sample_size=30_000 * B,
    step_time=10 * MS,
    sources={
        "accelerators": "by design: one DSP",
        "batch_size": "by design: one read-ahead of 10 ms",
        "sample_size": "assumption: the network is cut into ten; a slice of it for each 10 ms",
        "step_time": _HOP,
    },
)
_SECOND, _MINUTE = 10 * MS / S, 10 * MS / MINUTE  # erases for each 10 ms
_BLOCKING = {"stall_time": 45 * MS, "longest_stall": 400 * MS}
_SUSPENDED = {"stall_time": 30 * US, "longest_stall": 30 * US}

_TINY_PIPELINE = PipelineWords(
    situation=f"The network of {amount(300_000)} has been cut up: each 10 ms of sound reads a "
    f"tenth of it, {amount(_SLICE.sample_size)}, so a pass takes 100 ms. It lies in NOR flash, "
    "behind a bus of 8 Mbit/s; 32 kB of SRAM, which can be made 256 kB, keep what was used last, "
    "and what they hold is gone whenever the hearable sleeps. Once a second it saves its state to "
    "the same flash, which erases a sector for it and answers nobody meanwhile.",
    question="The bus from the flash is the bottleneck. Will a larger SRAM cache help?",
    options=_WILL_IT_HELP | {"always": "Yes, in every pass", "depends": "It depends on the pass"},
    estimate="With all 256 kB: how many times as fast will the pass be that gains most? "
    "(1 if none gains.)",
    tiers={
        "store": "flash",
        "link": "bus",
        "disk": "SRAM cache",
        "memory": "ring",
        "accelerator": "DSP",
    },
    sliders={
        "buffer": Slider(
            title="Ring buffer",
            short="ring",
            unit=kB,
            unit_name="kB",
            steps=(2, 4, 8, 12, 16, 24, 32, 48, 64),
            price=1.0,
            source=f"{_PRICE}: microwatts of SRAM leakage a kilobyte",
        ),
        "link": Slider(
            title="Flash bus",
            short="bus",
            unit=Gbit / 1000 / S,
            unit_name="Mbit/s",
            steps=(2, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 133, 266, 532),
            price=75,
            source="derived: 40 mW while a bus of 532 Mbit/s reads (an assumption), so as much "
            "for each bit",
        ),
        "disk_bandwidth": Slider(
            title="SRAM bandwidth",
            short="SRAM rate",
            unit=MB / S,
            unit_name="MB/s",
            steps=(0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 8, 16, 32),
            price=20,
            source=f"{_PRICE}: microwatts a MB/s",
        ),
        "disk_size": Slider(
            title="SRAM cache",
            short="SRAM size",
            unit=kB,
            unit_name="kB",
            steps=(16, 32, 64, 96, 128, 160, 192, 224, 256),
            price=1.0,
            source=f"{_PRICE}: microwatts of SRAM leakage a kilobyte",
        ),
    },
    policy="Cache and state",
    policies={
        "lru": Policy(
            label="LRU; erase each second", cache="lru_scan", stalls=_SECOND, **_BLOCKING
        ),
        "pinned": Policy(label="Pinned; erase each second", stalls=_SECOND, **_BLOCKING),
        "suspended": Policy(
            label="Pinned; suspended erase each second", stalls=_SECOND, **_SUSPENDED
        ),
        "minute": Policy(label="Pinned; suspended erase each minute", stalls=_MINUTE, **_SUSPENDED),
    },
    workload=_SLICE,
    store_bandwidth=hardware.QSPI_NOR.bandwidth,
    memory_bandwidth=hardware.SRAM,
    epoch="pass",
    epochs=20,
    names=("First pass", "Later passes"),
    notes=("nothing is in the SRAM yet", "the SRAM serves what it has kept"),
    factor="times as fast",
    run="20 passes",
    busy="share of the 10 ms that are answered in time",
    starved="falls silent",
    clocked=True,
    currency="µW",
    budget=1000,
    budget_source="the track's mission: under 1 mW; here all of it goes to moving bytes",
    promise="even the longest erase leaves no gap, and the flash lasts two years",
    longest_gap=1 * US,
    log_size=1 * MiB,
    erase_cycles=100_000,
    least_life=2 * 365 * DAY,
    start={
        "buffer": 32 * kB,
        "link": 8 * Gbit / 1000 / S,
        "disk_bandwidth": 2 * MB / S,
        "disk_size": 32 * kB,
        "policy": "lru",
    },
    sources={
        "store_bandwidth": hardware.QSPI_NOR.sources["bandwidth"],
        "memory_bandwidth": "assumption: 32 bits at 100 MHz",
        "epochs": "assumption: the hearable wakes for 2 s at a time",
        "stall_time": "Winbond W25Q64JV data sheet: a 4 kB erase takes 45 ms, at most 400 ms",
        "suspended": "Puya PY25Q16 data sheet: suspended within 30 µs",
        "erase_cycles": "Winbond W25Q64JV data sheet: 100,000 erases a sector",
        "log_size": "assumption: the state wanders over 1 MiB",
        "least_life": "assumption: two years of wearing",
    },
)

TINY = Track(
    key="tiny",
    name="Tiny Pioneer",
    persona="You lead the firmware of a hearable that isolates one voice.",
    mission="Answer each 10 ms of sound within 10 ms, under 1 mW.",
    crisis="The circular buffer: 64 KB of audio and a flash whose latency jitters.",
    caveat="64 KB of 48 kHz, 16-bit sound is 0.68 s; 10 ms are "
    f"{number(48_000 * 2 * 10 * MS)} B of it. The buffer is not short of room: its enemy is a "
    "flash that blocks while it erases (Part 2).",
    accelerator="DSP",
    sample="read of the weights",
    direction="read",
    dataset_size=300_000 * B,
    dataset_source=_MODEL,
    workloads=(_WORDS, _LINES, _PAGES),
    devices=(hardware.QSPI_NOR, hardware.SD),
    access=AccessWords(
        situation=f"For each 10 ms of sound the DSP reads {amount(300_000)} of weights out of NOR "
        f"flash in single words of {amount(_WORDS.sample_size)}. So far it reads them in the order "
        "in which they lie.",
        question="From tomorrow the words it wants lie all over the chip. What will limit the "
        "answer within 10 ms?",
        options={
            "accelerator": "The DSP: it computes longer than the flash reads",
            "iops": "Storage, by requests per second (IOPS)",
            "bandwidth": "Storage, by bytes per second (bandwidth)",
        },
        estimate="How many times slower than a plain scan of this flash will scattered words be?",
        orders={"sequential": "In order", "shuffled": "Scattered"},
        formats={
            "raw": "Bare, as linked",
            "tfrecord": "TFRecord framing",
            "webdataset": "WebDataset tar",
        },
        workers="Requests in flight",
        buffer="Reorder buffer",
        mixing="two consecutive reads come from one shard, so a prefetched page serves both",
        shard_sizes=(1 * kB, 4 * kB, 16 * kB, 64 * kB),
        start={"device": "QSPI NOR", "workload": "Words of 4 B"},
    ),
    pipeline=_TINY_PIPELINE,
    checkpoint=_TINY_CHECKPOINT,
)

TRACKS = {track.key: track for track in (CLOUD, EDGE, MOBILE, TINY)}
