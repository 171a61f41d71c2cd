"""Storage models and live labs for *Data Storage: Feeding the Machine Learning Fleet*.

`iowall.models` needs NumPy alone; `iowall.labs` also needs ipywidgets, bqplot and anywidget.
"""

__version__ = "0.1.0"
