"""Maps: TOML that says which columns become which part of an interaction; read by schema, compiled by rules, shipped for known files."""
