"""What the pages of companies show, worded for the reader. Called by views/companies.py."""
