"""The catalogue: what storage devices can do, each number once, with its source.

A source that begins with "assumption:" marks a number chosen for teaching. Data-sheet numbers are
what the maker promises in the best case, so a model that uses them gives a bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from iowall.units import GB, MB, MS, NS, US, B, Gbit, KiB, MiB, S, kB

_READER = "assumption: what a good sequential reader asks for at a time"
_OPEN = "assumption: opening a file not seen before reads one block of metadata"
_NO_FILES = "by design: no file system; the address names the data"
_READAHEAD = "by design: the system reads ahead, so a sequential stream does not wait"


@dataclass(frozen=True, kw_only=True)
class Point:
    """A published or measured throughput of random requests of one size."""

    request_size: float  # [B]
    throughput: float  # [B/s]
    source: str


@dataclass(frozen=True, kw_only=True)
class Device:
    """What a storage device, a cloud volume or an object store gives one client."""

    name: str
    latency: float  # [s] one random request, alone
    iops_limit: float  # [1/s] random requests, however many are in flight
    bandwidth: float  # [B/s] large sequential requests
    read_size: float = 1 * MiB  # [B] one request of a sequential stream
    sequential_latency: float = 0.0  # [s] what each request of a sequential stream waits
    metadata_requests: float = 1.0  # [-] extra small requests to open one file
    points: tuple[Point, ...] = ()  # to be seen beside the model's curve; no model uses them
    sources: Mapping[str, str] = field(default_factory=dict)


_BLOCK = {
    "read_size": _READER,
    "sequential_latency": _READAHEAD,
    "metadata_requests": _OPEN,
}

_COORDL = (
    "Mohan et al. (CoorDL), PVLDB 14(5), 2021, doi:10.14778/3446095.3446100, table 3: random reads "
    "of image files, drawn here at 115 kB"
)

_EXOS_M = "Seagate Exos M ST30000NM004K specification, as reproduced in a press review"
HDD = Device(
    name="Hard disk",
    latency=8.5 * MS + 60 / 7200 / 2,
    iops_limit=170,
    bandwidth=275 * MB / S,
    points=tuple(
        Point(request_size=115 * kB, throughput=rate * MB / S, source=_COORDL) for rate in (15, 50)
    ),
    sources=_BLOCK
    | {
        "latency": f"seek 8.5 ms is an assumption; half a turn at 7200 rpm (4.17 ms): {_EXOS_M}",
        "iops_limit": f"{_EXOS_M}: 4 KiB random read at queue depth 16",
        "bandwidth": f"{_EXOS_M}: outer diameter",
    },
)

_EVO = "Samsung 870 EVO data sheet, as reproduced in press reviews"
SATA_SSD = Device(
    name="SATA SSD",
    latency=1 / 13_000,
    iops_limit=98_000,
    bandwidth=560 * MB / S,
    points=(Point(request_size=115 * kB, throughput=530 * MB / S, source=_COORDL),),
    sources=_BLOCK
    | {
        "latency": f"{_EVO}: 13,000 random reads a second at queue depth 1",
        "iops_limit": f"{_EVO}: 4 KiB random read at queue depth 32",
        "bandwidth": f"{_EVO}: sequential read",
    },
)
SATA_SSD_WRITE = Device(
    name="SATA SSD",
    latency=1 / 36_000,
    iops_limit=88_000,
    bandwidth=530 * MB / S,
    sources=_BLOCK
    | {
        "latency": f"{_EVO}: 36,000 random writes a second at queue depth 1",
        "iops_limit": f"{_EVO}: 4 KiB random write at queue depth 32",
        "bandwidth": f"{_EVO}: sequential write",
    },
)

_9400 = "Micron 9400 (7.68 TB), system description in mlcommons/storage_results_v1.0"
NVME_GEN4 = Device(
    name="NVMe Gen4",
    latency=80 * US,
    iops_limit=1.6e6,
    bandwidth=7.0 * GB / S,
    sources=_BLOCK
    | {
        "latency": "assumption: between the 60 µs of Micron's 9550 and the 92 µs of its 9200",
        "iops_limit": f"{_9400}: random read",
        "bandwidth": f"{_9400}: sequential read",
    },
)
NVME_GEN4_WRITE = Device(
    name="NVMe Gen4",
    latency=20 * US,
    iops_limit=0.6e6,
    bandwidth=7.0 * GB / S,
    sources=_BLOCK
    | {
        "latency": "assumption: between the 15 µs of Micron's 9550 and the 21 µs of its 9200",
        "iops_limit": f"{_9400}: random write",
        "bandwidth": f"{_9400}: sequential write",
    },
)

_9550 = "Micron 9550 MAX data sheet, as reproduced by StorageReview"
NVME_GEN5 = Device(
    name="NVMe Gen5",
    latency=60 * US,
    iops_limit=3.3e6,
    bandwidth=14.0 * GB / S,
    sources=_BLOCK
    | {
        "latency": f"{_9550}: typical read",
        "iops_limit": f"{_9550}: 4 KiB random read",
        "bandwidth": f"{_9550}: sequential read",
    },
)

_EBS = "AWS documentation, Amazon EBS volume types (2026)"


def _crossover(size, rate):
    return Point(request_size=size, throughput=rate, source=f"{_EBS}: published crossover size")


GP3 = Device(
    name="EBS gp3",
    latency=1 * MS,
    iops_limit=80_000,
    bandwidth=2_000 * MiB / S,
    points=(_crossover(25.6 * KiB, 2_000 * MiB / S),),
    sources=_BLOCK
    | {
        "latency": "assumption: the low end of single-digit milliseconds",
        "iops_limit": f"{_EBS}: the most one volume can be given",
        "bandwidth": f"{_EBS}: the most one volume can be given",
    },
)
IO2 = Device(
    name="EBS io2",
    latency=500 * US,
    iops_limit=256_000,
    bandwidth=4_000 * MiB / S,
    points=(_crossover(16 * KiB, 4_000 * MiB / S),),
    sources=_BLOCK
    | {
        "latency": "AWS documentation, io2 Block Express: average below 500 µs at 16 KiB",
        "iops_limit": f"{_EBS}: the most one volume can be given",
        "bandwidth": f"{_EBS}: the most one volume can be given",
    },
)

_S3 = "AWS documentation, Amazon S3 performance guidelines (2021)"
S3 = Device(
    name="S3",
    latency=150 * MS,
    iops_limit=5_500,
    bandwidth=100 * Gbit / S,
    read_size=8 * MB,
    sequential_latency=150 * MS,
    metadata_requests=0.0,
    sources={
        "latency": f"{_S3}: roughly 100 to 200 ms for small objects and first bytes; the middle",
        "iops_limit": f"{_S3}: at least 5,500 GET/HEAD a second for each prefix",
        "bandwidth": f"{_S3}: up to 100 Gbit/s for a single instance",
        "read_size": f"{_S3}: byte ranges of 8 to 16 MB; the low end",
        "sequential_latency": "by design: each byte range is a request of its own",
        "metadata_requests": _NO_FILES,
    },
)

_PI2 = "PowerInfer-2, arXiv:2406.06282, section 2 (read through a summary)"
UFS4 = Device(
    name="UFS 4.0",
    latency=100 * US,
    iops_limit=450 * MB / (4 * KiB),
    bandwidth=4.0 * GB / S,
    read_size=512 * KiB,
    points=(
        Point(request_size=4 * KiB, throughput=450 * MB / S, source=f"{_PI2}: random 4 KiB"),
        Point(request_size=512 * KiB, throughput=3.5 * GB / S, source=f"{_PI2}: random 512 KiB"),
    ),
    sources=_BLOCK
    | {
        "latency": "assumption: of the order of a good SSD's",
        "iops_limit": f"{_PI2}: 450 MB/s in random 4 KiB reads",
        "bandwidth": f"{_PI2}: sequential reads of 512 KiB",
        "read_size": f"{_PI2}: the block of its sequential measurement",
    },
)

_EMMC = "Samsung announcement of its 64 GB eMMC 5.1 (2015), as reproduced in the press"
EMMC = Device(
    name="eMMC 5.1",
    latency=200 * US,
    iops_limit=11_000,
    bandwidth=250 * MB / S,
    read_size=512 * KiB,
    sources=_BLOCK
    | {
        "latency": "assumption: twice that of UFS",
        "iops_limit": f"{_EMMC}: random read",
        "bandwidth": f"{_EMMC}: sequential read",
    },
)
EMMC_WRITE = Device(
    name="eMMC 5.1",
    latency=200 * US,
    iops_limit=13_000,
    bandwidth=125 * MB / S,
    read_size=512 * KiB,
    sources=_BLOCK
    | {
        "latency": "assumption: as for reading",
        "iops_limit": f"{_EMMC}: random write",
        "bandwidth": f"{_EMMC}: sequential write",
    },
)

_A1 = "SD Association, Application Performance Class 1 (A1): the least a card must do"
_NO_QUEUE = "derived: A1 cards have no command queue, so one request takes 1/IOPS"
SD = Device(
    name="SD card",
    latency=1 / 1_500,
    iops_limit=1_500,
    bandwidth=104 * MB / S,
    read_size=512 * KiB,
    sources=_BLOCK
    | {
        "latency": _NO_QUEUE,
        "iops_limit": _A1,
        "bandwidth": "SD UHS-I bus, SDR104: a ceiling that cards approach when reading",
    },
)
SD_WRITE = Device(
    name="SD card",
    latency=1 / 500,
    iops_limit=500,
    bandwidth=60 * MB / S,
    read_size=512 * KiB,
    sources=_BLOCK
    | {
        "latency": _NO_QUEUE,
        "iops_limit": _A1,
        "bandwidth": "typical UHS-I card in vendors' catalogues (a weak source)",
    },
)

_XIP = "Microchip note on execute-in-place: about 80 core clocks for a random 32-bit read at a \
quarter-speed bus, that is 20 bus clocks; at 133 MHz"
QSPI_NOR = Device(
    name="QSPI NOR",
    latency=150 * NS,
    iops_limit=1 / (150 * NS),
    bandwidth=66.5 * MB / S,
    read_size=256 * B,
    metadata_requests=0.0,
    sources={
        "latency": f"derived: {_XIP}",
        "iops_limit": "derived: the bus serves one request at a time",
        "bandwidth": "derived: Winbond W25Q64JV, four data lines at 133 MHz",
        "read_size": "assumption: a burst of one page",
        "sequential_latency": "by design: within a burst the next byte needs no new address",
        "metadata_requests": _NO_FILES,
    },
)


@dataclass(frozen=True, kw_only=True)
class Store:
    """Where checkpoints go: what it takes from all its writers together."""

    name: str
    bandwidth: float  # [B/s]
    sources: Mapping[str, str]


def _fsx(size):
    """FSx for Lustre with so many TiB, at 1000 MB/s for each of them."""
    return Store(
        name=f"Lustre volume of {size} TiB",
        bandwidth=size * 1000 * MB / S,
        sources={"bandwidth": "derived: AWS documentation, FSx for Lustre: 1000 MB/s per TiB"},
    )


FSX_SMALL, FSX_LARGE = _fsx(10), _fsx(100)
TECTONIC = Store(
    name="Tectonic, as for Llama 3",
    bandwidth=2_000 * GB / S,
    sources={"bandwidth": "The Llama 3 Herd of Models, arXiv:2407.21783, 3.3.1: sustained"},
)

_UFS = "Samsung announcements of UFS, as reproduced in the press: sequential write"
UFS4_WRITE = Store(name="UFS 4.0", bandwidth=2_800 * MB / S, sources={"bandwidth": _UFS})
UFS31_WRITE = Store(name="UFS 3.1", bandwidth=1_200 * MB / S, sources={"bandwidth": _UFS})

NOR_SECTOR, NOR_PAGE = 4 * KiB, 256 * B  # what is erased and what is written at a time
NOR_ERASE_CYCLES = 100_000  # Winbond W25Q64JV data sheet
NOR_ACTIVE_POWER = 36e-3  # [W]
NOR_ACTIVE_POWER_SOURCE = "assumption: 20 mA at 1.8 V while it writes or erases"
NOR_JOURNAL = Store(
    name="Erased pages",
    bandwidth=NOR_PAGE / (0.8 * MS),
    sources={"bandwidth": "derived: Winbond W25Q64JV data sheet, 0.8 ms to write a page"},
)


def _nor(name, *, erase, write, source):
    """A sector is erased and then written page by page."""
    time = erase + NOR_SECTOR / NOR_PAGE * write
    return Store(
        name=name,
        bandwidth=NOR_SECTOR / time,
        sources={"bandwidth": f"derived: {source}, erase of a sector and write of its pages"},
    )


NOR_TYPICAL = _nor(
    "NOR flash, typical",
    erase=45 * MS,
    write=0.8 * MS,
    source="Winbond W25Q64JV data sheet, typical",
)
NOR_LONGEST = _nor(
    "NOR flash, at its slowest",
    erase=400 * MS,
    write=3 * MS,
    source="Winbond W25Q64JV data sheet, longest",
)
NOR_SUSPEND = _nor(
    "NOR flash PY25Q16",
    erase=40 * MS,
    write=0.4 * MS,
    source="Puya PY25Q16 data sheet, as entered in a driver's source, typical",
)

MEMORY_COPY = Store(
    name="Memory",
    bandwidth=19.2 * GB / S,
    sources={
        "bandwidth": "derived: one DDR5-4800 channel of 8 B, halved because a copy reads and writes"
    },
)

DRAM_CHANNEL = 38.4 * GB / S  # derived: one channel of DDR5-4800, 8 B at 4.8 GHz
SRAM = 400 * MB / S  # assumption: 32 bits at 100 MHz

READERS = (HDD, SATA_SSD, NVME_GEN4, NVME_GEN5, GP3, IO2, S3, UFS4, EMMC, SD, QSPI_NOR)
WRITERS = (SATA_SSD_WRITE, NVME_GEN4_WRITE, EMMC_WRITE, SD_WRITE)
