"""The columnar copy of the timeline: Delta tables that any analytics engine can read.

`flushing` copies new rows, `undoing` takes undone batches away, `tending` compacts; `places` says where tables are.
"""
