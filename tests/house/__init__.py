"""The house's own tools, tested: `script/house`."""
