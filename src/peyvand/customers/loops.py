"""What the worker keeps doing for customers: the search index follows the profiles."""

from peyvand.core.loops import Loop
from peyvand.customers.services.indexing import index_round

LOOPS = [Loop("customers.search", 0.5, index_round)]
