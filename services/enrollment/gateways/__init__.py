"""What enrollment asks outside of its database."""
