"""The engines that compute figures from the lake's files: DuckDB or chDB in this process, or a Spark cluster. Called by timeline.warehouse.

Each has `sql`, which gives its SQL of an Ibis expression, and `read`, which runs that over the files of the tables; `contract` says how.
"""
