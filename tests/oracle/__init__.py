"""A second, naive implementation of the rules of pathways, against which the service's own is compared."""
