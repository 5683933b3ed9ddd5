"""What the worker keeps doing for figures: compile the texts of their questions after a new edition came."""

from peyvand.core.loops import Loop
from peyvand.insights.preparing import prepare

LOOPS = [Loop("insights.prepare", 300, prepare)]
