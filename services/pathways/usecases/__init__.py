"""What pathways can do: one method a thing, which opens the transaction."""

from services.pathways.usecases.facts import Cause, Heard, UseCases

__all__ = ["Cause", "Heard", "UseCases"]
