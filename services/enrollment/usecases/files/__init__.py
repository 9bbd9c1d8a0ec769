"""Files: saved mappings, uploads on their way, the brake, and the work on them."""

from services.enrollment.usecases.files.cases import FileCases
from services.enrollment.usecases.files.mappings import Mappings, SavedMapping
from services.enrollment.usecases.files.uploads import Upload, Uploads
from services.enrollment.usecases.files.working import FileWork, Pace

__all__ = ["FileCases", "FileWork", "Mappings", "Pace", "SavedMapping", "Upload", "Uploads"]
