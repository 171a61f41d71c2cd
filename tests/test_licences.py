"""Everything in the built site that is not ours is on the page of licences, with its text."""

import hashlib
import json
import re
import tarfile
import zipfile
from base64 import urlsafe_b64decode
from fnmatch import fnmatch
from functools import cache
from html import unescape
from importlib.metadata import distribution, distributions
from types import SimpleNamespace

import pytest
from packaging.licenses import canonicalize_license_expression
from packaging.utils import canonicalize_name
from pagelab import frontend, licences, parts, runtime, served

from tests.conftest import ROOT
from tests.pagelab_settings import SETTINGS

# What Sphinx, JupyterLite and our extension write.
GENERATED = [
    "*.html",
    "*.inv",
    ".buildinfo",
    "searchindex.js",
    "_sources/*",
    "_static/documentation_options.js",
    "_static/pygments.css",
    "_static/licences/*.txt",
    "lite/*.json",
    "lite/built-from.txt",
    "offline.json",
    "runtime/*manifest.json",
    "runtime/*pyodide-lock.json",
]


@pytest.fixture(scope="module")
def rows(html):
    """Name to the version, the licence and the link of each row on the page."""
    page = (html / "book" / "licences.html").read_text(encoding="utf-8")
    found = {}
    for row in re.findall(r'<tr role="row" class="">(.*?)</tr>', page, re.DOTALL):
        name = unescape(re.search(r'scope="row">([^<]+)', row)[1])
        version = re.search(r"</span> ([^<]+)</td>", row)[1]
        link, licence = re.search(r'<a href="([^"]+)">([^<]+)</a></td>', row).groups()
        found.setdefault(name, []).append((version, licence, link))
    return found


def test_each_row_names_a_licence_and_leads_to_its_text(html, rows):
    assert len(rows) > 30
    for name, entries in rows.items():
        for version, licence, link in entries:
            assert canonicalize_license_expression(licence) == licence
            text = (html / "book" / link).resolve().read_text(encoding="utf-8")
            assert text.startswith(f"{name} {version}: ") and len(text) > 700, name
            assert re.search("copyright|mozilla public license", text, re.IGNORECASE), name


def test_each_wheel_is_on_the_page(html, rows):
    wheels = [*html.rglob("*.whl")]
    assert len(wheels) > 20
    listed = {(canonicalize_name(name), entry[0]) for name in rows for entry in rows[name]}
    for wheel in wheels:
        name, version = wheel.name.split("-")[:2]
        assert (
            name.startswith(("iowall", "pagelab")) or (canonicalize_name(name), version) in listed
        )


def test_each_wheel_keeps_its_licence(html):
    for wheel in (html / "runtime").glob("*.whl"):
        names = zipfile.ZipFile(wheel).namelist()
        ours = wheel.name.startswith(("iowall", "pagelab"))
        assert ours or any(fnmatch(name, "*.dist-info/*LICENSE*") for name in names), wheel.name


def test_nothing_else_is_in_the_site(html, rows):
    """Each file is ours, or made in the build, or the very bytes of a part on the page."""
    listed = {canonicalize_name(name) for name in rows}
    known = {**_contents(listed), **dict.fromkeys(_ours(), "ours")}
    rendered = _templates(listed)
    assert not [
        path for path in _paths(html) if not _accounted(html, path, listed, known, rendered)
    ]


def _paths(html):
    return [path.relative_to(html).as_posix() for path in html.rglob("*") if path.is_file()]


@cache
def _runtime():
    return runtime.Runtime(SETTINGS)


def _accounted(html, path, listed, known, rendered):
    if any(fnmatch(path, pattern) for pattern in GENERATED) or path.endswith(".whl"):
        return True
    if path in ("runtime/web/widgets.js", "runtime/web/widgets.css"):  # bundled
        return {canonicalize_name(name) for name in _runtime().bundled} <= listed
    if path in ("runtime/python_stdlib.zip", "runtime/page/python.zip", "runtime/page/folder.zip"):
        return "cpython" in listed and _packages(html / path) <= listed
    return _digest((html / path).read_bytes()) in known or path.rpartition("/")[2] in rendered


def _packages(archive):
    """The Python packages that are in an archive beside Python's own library."""
    names = zipfile.ZipFile(archive).namelist()
    found = {name.split("-")[0] for name in names if ".dist-info/" in name}
    return {canonicalize_name(name) for name in found} - {
        *map(canonicalize_name, _runtime().policy["own"])
    }


def _digest(data):
    return hashlib.sha256(data).digest()


def _ours():
    folders = ("book", "notebooks", "iowall")
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*")):
        if path.is_file():
            yield _digest(path.read_bytes())
            if path.suffix in (".css", ".js", ".mjs"):
                yield _digest(served.text(path, SETTINGS.prefix).encode())


def _contents(listed):
    """SHA-256 of each file in the parts that the page lists: of installed packages by their
    RECORD, of the archives in them and of what the runtime is made from by reading them."""
    found, archives = {}, []
    for package in distributions():
        if canonicalize_name(package.name) in listed:
            for file in package.files or []:
                if file.hash:
                    padding = "=" * (-len(file.hash.value) % 4)
                    found[urlsafe_b64decode(file.hash.value + padding)] = package.name
                if file.suffix == ".tgz":
                    archives.append(package.locate_file(file))
    for one, path in _runtime().paths.items():
        if canonicalize_name(one) in listed:
            with zipfile.ZipFile(path) as wheel:
                found |= {_digest(wheel.read(name)): one for name in wheel.namelist()}
    with zipfile.ZipFile(_runtime().modules) as modules:
        for name in modules.namelist():
            if canonicalize_name(frontend.package(name)) in listed:
                found[_digest(modules.read(name))] = name
    for path in archives:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile():
                    found[_digest(archive.extractfile(member).read())] = str(path)
    return found


def _templates(listed):
    """The names of files that Sphinx fills in: it has them with a suffix more."""
    names = {
        file.name
        for package in distributions()
        if canonicalize_name(package.name) in listed
        for file in package.files or []
    }
    return {
        re.sub(r"(_t|\.jinja)$", "", name) for name in names if re.search(r"(_t|\.jinja)$", name)
    }


def test_a_stranger_in_the_site_would_be_found(html, rows, tmp_path):
    listed = {canonicalize_name(name) for name in rows}
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "stranger.js").write_text("alert(1)")
    known, rendered = _contents(listed), _templates(listed)
    assert not _accounted(tmp_path, "_static/stranger.js", listed, known, rendered)
    script = "_static/scripts/bootstrap.js"
    assert _accounted(html, script, listed, known, rendered)
    # The same file, if the page did not list where it comes from.
    fewer = listed - {"pydata-sphinx-theme"}
    assert not _accounted(html, script, fewer, _contents(fewer), _templates(fewer))


@pytest.mark.parametrize(
    "name", ["pygments", "typing-extensions", "anywidget", "myst-nb", "ipython"]
)
def test_a_text_is_recognised(name):
    """As the packages that name their licence say."""
    package = distribution(name)
    said = package.metadata["License-Expression"]
    [text] = [file for file in package.files if file.name == "LICENSE"]
    assert licences.recognised(package.locate_file(text).read_text(encoding="utf-8")) == said


def test_the_declared_name_comes_first_and_the_text_decides_where_it_is_none():
    text = {"LICENSE": "Permission is hereby\n granted, free of charge, to any person"}
    one = licences.Component(
        name="a", version="1", use="pages", declared=["bsd-3-clause"], texts=text
    )
    assert one.licence == "BSD-3-Clause"
    one.declared = ["the usual one"]
    assert one.licence == "MIT"


def test_no_licence_stops_the_build():
    one = licences.Component(name="a", version="1", use="pages", texts={"LICENSE": "Ask me."})
    with pytest.raises(parts.PartError, match=r"^a 1 does not say what its licence is\.$"):
        one.licence  # noqa: B018
    app = SimpleNamespace(builder=SimpleNamespace(format="html"))
    with (
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(SystemExit, match="was not built. a 1"),
    ):
        patch.setattr(licences, "collect", lambda app: [one])
        licences._collect(app)


def test_no_text_stops_the_build():
    one = licences.Component(name="a", version="1", use="pages", declared=["MIT"])
    with pytest.raises(parts.PartError, match="a 1 comes without the text of its licence"):
        licences._borrow(one, {})


def test_a_text_is_borrowed_only_for_the_same_licence():
    text = {"LICENSE": "Mozilla Public License, version 2.0"}
    lender = licences.Component(
        name="micropip", version="2", use="labs", declared=["MPL-2.0"], texts=text
    )
    one = licences.Component(name="pyodide", version="1", use="labs", declared=["MPL-2.0"])
    licences._borrow(one, {"micropip": lender})
    assert one.texts == {"As in micropip 2": text["LICENSE"]}
    other = licences.Component(name="pyodide", version="1", use="labs", declared=["MIT"])
    with pytest.raises(parts.PartError, match=r"pyodide 1 \(MIT\) cannot have the licence text"):
        licences._borrow(other, {"micropip": lender})


def test_what_a_bundle_holds_goes_with_it():
    """bqplot's front end is built with d3, whose authors ask for their notice."""
    package = distribution("bqplot")
    [listed] = [file for file in package.files if file.name == "third-party-licenses.json"]
    bundled = json.loads(package.locate_file(listed).read_text(encoding="utf-8"))["packages"]
    one = licences._packaged(licences._in_environment(package), use="labs")
    assert len(one.inside) == len(bundled) > 30
    assert "Inside bqplot" in one.text and "Copyright 2010-2017 Mike Bostock" in one.text


def test_no_section_that_is_not_there():
    directive = SimpleNamespace(arguments=["attic"], error=ValueError)
    with pytest.raises(ValueError, match="no section 'attic'"):
        licences.LicencesDirective.run(directive)
    page = (ROOT / "book" / "licences.md").read_text(encoding="utf-8")
    assert re.findall(r"{pagelab-licences} (\w+)", page) == list(licences._TITLES)
