"""Journeys through the whole product: a real server, a real browser, real mail."""
