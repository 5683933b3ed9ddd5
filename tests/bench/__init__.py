"""Measurements of the figures the project is held to. Run by `script/bench`; a file `measure_<subject>.py` is a subject."""
