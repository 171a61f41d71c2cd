"""Instruments: built once, shown many times, in numbers already computed.

Each is a `VBox` with one public method, `show`, a picture and a sentence that says the same.
"""
