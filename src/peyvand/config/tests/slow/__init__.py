"""An application with one slow job, installed through PEYVAND_APPS by the tests that kill a worker."""
