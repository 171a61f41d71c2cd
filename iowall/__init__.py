"""Storage models and live labs for *Data Storage: Feeding the Machine Learning Fleet*.

`iowall.models` needs NumPy alone; `iowall.labs` also the widgets of the extra `labs`.
"""

__version__ = "0.1.0"
