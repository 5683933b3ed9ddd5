"""`python -m tests.fuzz TARGET [-max_total_time=300]`: looks for bytes that break a reader, led by what they reach; needs Atheris.

Atheris is not among the requirements: it is built for few Pythons. What it finds goes into FOUND of the test beside this file.
"""

import sys

import atheris
import django

with atheris.instrument_imports(include=["peyvand"]):
    django.setup()
    from tests.fuzz.targets import TARGETS

atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
atheris.Fuzz()
