"""The ledger: a student's work as plain data, kept, merged, collated."""

from iowall.ledger.ledger import LEAST, MOST, SCHEMA, Ledger, Work, words
from iowall.ledger.merge import merged
from iowall.ledger.schema import LARGEST, loads
from iowall.parts import PARTS

__all__ = [
    "LARGEST",
    "LEAST",
    "MOST",
    "PARTS",
    "SCHEMA",
    "Ledger",
    "Work",
    "loads",
    "merged",
    "words",
]
