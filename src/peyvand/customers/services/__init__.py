"""Everything that writes customers' profiles, attributes and consents."""
