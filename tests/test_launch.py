"""Links to a JupyterHub and a Binder, from Jupyter Book's own settings."""

import re
import sys
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from jupyter_book.config import get_final_config

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from pagelab import launch  # noqa: E402

NOTEBOOK = "notebooks/01_access_patterns.ipynb"
ON = """
repository: {url: "https://github.com/someone/course", branch: autumn}
launch_buttons:
  notebook_interface: jupyterlab
  binderhub_url: https://mybinder.org
  jupyterhub_url: https://hub.example.edu/
"""


def links(settings):
    """What a page gets under the `_config.yml` of the book with these settings in it."""
    book = yaml.safe_load((ROOT / "_config.yml").read_text())
    cli = {"latex_individualpages": False}
    sphinx, _ = get_final_config(user_yaml=book | yaml.safe_load(settings), cli_config=cli)
    html = launch.links(SimpleNamespace(**sphinx), NOTEBOOK)
    return {text: urlsplit(unescape(to)) for to, text in re.findall(r'href="(.+?)">(.+?)<', html)}


def test_the_hub_pulls_the_repository_and_opens_the_notebook():
    to = links(ON)["Open on JupyterHub"]
    assert f"{to.scheme}://{to.netloc}{to.path}" == (
        "https://hub.example.edu/hub/user-redirect/git-pull"
    )
    assert parse_qs(to.query) == {
        "repo": ["https://github.com/someone/course"],
        "branch": ["autumn"],
        "urlpath": [f"lab/tree/course/{NOTEBOOK}"],
    }
    assert (ROOT / NOTEBOOK).is_file()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://github.com/someone/course", "/v2/gh/someone/course/autumn"),
        ("https://github.com/someone/course.git", "/v2/gh/someone/course/autumn"),
        ("https://gitlab.com/a/b/course", "/v2/gl/a%2Fb%2Fcourse/autumn"),
        ("https://git.example.edu/course", "/v2/git/https%3A%2F%2Fgit.example.edu%2Fcourse/autumn"),
    ],
)
def test_binder_builds_the_repository_and_opens_the_notebook(url, path):
    to = links(ON.replace("https://github.com/someone/course", url))["Open on Binder"]
    assert (to.netloc, to.path) == ("mybinder.org", path)
    assert parse_qs(to.query) == {"urlpath": [f"lab/tree/{NOTEBOOK}"]}


def test_only_what_is_set():
    hub = (
        "repository: {url: 'https://github.com/a/b'}\nlaunch_buttons: {jupyterhub_url: 'https://h'}"
    )
    assert list(links(hub)) == ["Open on JupyterHub"]
    assert "urlpath=tree%2Fb%2Fnotebooks" in links(hub)["Open on JupyterHub"].query


def test_without_a_repository_the_build_says_what_is_missing(caplog):
    assert links("launch_buttons: {jupyterhub_url: 'https://h'}") == {}
    assert "give its address as repository: url" in caplog.text


def test_the_book_as_it_is_names_neither(html):
    for page in ("access", "pipeline", "checkpoint", "ledger"):
        text = (html / f"book/{page}.html").read_text()
        assert "Open as notebook" in text and "Open on" not in text
