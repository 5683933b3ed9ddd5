"""Peyvand: hear customers, know how they perceive the brand, act on it, prove it paid."""
