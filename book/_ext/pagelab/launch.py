"""Links that open a notebook on a JupyterHub or a Binder: there if `_config.yml` names one.

The theme's own launch buttons stand only on pages that are notebooks themselves, and open these.
"""

from html import escape
from urllib.parse import quote, urlencode, urlsplit

from sphinx.util import logging

# What opens a file, by Jupyter Book's names for the interfaces.
INTERFACES = {"classic": "tree", "jupyterlab": "lab/tree"}
UNSET = "https://github.com/executablebooks/jupyter-book"  # what Jupyter Book puts for none


def links(config, path):
    """Links to the file `path` of the repository, as HTML."""
    options = config.html_theme_options
    buttons, repository = options["launch_buttons"], options["repository_url"]
    if not (buttons.get("jupyterhub_url") or buttons.get("binderhub_url")):
        return ""
    if repository in ("", UNSET):
        logging.getLogger(__name__).warning(
            "_config.yml: launch_buttons need your repository; give its address as repository: url."
        )
        return ""
    repository = repository.rstrip("/").removesuffix(".git")
    branch = options["repository_branch"]
    opened = INTERFACES[buttons["notebook_interface"]]
    addresses = {}
    if hub := buttons.get("jupyterhub_url"):
        # nbgitpuller puts the repository into a folder of its own.
        where = f"{opened}/{repository.rsplit('/', 1)[-1]}/{path}"
        asked = urlencode({"repo": repository, "urlpath": where, "branch": branch})
        addresses["JupyterHub"] = f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{asked}"
    if binder := buttons.get("binderhub_url"):
        asked = urlencode({"urlpath": f"{opened}/{path}"})
        source = _binder_source(repository)
        addresses["Binder"] = f"{binder.rstrip('/')}/v2/{source}/{quote(branch, safe='')}?{asked}"
    css = f"{config.pagelab_prefix}-notebook-link"
    return "".join(
        f'<a class="{css}" href="{escape(address)}">Open on {name}</a>'
        for name, address in addresses.items()
    )


def _binder_source(repository):
    """A repository as Binder's addresses name it."""
    place = urlsplit(repository)
    path = place.path.strip("/")
    if place.netloc == "github.com":
        return f"gh/{path}"
    if place.netloc == "gitlab.com":
        return f"gl/{quote(path, safe='')}"
    return f"git/{quote(repository, safe='')}"
