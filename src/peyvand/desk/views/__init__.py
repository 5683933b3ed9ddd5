"""Pages that join several apps: Pulse, customers, search."""
