"""Files that are damaged, foreign or malicious: refused in one sentence, or opened by every lab."""

import json
import re
from datetime import UTC, datetime

import ipywidgets as widgets
import pytest

from iowall import fio, ledger
from iowall.labs import open_lab
from iowall.scenarios import TRACKS
from tests import wasm, work
from tests.bench.fuzz import is_sentence
from tests.conftest import ROOT

EVIL = "</p></style></textarea><script>alert(1)</script><img src=x onerror=alert(1)>"
RAW = re.compile(r"<(script|img)|</(style|textarea)", re.IGNORECASE)


@pytest.fixture(scope="module")
def cloud():
    return work.done("cloud").dumps()


def put(text, *path, value):
    """A ledger's text with one value in another's place."""
    data = inside = json.loads(text)
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    return json.dumps(data)


def work_on(part):
    """Where the work on one part is."""
    return "work", f"cloud/{part}"


ACCESS, STRATEGY = work_on("access"), ("strategies", "cloud")
ATTEMPT = (*work_on("pipeline"), "attempts", -1)  # the last is the one that is talked of

REFUSED = {
    "empty": lambda text: "",
    "another tool's": lambda text: '{"start": {"connected": []}, "intervals": [], "end": {}}',
    "fio's": lambda text: work.fio_text("cloud"),
    "a page": lambda text: "<!DOCTYPE html><script>alert(1)</script>",
    "50 MB": lambda text: b"a" * 50_000_000,
    "nested lists": lambda text: "[" * 100_000,
    "nested objects": lambda text: '{"a":' * 100_000,
    "nested in place": lambda text: put(text, *ATTEMPT, "more", value=0).replace(
        '"more": 0', '"more": ' + "[" * 100_000 + "]" * 100_000
    ),
    "a list": lambda text: f"[{text}]",
    "two ledgers": lambda text: text + text,
    "no schema": lambda text: text.replace("schema", "scheme"),
    "a newer schema": lambda text: put(text, "schema", value=3),
    "a much newer schema": lambda text: put(text, "schema", value=10**200),
    "schema 0": lambda text: put(text, "schema", value=0),
    "schema 2.0": lambda text: put(text, "schema", value=2.0),
    "schema true": lambda text: put(text, "schema", value=True),
    "a long schema": lambda text: put(text, "schema", value=["x" * 1_000_000]),
    "NaN": lambda text: text.replace(": 30.0", ": NaN"),
    "Infinity": lambda text: text.replace(": 30.0", ": -Infinity"),
    "1e400": lambda text: text.replace(": 30.0", ": 1e400"),
    "5,000 digits": lambda text: text.replace(": 30.0", f": {'9' * 5_000}"),
    "300 digits": lambda text: put(text, *ATTEMPT, "more", value=10**299),
    "named twice": lambda text: text.replace('"track":', '"track": "edge", "track":'),
    "latin-1": lambda text: "é".encode("latin-1") + text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "unknown track": lambda text: put(text, "track", value="space"),
    "a part of no track": lambda text: put(text, "work", "part9", value={}),
    "a part with a long name": lambda text: put(text, "work", "\U000e0001" * 999, value={}),
    "estimate 0": lambda text: put(text, *ACCESS, "prediction", "estimate", value=0),
    "estimate of words": lambda text: put(text, *ACCESS, "prediction", "estimate", value="30"),
    "an estimate that is true": lambda text: put(
        text, *ACCESS, "prediction", "estimate", value=True
    ),
    "an option of a page": lambda text: put(text, *ACCESS, "prediction", "option", value="x" * 999),
    "a number in settings": lambda text: put(text, *ACCESS, "settings", "workers", value=4),
    "a list for an option": lambda text: put(text, *ACCESS, "prediction", "option", value=[]),
    "a list in settings": lambda text: put(text, *ACCESS, "settings", "order", value=[]),
    "null in settings": lambda text: put(text, *ACCESS, "settings", "order", value=None),
    "a list in a draft": lambda text: put(text, "drafts", "cloud", "choice", value=[]),
    "a list in an attempt": lambda text: put(text, *ATTEMPT, "settings", "policy", value=[]),
    "words in an outcome": lambda text: put(text, *ATTEMPT, "outcome", "price", value="cheap"),
    "a number in a rubric": lambda text: put(text, *ACCESS, "reflection", "rubric", 0, value=1),
    "a device of no speed": lambda text: put(text, "devices", 0, "bandwidth", value=0),
    "a device of absurd speed": lambda text: put(text, "devices", 0, "bandwidth", value=1e300),
    "a device that is one of ours": lambda text: put(text, "devices", 0, "name", value="Hard disk"),
    **{
        f"{name} a {kind.__name__}": lambda text, name=name, kind=kind: put(
            text, name, value=kind()
        )
        for name in ("track", "work", "strategies", "drafts")
        for kind in (list, int, str)
    },
    **{
        f"{name} a {kind.__name__}": lambda text, name=name, kind=kind: put(
            text, *ACCESS, name, value=kind()
        )
        for name in ("prediction", "settings", "reflection", "why", "draft", "bet", "transfer")
        for kind in (list, int, str)
    },
    **{
        f"{path[-1]} a {kind.__name__}": lambda text, path=path, kind=kind: put(
            text, *path, value=kind()
        )
        for path in (("devices",), (*ACCESS, "attempts"))
        for kind in (dict, int, str)
    },
}

ACCEPTED = {
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "byte order mark in text": lambda text: "\ufeff" + text,
    "empty lines around it": lambda text: f"\r\n{text}\r\n\n",
    "half a character": lambda text: put(text, *STRATEGY, "defence", value="\ud83d"),
    "half a character in a device": lambda text: put(text, "devices", 0, "name", value="\udc00"),
    "NUL": lambda text: put(text, *STRATEGY, "defence", value="a\0b"),
    "a long text": lambda text: put(text, *ACCESS, "reflection", "text", value="é" * 500_000),
    "times to come": lambda text: put(text, *ATTEMPT, "time", value="9999-99-99"),
    "no times": lambda text: put(text, *ATTEMPT, "time", value=""),
    "an option that is gone": lambda text: put(text, *ACCESS, "prediction", "option", value="?"),
    "a setting that is gone": lambda text: put(text, *ACCESS, "settings", "device", value="Drum"),
    "settings that are gone": lambda text: put(text, *ATTEMPT, "settings", value={"colour": "red"}),
    "a setting too many": lambda text: put(
        text, *work_on("checkpoint"), "attempts", -1, "settings", "colour", value="red"
    ),
    "a setting too few": lambda text: put(
        text, *work_on("checkpoint"), "attempts", -1, "settings", value={"interval": "1 s"}
    ),
    "no workers": lambda text: put(text, *ACCESS, "settings", "workers", value="0"),
    "an outcome without numbers": lambda text: put(text, *ATTEMPT, "outcome", value={}),
    "outcomes out of reach": lambda text: put(text, *ATTEMPT, "outcome", "price", value=1.7e308),
    "the least number there is": lambda text: put(text, *ATTEMPT, "outcome", "over", value=5e-324),
    "another track": lambda text: put(text, "track", value="tiny"),
    "no rubric": lambda text: put(text, *ACCESS, "reflection", "rubric", value=[]),
    "a rubric of a thousand": lambda text: put(
        text, *ACCESS, "reflection", "rubric", value=[True] * 1_000
    ),
    "a strategy that is none": lambda text: put(text, *STRATEGY, "choice", value="tape"),
    "a draft of nothing": lambda text: put(text, "drafts", "cloud", value={"defence": None}),
    "a slow device": lambda text: put(text, "devices", 0, "latency", value=fio.FASTEST),
    "a fast device": lambda text: put(text, "devices", 0, "latency", value=fio.SLOWEST),
    "a device twice": lambda text: put(text, "devices", value=json.loads(text)["devices"] * 2),
    "no name for a device": lambda text: put(text, "devices", 0, "name", value=""),
    "drafts of a part that is done": lambda text: put(
        text, *ACCESS, "draft", value={"reflection": "x", "option": None}
    ),
    "a part and a track that are not ours": lambda text: put(
        text, "work", "space/serving", value={"settings": {"a": "b"}}
    ),
    "keys of a later version": lambda text: put(text, *ATTEMPT, "later", value=[{"a": [None]}]),
    "an entry of a later version": lambda text: put(text, "later", value={"x": 1}),
    "null in places": lambda text: put(text, *ACCESS, "reflection", value=None),
    "of schema 1": lambda text: OLD,
    "empty": lambda text: '{"schema": 1}',
}
OLD = (ROOT / "tests" / "data" / "ledgers" / "v1" / "edge-whole.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_ledger_is_refused_in_a_sentence(case, cloud):
    with pytest.raises(ValueError) as error:
        ledger.loads(REFUSED[case](cloud))
    assert is_sentence(error.value), error.value


def test_a_ledger_cut_off_anywhere_is_refused(cloud):
    content = cloud.encode()
    for end in range(len(content)):
        with pytest.raises(ValueError, match="damaged or is not a ledger") as error:
            ledger.loads(content[:end])
        assert is_sentence(error.value)


def upload(lab, content):
    """As the browser does it: the file upload's value changes."""
    content = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    file = {
        "name": "x.json",
        "type": "application/json",
        "size": len(content),
        "content": memoryview(content),
        "last_modified": datetime.now(UTC),
    }
    lab.bar.load.value = (file,)


@pytest.mark.parametrize("name", work.LABS)
def test_a_refused_file_changes_nothing(name, cloud):
    lab = work.arrive(open_lab(name), cloud)
    before, stage, said = lab.ledger, lab.stage.children, set()
    text = before.dumps()
    for case in REFUSED:
        upload(lab, REFUSED[case](cloud))
        assert lab.bar._problem.value.endswith("Your work is as it was.</p>"), case
        assert lab.ledger is before and lab.ledger.dumps() == text, case
        assert lab.stage.children is stage, case
        said.add(lab.bar._problem.value)
    assert len(said) > 20
    upload(lab, cloud)
    assert lab.bar._problem.value == "" and lab.ledger is not before


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_is_accepted_opens_in_every_lab(case, cloud):
    mine = ledger.loads(ACCEPTED[case](cloud))
    assert ledger.loads(mine.dumps()) == mine
    work.opened_everywhere(mine.dumps())
    lab = open_lab("access")
    work.arrive(lab, "")
    upload(lab, ACCEPTED[case](cloud))
    assert lab.bar._problem.value == "" and lab.ledger.dumps()


def test_as_much_as_a_browser_keeps_can_be_read_again(cloud):
    text = put(cloud, *STRATEGY, "defence", value="é" * 860_000)  # six characters of JSON each
    assert 5_000_000 < len(text) < ledger.LARGEST
    assert ledger.loads(text).strategies["cloud"]["defence"] == "é" * 860_000


def html(lab):
    """All that a lab has the browser read as HTML."""
    for widget in work.all_widgets(lab):
        if isinstance(widget, (widgets.HTML, widgets.HTMLMath)):
            yield widget.value
        # Other texts are shown as they are, unless a widget is asked to take one for HTML.
        assert not any(getattr(widget, name) for name in widget.keys if "allow_html" in name)


def no_tags(lab):
    for text in html(lab):
        assert not RAW.search(text), text


@pytest.mark.parametrize("track", TRACKS)
def test_what_a_student_writes_is_never_html(track):
    mine = work.done(track, word=EVIL)
    assert EVIL[:20] in mine.devices[0]["name"]  # from a file's name
    seen = []

    def each(lab):
        no_tags(lab)
        seen.extend(html(lab))

    work.opened_everywhere(mine.dumps(), each)
    assert sum("&lt;script" in text for text in seen) > 5


def strings(value, path=()):
    for name, one in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(one, (dict, list)):
            yield from strings(one, (*path, name))
        elif isinstance(one, str):
            yield *path, name


def test_no_text_of_a_ledger_is_ever_html(cloud):
    """Also those that no student writes: keys, goals, hints, times."""
    text = put(cloud, *ATTEMPT, "hint", value="a hint")
    text = put(text, *ACCESS, "why", value={"text": "why", "time": ""})
    seen = {tuple(map(str, path[:3] + path[-1:])): path for path in strings(json.loads(text))}
    shown = 0
    for path in seen.values():
        evil = put(text, *path, value=EVIL)
        try:
            ledger.loads(evil)
        except ValueError:  # of a few words, none of which is EVIL
            assert path[-1] in ("track", "version", "direction")
        else:
            work.opened_everywhere(evil, no_tags)
            shown += 1
    assert shown > 30


def test_a_file_of_fios_is_never_html(cloud):
    evil = work.fio_text("cloud").replace("fio-3.33", f"fio-3.33{EVIL.replace(' ', '')[:40]}")
    for name, text in (("mine.json", evil), (f"{EVIL}.json", "{}"), (EVIL, evil), ("\ud83d", evil)):
        lab = work.arrive(open_lab("access"), cloud)
        content = memoryview(text.encode())
        lab.workbench._add_device({"new": ({"name": name, "content": content},)})
        no_tags(lab)
        ledger.loads(lab.ledger.dumps())


def test_an_error_that_echoes_a_file_is_never_html(cloud):
    for path in (("work", EVIL), ("drafts", EVIL)):
        lab = work.arrive(open_lab("report"), cloud)
        upload(lab, put(cloud, *path, value=[]))
        no_tags(lab)
        assert "&lt;" in lab.bar._problem.value


def test_every_file_that_fio_gives_is_one_that_a_ledger_keeps():
    for track in TRACKS:
        device = fio.device(work.fio_text(track), name="x", direction=TRACKS[track].direction)
        mine = ledger.Ledger(track=track, devices=[fio.as_entry(device, TRACKS[track].direction)])
        assert ledger.loads(mine.dumps()) == mine


BROWSER = """
import sys
sys.path.insert(0, "/repository")
from iowall import fio, ledger, untrusted
deep = untrusted.DEEPEST
print(untrusted.parsed("[" * deep + "]" * deep)[1] == "")
for begin in ("[", '{"a":', '[{"a":', '{"schema": 1, "drafts": ['):
    for load in (ledger.loads, lambda text: fio.device(text, name="x")):
        try:
            load(begin * 100_000)
        except ValueError as error:
            print(error)
0
"""


@pytest.mark.browser
def test_in_the_browser_a_nested_file_does_not_end_python(root):
    """There the parser's stack is the page's, and nothing catches its end."""
    said = wasm.run(BROWSER, packages=["numpy"], mounts={"/repository": root}).splitlines()
    assert said[0] == "True" and len(said) == 9
    assert sum("nested too deeply" in line for line in said) == 4


def test_every_lab_is_opened_here():
    """What opens a lab is its function `lab`, wherever one is."""
    labs = {
        path.stem
        for path in (ROOT / "iowall" / "labs").glob("*.py")
        if re.search(r"^def lab\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert labs == set(work.LABS)
