"""Tests across apps: architecture, journeys through the whole product, measurements. Tests of one app stand beside its code."""
