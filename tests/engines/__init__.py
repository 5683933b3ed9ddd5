"""Every engine gives the figures that DuckDB gives. Run by `script/test --only engines`, which installs the engines."""
