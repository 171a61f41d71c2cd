"""pagelab with the settings of this book's `_config.yml`."""

import yaml
from pagelab import settings

from tests.conftest import ROOT

_CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
WRITTEN = {
    name.removeprefix("pagelab_"): value
    for name, value in _CONFIG.items()
    if name.startswith("pagelab_")
}
SETTINGS = settings.read(WRITTEN, ROOT)
