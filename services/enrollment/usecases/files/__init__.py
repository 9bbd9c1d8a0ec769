"""Files: saved mappings, uploads on their way, the brake, and the work on them."""

from services.enrollment.usecases.files.cases import FileCases
from services.enrollment.usecases.files.mappings import Mappings, SavedMapping
from services.enrollment.usecases.files.parts import Parts
from services.enrollment.usecases.files.rows import Subjects
from services.enrollment.usecases.files.uploads import Upload, Uploads
from services.enrollment.usecases.files.working import FileWork, Ground, Pace

__all__ = [
    "FileCases",
    "FileWork",
    "Ground",
    "Mappings",
    "Pace",
    "Parts",
    "SavedMapping",
    "Subjects",
    "Upload",
    "Uploads",
]
