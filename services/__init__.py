"""The four services: enrollment, pathways, notifications, reporting. None imports another."""
