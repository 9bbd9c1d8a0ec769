"""Working on uploaded files, and forgetting those that never became whole."""

from __future__ import annotations

from services.enrollment.usecases.files import FileWork, Uploads

EVERY_SECONDS = 0.5
FORGET_EVERY_SECONDS = 3600.0
WORKERS = 2  # in one process: a long file does not keep a short one waiting


async def work_on_files(work: FileWork) -> None:
    """Work on all files that wait."""
    await work.work()


async def forget_unfinished_files(uploads: Uploads) -> None:
    """Forget files whose sender or receiver died."""
    await uploads.forget_unfinished()
