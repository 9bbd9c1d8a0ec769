"""Door 1 of enrollment, HTTP: parse, authorise, one use case, answer."""
