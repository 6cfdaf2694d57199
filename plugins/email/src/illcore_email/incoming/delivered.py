"""The attachments that are documents: PDF, TIFF and JPEG by their first bytes, whatever they are called. Pure."""

from illcore.documents import media_type_of
from illcore.errors import Invalid
from illcore.message import IncomingDocument

from .mime import Attachment, Mail

MOST = 50
_TAKEN = frozenset({"application/pdf", "image/tiff", "image/jpeg"})


def documents_in(mail: Mail) -> tuple[IncomingDocument, ...]:
    """At most fifty; pictures that only stand in the text, such as the logo of a signature, are none."""
    return tuple(
        IncomingDocument(name=each.name, content=each.content, media_type=each.media_type)
        for each in mail.attachments[:MOST]
        if _is_document(each)
    )


def _is_document(attachment: Attachment) -> bool:
    if attachment.inline or not attachment.content:
        return False
    try:
        return media_type_of(attachment.content[:1024]) in _TAKEN
    except Invalid:
        return False
