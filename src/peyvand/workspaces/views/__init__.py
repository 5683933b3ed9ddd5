"""Pages of workspaces and the people in them."""
