"""All SQL of enrollment: one function a statement, the connection first."""
