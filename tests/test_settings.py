"""pagelab knows no book but by its settings, and a wrong setting is told in one sentence."""

import re
from types import SimpleNamespace

import pytest
from pagelab import _read_settings, served, settings

from tests.conftest import ROOT
from tests.pagelab_settings import SETTINGS, WRITTEN

WORDS = re.compile(r"iowall|\btrack\b|\bledger\b", re.IGNORECASE)


def test_no_file_of_pagelab_knows_this_book():
    files = [path for path in served.HERE.rglob("*") if "__pycache__" not in path.parts]
    ours = [path for path in files if path.is_file() and path.parent.name != "locks"]
    assert len(ours) > 30
    assert [path for path in ours if WORDS.search(path.read_text(encoding="utf-8"))] == []


def test_the_readme_explains_each_setting():
    readme = (served.HERE / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `pagelab_(\w+)` ", readme, re.MULTILINE)) == {*settings.DEFAULTS}


def test_what_this_book_sets():
    assert SETTINGS.prefix == "iowall"
    assert SETTINGS.styles == (ROOT / "iowall" / "views" / "lab.css",)
    assert SETTINGS.kept is None
    least = settings.read({"package": "iowall", "open": "iowall.labs:open_lab"}, ROOT)
    assert (least.prefix, least.called, least.cache) == ("pagelab", "book", "pagelab")
    assert least.notebooks is None and least.styles == ()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("prefix", "My-book", "is “My-book”; it is small letters and digits, a letter first"),
        ("prefix", 3, "is “3”; it is a text"),
        ("cache", "../x", "is “../x”; it is the name of a folder, not a path"),
        ("called", " ", "is “ ”; it is a word such as “book” or “course”"),
        ("package", "", "is not set; it is the folder of the book's Python package"),
        ("package", "book", "is “book”; it is the folder of the book's Python package"),
        ("open", "", "is not set; it is a function, as “module:function”"),
        ("open", "iowall.labs", "is “iowall.labs”; it is a function, as “module:function”"),
        ("open", "os.path:join", "is “os.path:join”; it is a function in the package “iowall”"),
        ("poster", "no_such:poster", "is “no_such:poster”; it cannot be imported (No module"),
        ("styles", "a.css", "is “a.css”; it is a list of texts"),
        ("styles", ["a.css"], "is “a.css”; it is a file, seen from the folder of _config.yml"),
        ("styles", ["book/page.css"], "is “book/page.css”; it is a file"),
        ("kept", "a.js", "is “a.js”; it is a file, seen from the folder of _config.yml"),
        ("notebooks", "iowall", "is “iowall”; it is a folder with notebooks in it"),
    ],
)
def test_a_wrong_setting_stops_the_build_with_one_sentence(name, value, sentence):
    values = settings.DEFAULTS | WRITTEN | {name: value}
    config = SimpleNamespace(**{f"pagelab_{key}": one for key, one in values.items()})
    with pytest.raises(SystemExit) as stop:
        _read_settings(SimpleNamespace(srcdir=ROOT), config)
    said = str(stop.value)
    assert said.startswith(f"The book was not built. _config.yml: pagelab_{name} {sentence}")
    assert "\n" not in said and said.endswith(".")


def test_the_prefix_is_in_all_that_a_browser_gets():
    files = served.files(SETTINGS)
    assert {"lab.mjs", "worker.mjs", "page.css", "lab.css"} <= {*files}
    assert not [name for name, data in files.items() if b"pagelab" in data]
    assert b"window.iowallEarly" in files["start.js"] and b".iowall-lab" in files["page.css"]
