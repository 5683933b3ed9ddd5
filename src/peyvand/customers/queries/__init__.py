"""Reads of customers: lists and searches, one person, consent."""
