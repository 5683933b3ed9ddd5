"""The house's own tools: messages, checks, the test run and the services it needs. Called by the scripts beside this folder."""
