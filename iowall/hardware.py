"""The catalogue: what storage devices can do, each number once, with its source.

The numbers stand in `data/hardware.toml`, which says how to change one. A source that begins with
"assumption:" marks a number chosen for teaching. Data-sheet numbers are what the maker promises in
the best case, so a model that uses them gives a bound.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from iowall import data
from iowall.data import Number
from iowall.units import Frequency, MiB, Plain, Rate, Size, Time


@dataclass(frozen=True, kw_only=True)
class Point:
    """A published or measured throughput of random requests of one size."""

    request_size: Size
    throughput: Rate
    source: str


@dataclass(frozen=True, kw_only=True)
class Device:
    """What a storage device, a cloud volume or an object store gives one client."""

    name: str
    latency: Time  # one random request, alone
    iops_limit: Frequency  # random requests, however many are in flight
    bandwidth: Rate  # large sequential requests
    read_size: Size = 1 * MiB  # one request of a sequential stream
    sequential_latency: Time = 0.0  # what each request of a sequential stream waits
    metadata_requests: Plain = 1.0  # extra small requests to open one file
    connection_bandwidth: Rate = math.inf  # one request, or one connection to a store
    read_bandwidth: Rate = 0.0  # of one that is written to; 0 if it reads as fast as it writes
    arms: Plain = 0.0  # that each serve one request at a time, nearest first
    metered: bool = False  # its limits are counted by a service, not made by a queue
    points: tuple[Point, ...] = ()  # to be seen beside the model's curve; no model uses them
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> dict[str, float]:
        """What `models.access` wants to know of a device that serves positioned requests."""
        names = ("latency", "iops_limit", "bandwidth", "connection_bandwidth", "arms", "metered")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, kw_only=True)
class Store:
    """Where checkpoints go: what it takes from all its writers together."""

    name: str
    bandwidth: Rate
    read_bandwidth: Rate = 0.0  # what it gives all its readers; 0 if as much as it takes
    sources: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The whole of a catalogue's file, by its keys."""

    devices: Mapping[str, Device]
    stores: Mapping[str, Store]
    constants: Mapping[str, Number]

    @property
    def names(self) -> dict[str, Number]:
        """What the files of the tracks can name: constants, and the numbers of all that is here."""
        things = {**self.devices, **self.stores}
        return dict(self.constants) | {
            f"{key}.{name}": number
            for key, thing in things.items()
            for name, number in data.numbers(thing).items()
        }


def load(path: Path | None = None) -> Catalogue:
    """Read a catalogue; `ValueError` of one sentence if its file is wrong."""
    table = data.read(path or data.FOLDER / "hardware.toml")
    table.only("documents", "kind", "device", "store", "constant")
    table.name_texts("documents")
    constants = table.name_numbers("constant", sourced=True)
    kinds = {key: inner.content for key, inner in table.inners("kind").items()}
    devices = {}
    for key, inner in table.inners("device").items():
        if "kind" in inner.content:
            inner.content = inner.one("kind", inner.take("kind"), kinds) | inner.content
        devices[key] = data.build(Device, inner)
    stores = {key: data.build(Store, inner) for key, inner in table.inners("store").items()}
    for key in set(devices) & set(stores):
        table.fail(f"store.{key}", "is a device's key as well; give it another")
    return Catalogue(devices=devices, stores=stores, constants=constants)


def array(device: Device, drives: int) -> Device:
    """Several equal drives as one device, on which requests fall at random: RAID 0, a cluster.

    >>> twelve = array(HDD, 12)
    >>> twelve.name, twelve.arms, f"{twelve.bandwidth / 1e9:.1f} GB/s"
    ('12 × Hard disk', 12, '3.3 GB/s')
    """
    if drives != int(drives) or drives < 1:
        raise ValueError(f"drives must be a whole number, at least 1, got {drives}")
    several = {name: drives * getattr(device, name) for name in ("iops_limit", "bandwidth", "arms")}
    sources = {
        name: f"derived: {drives} of them; {device.sources.get(name, '')}" for name in several
    }
    return replace(
        device,
        name=f"{drives} × {device.name}",
        points=(),
        sources={**device.sources, **sources},
        **several,
    )


CATALOGUE = load()
DEVICES, STORES, CONSTANTS = CATALOGUE.devices, CATALOGUE.stores, CATALOGUE.constants

# Those that pages, figures and labs name.
HDD, SATA_SSD, S3 = DEVICES["hdd"], DEVICES["sata_ssd"], DEVICES["s3"]
NVME_GEN4, NVME_GEN5 = DEVICES["nvme_gen4"], DEVICES["nvme_gen5"]
GP3, IO2 = DEVICES["gp3"], DEVICES["io2"]
UFS4, EMMC_WRITE, QSPI_NOR = DEVICES["ufs4"], DEVICES["emmc_write"], DEVICES["qspi_nor"]
FSX_LARGE = STORES["fsx_large"]
NOR_SECTOR, NOR_ERASE_CYCLES = (CONSTANTS[key].value for key in ("nor_sector", "nor_erase_cycles"))

WRITERS = tuple(device for key, device in DEVICES.items() if key.endswith("_write"))
READERS = tuple(device for key, device in DEVICES.items() if not key.endswith("_write"))
