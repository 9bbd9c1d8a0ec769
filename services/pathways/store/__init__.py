"""All SQL of pathways: one function a statement, connection first."""
