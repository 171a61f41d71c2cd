"""Tables of pagelab in this book's look."""

from functools import partial

from pagelab import tables

row = partial(tables.row, prefix="iowall")
table = partial(tables.table, prefix="iowall")
