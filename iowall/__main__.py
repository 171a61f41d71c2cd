"""``python -m iowall``: the same as the command ``iowall``."""

import sys

from iowall.cli import main

if __name__ == "__main__":
    sys.exit(main())
