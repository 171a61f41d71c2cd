"""The `pagelab-licences` directive: what the site passes on that is not ours, by what licence.

One idea: nothing is typed. Each part is asked itself: a wheel's or an installed package's
METADATA, an npm package's package.json, and the licence texts and lists of bundled packages that
lie beside them. The texts go into the site with the parts, as their licences ask. (pip-licenses
and its like look at an environment alone: they see neither wheels for browsers, npm's packages, nor
what is bundled in these, and a part without a text does not stop them.)

```{pagelab-licences} labs
```

The argument is `labs`, `notebooks` or `pages`: for what the reader's browser needs the part first.
"""

import json
import re
import tarfile
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_string
from importlib.metadata import distributions
from pathlib import Path

from docutils import nodes
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.utils import canonicalize_name
from sphinx.util.docutils import SphinxDirective

from . import lite, npm, parts, tables

FOLDER = "licences"  # in _static

# Whose text stands for a part that brings none; the licence must be the same one.
BORROWED = {
    "pyodide": "micropip",  # of the same authors
    "CPython": "typing-extensions",  # a part of CPython's library, published on its own
    "@jupyter-widgets": "ipywidgets",  # the same repository
    "@lumino": "ipywidgets",  # Project Jupyter's too
}
BUNDLED = "third-party-licenses.json"

_TEXT = re.compile(r"(^|/)(LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*$|\.LICENSE\.txt$", re.I)
_CODE = (".py", ".pyc", ".js", ".json", ".html")
_NOTICE = re.compile(r"/\*!.{,2000}?\*/", re.S)
_FOR_BROWSERS = {".css", ".js", ".mjs", ".woff2", ".svg"}
# What only a licence of this kind says; the first that fits.
_SAYS = {
    "Apache-2.0": "Apache License Version 2.0",
    "MPL-2.0": "Mozilla Public License Version 2.0",
    "PSF-2.0": "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2",
    "BSD-3-Clause": "Neither the name of",
    "BSD-2-Clause": "Redistribution and use in source and binary forms",
    "MIT": "Permission is hereby granted, free of charge",
    "ISC": "Permission to use, copy, modify, and/or distribute this software for any purpose",
}


@dataclass(kw_only=True)
class Component:
    """One thing that others made and the site passes on."""

    name: str
    version: str
    use: str  # labs, notebooks or pages
    declared: list[str] = field(default_factory=list)  # what it says its licence is
    source: str = ""  # where its authors keep it
    texts: dict[str, str] = field(default_factory=dict)  # by where they lie in the part
    notices: list[str] = field(default_factory=list)  # at the top of files in it
    inside: list[dict] = field(default_factory=list)  # packages bundled in it

    def __str__(self):
        return f"{self.name} {self.version}"

    @property
    def licence(self):
        """By its SPDX name: as declared, else as its text says."""
        for said in self.declared:
            try:
                return canonicalize_license_expression(said)
            except InvalidLicenseExpression:
                continue
        found = map(recognised, self.texts.values())
        if licence := next(filter(None, found), None):
            return licence
        raise parts.PartError(f"{self} does not say what its licence is.")

    @property
    def file(self):
        """The name of its text in the site."""
        return re.sub(r"[^\w.-]+", "-", f"{self.name} {self.version}".lower()).strip("-") + ".txt"

    @property
    def counts(self):
        """How many packages it bundles, by licence, in words."""
        kinds = Counter(one["licenseId"] or "with none named" for one in self.inside)
        return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())

    @property
    def text(self):
        """All that its licences ask to go with it."""
        blocks = ["\n".join(filter(None, [f"{self}: {self.licence}", self.source]))]
        blocks += [f"{path}\n\n{text.strip()}" for path, text in self.texts.items()]
        blocks += self.notices
        for one in self.inside:
            title = f"{one['name']} {one['versionInfo']}".strip()
            licence = one["licenseId"] or "see the notices above"
            text = one["extractedText"].strip() or f"No text comes with it in {self}."
            blocks.append(f"Inside {self}: {title}: {licence}\n\n{text}")
        return f"\n\n{'-' * 72}\n\n".join(blocks) + "\n"


def recognised(text):
    """The licence that a text is, or None."""
    text = " ".join(re.sub(r"[^\w.,/]+", " ", text).split()).lower()
    return next((name for name, words in _SAYS.items() if words.lower() in text), None)


def collect(app):
    """Every component of the site, each with a licence and its text, or a PartError."""
    runtime = app.pagelab_runtime
    every = [*_ours(app.pagelab_settings), *_npm(runtime), *_wheels(runtime)]
    if app.pagelab_settings.notebooks:
        every += [*_wheels_of_the_kernel(), *_installed_for_notebooks()]
    found = {}
    for one in [*every, *_installed_for_pages(app)]:
        # The same package as a wheel for Python and, installed, as a front end: one component.
        known = found.setdefault((canonicalize_name(one.name), one.version), one)
        known.texts = known.texts or one.texts
        known.inside = known.inside or one.inside
    found = list(found.values())
    by_name = {canonicalize_name(one.name): one for one in found}
    not_shipped = runtime.fetch({*BORROWED.values()} - {*by_name})
    by_name |= {name: _packaged(_in_zip(path), use="") for name, path in not_shipped.items()}
    for one in found:
        if not one.texts:
            _borrow(one, by_name)
    return sorted(found, key=lambda one: one.name.lstrip("@").lower())


def _ours(settings):
    """The book's own package, if its pyproject.toml says what it is."""
    if project := settings.project:
        yield Component(
            name=project["name"],
            version=project["version"],
            use="labs",
            declared=[project["license"]],
            texts={"LICENSE": (settings.root / "LICENSE").read_text(encoding="utf-8")},
        )


def _npm(runtime):
    for name in ["pyodide", "mathjax", *runtime.bundled]:
        files = npm.members(runtime.modules, name, "*")
        files = {path: data for path, data in files.items() if _wanted(path)}
        about = json.loads(files["package.json"])
        source = about.get("repository", "")
        source = source if isinstance(source, str) else source["url"]
        one = Component(
            name=name,
            version=about["version"],
            use="pages" if name == "mathjax" else "labs",
            declared=[about["license"]],
            source=re.sub(r"^git\+|^git(?=://)|\.git$", "", source),
        )
        yield _filled(one, files)
        if name == "pyodide":
            python = json.loads(files["pyodide-lock.json"])["info"]["python"]
            yield Component(name="CPython", version=python, use="labs")


def _wheels(runtime):
    page = runtime.packages("page")
    for name, path in runtime.paths.items():
        yield _packaged(_in_zip(path), use="labs" if name in page else "notebooks")


def _wheels_of_the_kernel():
    folder = parts.labextension("@jupyterlite/pyodide-kernel-extension") / "static/pypi"
    return [_packaged(_in_zip(path), use="notebooks") for path in sorted(folder.glob("*.whl"))]


def _installed_for_notebooks():
    names = {f"labextensions/{name}/package.json" for name in lite.EXTENSIONS}
    for package in distributions():
        files = [file.as_posix() for file in package.files or []]
        if package.name == "jupyterlite-core" or any(file.endswith(tuple(names)) for file in files):
            yield _packaged(_in_environment(package), use="notebooks")


def _installed_for_pages(app):
    """What Sphinx's themes and extensions come from, if it brings files for browsers."""
    loaded = {Path(extension.module.__file__) for extension in app.extensions.values()}
    for folder in app.builder.theme.get_theme_dirs():
        loaded |= {Path(folder, "theme.conf"), Path(folder, "theme.toml")}
    for package in distributions():
        files = package.files or []
        if any(file.suffix in _FOR_BROWSERS for file in files) and not loaded.isdisjoint(
            Path(package.locate_file(file)) for file in files
        ):
            yield _packaged(_in_environment(package), use="pages")


def _packaged(files, *, use):
    """A Python package, from its files."""
    about = next(data for path, data in files.items() if path.endswith(".dist-info/METADATA"))
    about = message_from_string(about.decode("utf-8"))
    declared = [about.get("License-Expression"), about.get("License")]
    addresses = dict(said.split(", ", 1) for said in about.get_all("Project-URL", []))
    source = next(iter(addresses.values()), about.get("Home-page", ""))
    for label, address in addresses.items():
        if label.lower() in ("repository", "source", "source code", "github", "homepage"):
            source = address
            break
    one = Component(
        name=about["Name"],
        version=about["Version"],
        use=use,
        declared=[said for said in declared if said],
        source=source,
    )
    return _filled(one, files)


def _filled(one, files):
    """A component with its texts and with what is bundled in it."""
    texts = {path: data for path, data in files.items() if _is_text(path)}
    # Its own before those of what it includes.
    own = sorted(texts, key=lambda path: (".dist-info/" not in path, path.count("/"), path))
    one.texts = {path: texts[path].decode("utf-8", "replace") for path in own}
    bundled = {}
    for path, data in files.items():
        if path.endswith(BUNDLED):
            for package in json.loads(data)["packages"]:
                bundled.setdefault((package["name"], package["versionInfo"]), package)
        elif path.endswith((".js", ".mjs", ".css")):
            notices = _NOTICE.findall(data.decode("utf-8", "replace").replace("\\n", "\n"))
            one.notices += filter(_speaks_for_itself, notices)
    one.notices = list(dict.fromkeys(one.notices))
    one.inside = [bundled[key] for key in sorted(bundled)]
    return one


def _speaks_for_itself(notice):
    return "licen" in notice.lower() and "please see" not in notice


def _borrow(one, by_name):
    lender = by_name.get(BORROWED.get(one.name) or BORROWED.get(one.name.split("/")[0]))
    if not lender:
        raise parts.PartError(f"{one} comes without the text of its licence.")
    one.declared = one.declared or [lender.licence]
    if one.licence != lender.licence:
        raise parts.PartError(
            f"{one} ({one.licence}) cannot have the licence text of {lender} ({lender.licence})."
        )
    one.texts = {f"As in {lender}": next(iter(lender.texts.values()))}


def _is_text(path):
    return bool(_TEXT.search(path)) and not path.endswith(_CODE)


def _wanted(path):
    return path.endswith(
        ("METADATA", "package.json", "pyodide-lock.json", BUNDLED, ".js", ".css")
    ) or _is_text(path)


def _in_zip(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if _wanted(name)}


def _in_tarball(path):
    with tarfile.open(path) as archive:
        return {
            name: archive.extractfile(member).read()
            for member in archive
            if member.isfile() and _wanted(name := member.name.partition("/")[2])
        }


def _in_environment(package):
    files = {}
    for file in package.files:
        if _wanted(file.as_posix()):
            files[file.as_posix()] = Path(package.locate_file(file)).read_bytes()
        elif file.suffix == ".tgz":  # JupyterLite's applications
            files |= _in_tarball(package.locate_file(file))
    return files


_HEAD = ("Part", "Version", "Licence")


def _row(one, to_static, prefix):
    inside = f"with {len(one.inside)} packages inside: {one.counts}" if one.inside else ""
    cells = (one.version, one.licence)
    html = tables.row(one.name, cells, prefix=prefix, head=_HEAD, note=inside)
    # The table's cells are plain text.
    link = f'<a href="{to_static}{FOLDER}/{one.file}">{one.licence}</a>'
    return html.replace(f"{one.licence}</td>", f"{link}</td>")


_TITLES = {
    "labs": "What the labs in the pages need",
    "notebooks": "What the notebooks need beyond that",
    "pages": "What the pages need",
}


class LicencesDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        use = self.arguments[0]
        if use not in _TITLES:
            raise self.error(f"no section {use!r}: {sorted(_TITLES)}")
        to_static = "../" * self.env.docname.count("/") + "_static/"
        prefix = self.env.app.pagelab_settings.prefix
        components = getattr(self.env.app, "pagelab_licences", [])
        rows = [_row(one, to_static, prefix) for one in components if one.use == use]
        look = {"prefix": prefix, "css": f"{prefix}-licences"}
        html = tables.table(rows, head=_HEAD, title=_TITLES[use], **look)
        return [nodes.raw("", html, format="html")]


def _collect(app):
    if app.builder.format != "html":
        return
    try:
        app.pagelab_licences = collect(app)
        texts = {one.file: one.text for one in app.pagelab_licences}
    except parts.PartError as error:
        raise SystemExit(f"The book was not built. {error}") from None
    folder = Path(app.outdir) / "_static" / FOLDER
    for old in folder.glob("*.txt"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        parts.write(folder / name, text.encode())


def setup(app):
    app.add_directive("pagelab-licences", LicencesDirective)
    # After the runtime is there, and when every extension has been set up.
    app.connect("builder-inited", _collect, priority=900)
