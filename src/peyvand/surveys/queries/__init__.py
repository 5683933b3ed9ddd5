"""Reads of surveys: lists of answers, results, rules in words."""
