"""The four tracks: one scenario each, in numbers that the models take and in its own words.

A number's source stands beside it; "assumption:" marks what is chosen for teaching. `caveat` says
what is wrong or ambiguous in the way the story is usually told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from iowall import hardware
from iowall.units import GB, HOUR, MB, MS, TB, B, KiB, S, amount, kB, number


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
    orders: Mapping[str, str]
    formats: Mapping[str, str]
    workers: str
    buffer: str
    mixing: str  # what the chance of two neighbours from one shard means here
    shard_sizes: tuple[float, ...]  # [B] what the slider offers, an assumption
    start: Mapping[str, object]  # the settings found on arrival


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
        "chip, one at a time. So far the packets arrive in the order in which their files lie.",
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


_ROWS = _weights("Weight rows of 4 KiB", 4 * KiB, "assumption: one quantised row of a matrix")
_BUNDLES = _weights(
    "Neuron bundles of 32 KiB",
    32 * KiB,
    "LLM in a flash, arXiv:2312.11514 (through a reprint): row and column of OPT-6.7B bundled",
)
_LAYERS = _weights("Whole matrices of 4 MB", 4 * MB, "assumption: one packed matrix")

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
)

TRACKS = {track.key: track for track in (CLOUD, EDGE, MOBILE, TINY)}
