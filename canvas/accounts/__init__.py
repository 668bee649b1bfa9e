"""Users, workspaces and memberships."""
