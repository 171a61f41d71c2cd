"""Each track is complete, says where its numbers come from, and fits the models it is for."""

import inspect
import json
import math
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from iowall import data, hardware, parts, scenarios
from iowall.models import access
from iowall.scenarios import TRACKS
from iowall.units import GB, MB
from tests.conftest import ROOT

EACH = pytest.mark.parametrize("track", TRACKS.values(), ids=TRACKS)
# The files as they were first written, and what tracks and catalogue were while they were Python.
# Tests of the readers are about these: nobody who changes a number of the book has to heed them.
FIRST = ROOT / "tests" / "data" / "first"
PYTHON = json.loads((FIRST / "python.json").read_text("utf-8"))
CATALOGUE = hardware.load(FIRST / "hardware.toml")
WORKLOADS = scenarios.load_workloads(FIRST / "workloads.toml")


def load(path):
    return scenarios.load(path, catalogue=CATALOGUE, workloads=WORKLOADS)


CLOUD = load(FIRST / "tracks" / "cloud.toml")


def plain(thing):
    """Dataclasses, mappings and tuples as dictionaries and lists."""
    if is_dataclass(thing):
        return {one.name: plain(getattr(thing, one.name)) for one in fields(thing)}
    if isinstance(thing, Mapping):
        return {key: plain(one) for key, one in thing.items()}
    return [plain(one) for one in thing] if isinstance(thing, tuple) else thing


def differences(before, now, path=""):
    """Where two differ: numbers by more than the last digits, texts by anything."""
    if isinstance(before, dict):
        for key, one in before.items():
            yield from differences(one, now[key], f"{path}.{key}")
    elif isinstance(before, list):
        if len(before) != len(now):
            yield path
        for place, (one, other) in enumerate(zip(before, now, strict=False)):
            yield from differences(one, other, f"{path}[{place}]")
    elif isinstance(before, str | bool):
        if before != now:
            yield path
    elif not math.isclose(before, now, rel_tol=1e-12):
        yield path


def taken(track, key):
    """The settings found on arrival as models take them; things by their names."""
    chosen = parts.values(parts.part(key).options(track), getattr(track, key).start)
    return {name: getattr(one, "name", one) for name, one in chosen.items()}


@pytest.mark.parametrize("key", PYTHON["tracks"])
def test_a_track_is_read_as_the_code_had_it(key):
    track = load(FIRST / "tracks" / f"{key}.toml")
    now = plain(track)
    for part in ("access", "pipeline", "checkpoint"):
        now[part]["start"] = taken(track, part)
    assert not list(differences(PYTHON["tracks"][key], now))


@pytest.mark.parametrize("name", PYTHON["hardware"])
def test_the_catalogue_is_read_as_the_code_had_it(name):
    before, key = PYTHON["hardware"][name], name.lower()
    if name in ("READERS", "WRITERS"):
        now = [
            one.upper() for one in CATALOGUE.devices if one.endswith("_write") == (name[0] == "W")
        ]
    elif name.endswith("_SOURCE"):
        now = CATALOGUE.constants[key.removesuffix("_source")].source
    elif isinstance(before, dict):
        now = plain({**CATALOGUE.devices, **CATALOGUE.stores}[key])
    else:
        now = CATALOGUE.constants[key].value
    assert not list(differences(before, now))


@EACH
def test_workloads_are_the_keywords_of_demand(track):
    names = set(inspect.signature(access.demand).parameters)
    for workload in track.workloads:
        assert set(workload.demand) == names
        assert set(workload.sources) == names


@EACH
def test_words_name_what_the_models_know(track):
    words = track.access
    assert tuple(words.orders) == access.ORDERS
    assert tuple(words.formats) == access.FILE_FORMATS
    assert set(words.options) == {"accelerator", "iops", "bandwidth"}


@EACH
def test_it_starts_from_what_it_has(track):
    assert track.access.start["device"] in [device.name for device in track.devices]
    assert track.access.start["workload"] in [workload.name for workload in track.workloads]
    for part in (track.access, track.pipeline, track.checkpoint):
        assert set(part.start) == set(part.controls)
        assert all(isinstance(name, str) for name in part.start.values())


@EACH
def test_nothing_said_before_the_lock_gives_the_answer(track):
    words = track.access
    said = " ".join([words.situation, words.question, words.estimate, track.mission, track.caveat])
    for giveaway in ("100 times", "slower by", "IOPS", "bottleneck"):
        assert giveaway not in said


@pytest.mark.parametrize(
    ("index", "rate"),
    # MLCommons Storage v1.0, one H100 at full utilization: batch x record / step, in GB/s. The
    # figures are those of the fact table, worked out by hand from the workload files.
    [(0, 0.2048), (1, 3.1771), (2, 0.8081)],
)
def test_mlperf_demand(index, rate):
    workload = TRACKS["cloud"].workloads[index]
    one = access.demand(**workload.demand | {"accelerators": 1})
    assert one / GB == pytest.approx(rate, rel=5e-4)


def test_both_readings_of_five_terabytes_an_hour():
    # 5 TB/h over 10,000 vehicles is 139 kB/s each; for each vehicle it is 1.39 GB/s.
    assert "139 kB/s" in TRACKS["edge"].caveat
    assert "1.39 GB/s" in TRACKS["edge"].caveat


def test_weights_of_a_frame():
    for workload in TRACKS["mobile"].workloads:
        assert workload.batch_size * workload.sample_size == pytest.approx(40 * MB, rel=0.06)


# Files that are changed by hand.


def changed(tmp_path, old, new, *, file="tracks/cloud.toml"):
    """A copy of a file in which one thing is different."""
    text = (FIRST / file).read_text("utf-8")
    assert text.count(old) >= 1, old
    path = tmp_path / Path(file).name
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def test_a_number_in_prose_follows_the_number(tmp_path):
    before = CLOUD.pipeline
    now = load(changed(tmp_path, 'link = "4 Gbit/s"', 'link = "5 Gbit/s"')).pipeline
    assert now.start["link"] == "5 Gbit/s"
    assert now.situation == before.situation.replace("4 Gbit/s", "5 Gbit/s") != before.situation


def test_what_follows_from_a_number_follows_it(tmp_path):
    now = load(changed(tmp_path, 'nodes = "1,024"', "nodes = 512"))
    before = CLOUD.checkpoint
    assert now.checkpoint.mtbf == pytest.approx(2 * before.mtbf)
    assert now.checkpoint.later_mtbf == pytest.approx(2 * before.later_mtbf)
    assert "512 nodes" in now.crisis and "7.21 h" in now.checkpoint.situation


def test_a_setting_may_be_written_in_other_units(tmp_path):
    path = changed(tmp_path, 'interval = "60 min"', 'interval = "1 h"')
    assert load(path).checkpoint.start["interval"] == "60 min"  # as the slider has it


def test_a_fifth_track_is_one_file(tmp_path):
    for path in (FIRST / "tracks").iterdir():
        shutil.copy(path, tmp_path)
    text = (FIRST / "tracks" / "cloud.toml").read_text("utf-8")
    text = text.replace("order = 1", "order = 2.5").replace("Cloud Titan", "Our Institute")
    (tmp_path / "ours.toml").write_text(text, "utf-8")
    tracks = scenarios.load_all(tmp_path)
    assert list(tracks) == ["cloud", "edge", "ours", "mobile", "tiny"]
    assert (tracks["ours"].key, tracks["ours"].name) == ("ours", "Our Institute")


TRACK_MISTAKES = {
    "no TOML": ('mission = "', "mission = Keep", "cloud.toml, line", "Invalid value"),
    "a key twice": (
        "order = 1\n",
        "order = 1\norder = 2\n",
        "cloud.toml, line",
        "each may stand once",
    ),
    "a table twice": ("[access.start]", "[access]", "cloud.toml, line", "each may stand once"),
    "a missing key": ("persona = ", "# persona = ", "persona", "is missing"),
    "a missing table": ("[access.start]", "[access.begin]", "access.start", "is missing"),
    "an unknown key": ("persona = ", "person = 1\npersona = ", "person", "persona, mission"),
    "an unknown table": ("[texts]", "[access.txts]", "access.txts", "situation, question"),
    "a part less": ("[numbers]", "[number]", "number", "it may be"),
    "a wrong type": ('sample = "image"', "sample = 3", "sample", "must be a text, not 3"),
    "no bool": ("clocked = false", 'clocked = "no"', "clocked", "true or false, not 'no'"),
    "no list": ('stores = ["fsx_small", ', 'stores = "x" # ', "stores", "must be a list"),
    "an empty list": (
        'goals = ["wall", "free", "bought"]',
        "goals = []",
        "access.goals",
        "one entry",
    ),
    "a short list": (
        'names = ["First epoch", ',
        "names = [",
        "pipeline.names",
        "a list of 2, not of 1",
    ),
    "no unit": (
        'dataset_size = "10 TB"',
        "dataset_size = 10",
        "dataset_size",
        "text with its unit",
    ),
    "a wrong unit": ('= "10 TB"', '= "10 TBB"', "dataset_size", "unknown unit 'TBB'"),
    "another dimension": (
        '= "10 TB"',
        '= "10 TB/s"',
        "dataset_size",
        "a rate of bytes, not a size",
    ),
    "a decimal comma": (
        '= "10 TB"',
        '= "1,5 TB"',
        "dataset_size",
        "comma that can be read in two ways",
    ),
    "a negative price": (
        "price = 0.4",
        "price = -0.4",
        "sliders.disk_size.price",
        "from 0, not -0.4",
    ),
    "half a node": (
        'nodes = "1,024"',
        "nodes = 10.5",
        "checkpoint.writers",
        "whole number, not 10.5",
    ),
    "a wrong slider unit": ('unit_name = "TB"', 'unit_name = "Tb"', "disk_size.unit_name", "'Tb'"),
    "a value and a formula": (
        "mtbf.formula",
        "mtbf.value = 1\nmtbf.formula",
        "mtbf",
        "one of value",
    ),
    "an unknown formula": (
        '"node_days / ',
        '"days / ',
        "checkpoint.mtbf.formula",
        "must be one of",
    ),
    "another formula": (
        'formula = "node_days / failures / nodes"\nmtbf.node_days = "1,000"',
        'formula = "count x each"\nmtbf.count = 2\nmtbf.each = "4 B"',
        "mtbf.each",
        "a size, not a time",
    ),
    "a formula that goes round": (
        'each = "mtbf"',
        'each = "later_mtbf"',
        "mtbf",
        "made from itself",
    ),
    "an input too much": (
        "mtbf.node_days",
        "mtbf.weeks = 3\nmtbf.node_days",
        "mtbf.weeks",
        "unknown",
    ),
    "zero below": (
        'failures = "6.50"',
        "failures = 0",
        "checkpoint.mtbf.formula",
        "divides by zero",
    ),
    "an unknown number": (
        'as = "dram_channel"',
        'as = "dram"',
        "memory_bandwidth.as",
        "dram_channel",
    ),
    "another's number": (
        'as = "s3.bandwidth"',
        'as = "s3.latency"',
        "store_bandwidth.as",
        "a time",
    ),
    "an unknown device": (
        '"hdd", ',
        '"hd", ',
        "devices",
        "cannot be 'hd'; it may be hdd, sata_ssd",
    ),
    "an unknown store": ('"fsx_small"', '"fsx"', "checkpoint.stores", "it may be hdd"),
    "an unknown workload": (
        'workload = "resnet50"',
        'workload = "x"',
        "workload",
        "may be resnet50",
    ),
    "an unknown goal": ('"free", ', '"freee", ', "access.goals[2]", "it may be wall, free, bought"),
    "an unknown control": (
        '["interval", ',
        '["tau", ',
        "controls[1]",
        "it may be interval, strategy",
    ),
    "an unknown answer": (
        "options.iops",
        "options.iop",
        "access.options.iop",
        "may be accelerator",
    ),
    "an answer less": ("options.never", "# ", "pipeline.options.never", "must have always, never"),
    "an unknown cache": ('cache = "random"', 'cache = "lru"', "policies.random.cache", "lru_scan"),
    "an unknown limit": (
        "[checkpoint.limits.busy]",
        "[checkpoint.limits.idle]",
        "limits.idle",
        "busy",
    ),
    "a slider less": (
        "[pipeline.sliders.disk_size]",
        "[pipeline.sliders.size]",
        "pipeline.sliders.size",
        "it may be buffer, link, disk_bandwidth, disk_size",
    ),
    "an unknown placeholder": (
        "{work}",
        "{wrok}",
        "checkpoint.situation",
        "unknown {wrok}; it may be",
    ),
    "a start that is not there": (
        'link = "4 Gbit/s"',
        'link = "7 Gbit/s"',
        "start.link",
        "4 Gbit/s, 5",
    ),
    "a start of another kind": (
        '"Hard disk"',
        '"Floppy"',
        "access.start.device",
        "it may be Hard disk",
    ),
    "a start without a control": ('workers = "1"', "", "access.start.workers", "is missing"),
    "a published name again": (
        "[access]",
        "[workload.bert]\n[access]",
        "workload.bert",
        "another key",
    ),
    "no source": (
        'epochs.value = 20\nepochs.source = "assumption: {epochs} epochs"',
        "epochs = 20",
        "pipeline.epochs",
        "has no source; write epochs.value and epochs.source",
    ),
}


@pytest.mark.parametrize("mistake", TRACK_MISTAKES)
def test_a_mistake_in_a_track_gets_one_sentence(mistake, tmp_path):
    old, new, key, allowed = TRACK_MISTAKES[mistake]
    with pytest.raises(ValueError) as caught:
        load(changed(tmp_path, old, new))
    one_sentence(caught.value, "cloud.toml", key, allowed)


HARDWARE_MISTAKES = {
    "no unit": ('"275 MB/s"', "275", "device.hdd.bandwidth.value", "text with its unit"),
    "an unknown kind": ('kind = "block"', 'kind = "blok"', "device.hdd.kind", "block, flash_card"),
    "an unknown key": ("name = ", "nmae = ", "device.hdd.nmae", "it may be name, latency"),
    "no number": ("iops_limit.value", "iops_limit.valu", "device.hdd.iops_limit", "one of value"),
    "an unknown table": (
        "\n[documents]",
        "\n[papers]",
        "papers",
        "it may be documents, kind, device",
    ),
    "a store like a device": ("[store.tectonic]", "[store.s3]", "store.s3", "is a device's key"),
    "a point of nothing": ('throughput = "15 MB/s"', "", "device.hdd.points", "is missing"),
}


@pytest.mark.parametrize("mistake", HARDWARE_MISTAKES)
def test_a_mistake_in_the_catalogue_gets_one_sentence(mistake, tmp_path):
    old, new, key, allowed = HARDWARE_MISTAKES[mistake]
    with pytest.raises(ValueError) as caught:
        hardware.load(changed(tmp_path, old, new, file="hardware.toml"))
    one_sentence(caught.value, "hardware.toml", key, allowed)


def one_sentence(error, file, key, allowed):
    said = str(error)
    assert said.startswith(file) and key in said and allowed in said
    assert said.endswith(".") and "\n" not in said


def leaves(content):
    """Each table or list of a file with each of its keys."""
    for key in content if isinstance(content, dict) else range(len(content)):
        yield content, key
        if isinstance(content[key], dict | list):
            yield from leaves(content[key])


@pytest.mark.parametrize("odd", [3, "{x}", [[]], {"x": {}}], ids=repr)
@pytest.mark.parametrize("file", ["hardware.toml", "tracks/tiny.toml"])
def test_whatever_a_key_holds_the_worst_is_one_sentence(file, odd, monkeypatch):
    content = tomllib.loads((FIRST / file).read_text("utf-8"))
    monkeypatch.setattr(data, "read", lambda path: data.Table(deepcopy(content), Path(path).name))
    read, refused = (hardware.load if file == "hardware.toml" else load), 0
    for holder, key in list(leaves(content)):
        was, holder[key] = holder[key], odd
        try:
            read(Path(file))
        except ValueError as error:
            refused += 1
            one_sentence(error, Path(file).name, "", "")
        holder[key] = was
    assert refused > 60
    read(Path(file))  # all is as it was


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / "ours.toml").write_bytes(b"name = \xff")
    with pytest.raises(ValueError, match=r"^ours\.toml: is no text in UTF-8"):
        scenarios.load(tmp_path / "ours.toml")


def test_formulas_say_what_they_make_and_from_what():
    for formula in data.FORMULAS.values():
        assert formula.__doc__ and "return" in formula.__annotations__
        assert set(formula.__annotations__) - {"return"} == set(
            inspect.signature(formula).parameters
        )


def test_the_files_are_read_out_of_an_archive(tmp_path):
    """As in a browser, which imports the package from one."""
    with zipfile.ZipFile(tmp_path / "iowall.zip", "w") as archive:
        for path in (ROOT / "iowall").rglob("*"):
            if path.suffix in (".py", ".toml"):
                archive.write(path, path.relative_to(ROOT))
    code = "import sys; sys.path.insert(0, 'iowall.zip'); import iowall.scenarios as scenarios; "
    code += "assert '.zip' in scenarios.__file__; print(*scenarios.TRACKS)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert run.stdout.split() == list(TRACKS)
