"""Counts the answers in a column of a file (CSV, XLSX, Parquet, NDJSON) without a server: behind `peyvand analyze`."""

from peyvand.measures.files.counting import tally_file
from peyvand.measures.files.errors import FileReadError

__all__ = ["FileReadError", "tally_file"]
