"""What the worker keeps doing for customers: the search index follows the profiles, and moves between stages are noted."""

from peyvand.core.loops import Loop
from peyvand.customers.services.indexing import index_round
from peyvand.customers.services.lifecycle import lifecycle_round

LOOPS = [Loop("customers.search", 0.5, index_round), Loop("customers.lifecycle", 2.0, lifecycle_round)]
