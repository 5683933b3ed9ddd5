"""Pages of surveys: the customer's own, the editor's, and the list of answers."""
