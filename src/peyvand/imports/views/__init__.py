"""Pages of imports: the list, and one import from the upload to its end."""
