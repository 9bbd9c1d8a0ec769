"""What may be handed in as evidence: PDF, PNG or JPEG by its own first bytes, of bounded size, known by its SHA-256."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from shared.errors import Invalid, TooLarge, UnsupportedMediaType

LARGEST_BYTES = 8 * 1024 * 1024

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_ENDINGS = {"application/pdf": b"%%EOF", "image/png": b"IEND", "image/jpeg": b"\xff\xd9"}
_TAIL = 2048  # where writers may leave bytes behind the end mark


@dataclass(frozen=True, slots=True)
class Document:
    """A piece of evidence; `sha256` is hexadecimal and decides what is the same document."""

    content: bytes
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Quota:
    """How much evidence is kept for one municipality: a number of documents, and bytes of them all."""

    documents: int = 100
    total_bytes: int = 200 * 1024 * 1024

    def check(self, documents: int, total_bytes: int, coming: Document) -> None:
        """Raise `TooLarge` where one more document would be too many or too much."""
        if documents >= self.documents:
            raise TooLarge(
                f"a municipality keeps at most {self.documents} documents",
                field="document",
                reason="documents_full",
                values={"most": self.documents},
            )
        if total_bytes + len(coming.content) > self.total_bytes:
            raise TooLarge(
                f"a municipality's documents have at most {self.total_bytes // 1024 // 1024} MB together",
                field="document",
                reason="documents_heavy",
                values={"megabytes": self.total_bytes // 1024 // 1024},
            )


def recognise(content: bytes) -> Document:
    """The document in these bytes, whatever the sender called it.

    Raises `TooLarge` above `LARGEST_BYTES`, `Invalid` for empty or cut-off files, `UnsupportedMediaType` otherwise.
    """
    if len(content) > LARGEST_BYTES:
        raise TooLarge(
            f"a document has at most {LARGEST_BYTES // 1024 // 1024} MB",
            field="document",
            reason="document_too_large",
            values={"megabytes": LARGEST_BYTES // 1024 // 1024},
        )
    if not content:
        raise Invalid("the document is empty", field="document", reason="document_empty")
    media_type = next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), None)
    if media_type is None:
        raise UnsupportedMediaType("a document is a PDF, PNG or JPEG file", field="document", reason="document_type")
    if _ENDINGS[media_type] not in content[-_TAIL:]:
        raise Invalid("the document is cut off: its end is missing", field="document", reason="document_cut_off")
    return Document(content, media_type, hashlib.sha256(content).hexdigest())
