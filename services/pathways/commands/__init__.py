"""Commands of pathways beyond those all services have: one file each."""
