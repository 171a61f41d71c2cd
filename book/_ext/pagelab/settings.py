"""The book's settings: `pagelab_…` under `sphinx: config:` in `_config.yml`.

README.md says what each is. A wrong one stops the build with one sentence.
"""

import pkgutil
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

# By the name that follows `pagelab_`; what is empty is not there.
DEFAULTS = {
    "package": "",
    "open": "",
    "prefix": "pagelab",
    "called": "book",
    "poster": "",
    "styles": [],
    "kept": "",
    "notebooks": "",
    "title": "Notebooks",
    "cache": "pagelab",
}
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class SettingError(Exception):
    """A setting is wrong; the message is the sentence that says so."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one book, checked."""

    root: Path  # the folder of `_config.yml`
    package: Path
    open: str
    prefix: str
    called: str
    poster: str
    styles: tuple[Path, ...]
    kept: Path | None
    notebooks: Path | None
    title: str
    cache: str

    @property
    def project(self):
        """What `pyproject.toml` says of the book's package, if there is one."""
        path = self.root / "pyproject.toml"
        return tomllib.loads(path.read_text(encoding="utf-8"))["project"] if path.exists() else {}

    @property
    def version(self):
        return self.project.get("version", "0")

    def poster_of(self, lab, source):
        """What the book's own function says of a lab (`Poster`), if there is one."""
        return pkgutil.resolve_name(self.poster)(lab, source) if self.poster else Poster()


@dataclass(frozen=True, kw_only=True)
class Poster:
    """What a page shows of a lab that does not run yet, or never will."""

    first: str = ""  # its first state, as HTML: what a reader sees until it runs
    words: str = ""  # what it draws, in words that the site's search finds
    still: str = ""  # a picture of it for paper, as HTML


def read(values, root):
    """The settings from {name: value}; those that are missing have their defaults."""
    values = DEFAULTS | values
    for name, default in DEFAULTS.items():
        value, kind = values[name], type(default)
        if not isinstance(value, kind) or (kind is list and not _texts(value)):
            wanted = "a list of texts" if kind is list else "a text"
            raise _wrong(name, value, f"it is {wanted}")
    if not re.fullmatch("[a-z][a-z0-9]*", values["prefix"]):
        raise _wrong("prefix", values["prefix"], "it is small letters and digits, a letter first")
    if not re.fullmatch(r"[\w.-]*\w[\w.-]*", values["cache"]):
        raise _wrong("cache", values["cache"], "it is the name of a folder, not a path")
    if not values["called"].strip():
        raise _wrong("called", values["called"], "it is a word such as “book” or “course”")
    if not (root / values["package"] / "__init__.py").is_file() or not values["package"]:
        raise _wrong("package", values["package"], "it is the folder of the book's Python package")
    for name in ("open", "poster"):
        if not _FUNCTION.fullmatch(values[name]) and (values[name] or name == "open"):
            raise _wrong(name, values[name], "it is a function, as “module:function”")
    if values["poster"]:
        _importable("poster", values["poster"])
    package = root / values["package"]
    if values["open"].split(":")[0].split(".")[0] != package.name:
        raise _wrong("open", values["open"], f"it is a function in the package “{package.name}”")
    notebooks = values["notebooks"] and root / values["notebooks"]
    if notebooks and not any(notebooks.glob("*.ipynb")):
        raise _wrong("notebooks", values["notebooks"], "it is a folder with notebooks in it")
    return Settings(
        **{name: values[name] for name in ("open", "prefix", "called", "poster", "title", "cache")},
        root=root,
        package=package,
        styles=tuple(_file("styles", style, root) for style in values["styles"]),
        kept=_file("kept", values["kept"], root) if values["kept"] else None,
        notebooks=notebooks or None,
    )


def _texts(values):
    return all(isinstance(value, str) for value in values)


def _file(name, value, root):
    if not (root / value).is_file():
        raise _wrong(name, value, "it is a file, seen from the folder of _config.yml")
    return root / value


def _importable(name, value):
    try:
        pkgutil.resolve_name(value)
    except (ImportError, AttributeError) as error:
        raise _wrong(name, value, f"it cannot be imported ({error})") from None


def _wrong(name, value, rule):
    said = f"is “{value}”" if value not in ("", None) else "is not set"
    return SettingError(f"_config.yml: pagelab_{name} {said}; {rule}.")
