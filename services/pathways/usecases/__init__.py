"""What pathways can do: one method a thing, which opens the transaction."""

from services.pathways.usecases.facts import UseCases
from services.pathways.usecases.loading import Cause, Heard, Removed

__all__ = ["Cause", "Heard", "Removed", "UseCases"]
