"""The chain perception → trust → loyalty → sales and reputation, as far as this brand knows it. Called by views/chain.py."""
