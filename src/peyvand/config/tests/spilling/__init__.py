"""An application whose every part fails and quotes a customer in its error, for the test of the log."""

SARA = "سارا قناری"
