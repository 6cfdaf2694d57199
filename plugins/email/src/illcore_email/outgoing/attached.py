"""Documents put into a mail that was written before: the same documents and the same mail are the same bytes."""

import hashlib
import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from illcore.errors import Refused
from illcore.message import DocumentFile

_CONTENT = re.compile(rb"(?im)^Content-[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n")


def with_documents(raw: bytes, documents: Sequence[DocumentFile], key: str, largest: int) -> bytes:
    """The mail with the files attached; documents that are only a URL stay in its text.

    Refused if all files together are larger than ``largest`` bytes: mail servers take no such mails.
    """
    files = [each for each in documents if each.path is not None]
    if not files:
        return raw
    size = sum(each.path.stat().st_size for each in files if each.path is not None)
    if size > largest:
        raise Refused(
            f"the documents have {size:,} bytes, more than a mail may carry here (max_attached = {largest:,}); "
            "send a link instead: set attachments to false for this partner, and supply the document again"
        )
    head, _, body = raw.partition(b"\r\n\r\n")
    head += b"\r\n"
    boundary = f"=_ill_mixed_{hashlib.sha256(key.encode()).hexdigest()[:32]}".encode()
    parts = [b"".join(_CONTENT.findall(head)) + b"\r\n" + body, *(_part(each) for each in files)]
    mixed = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n'
    joined = b"".join(b"--" + boundary + b"\r\n" + part.rstrip(b"\r\n") + b"\r\n" for part in parts)
    return _CONTENT.sub(b"", head) + mixed + joined + b"--" + boundary + b"--\r\n"


def _part(document: DocumentFile) -> bytes:
    assert document.path is not None
    maintype, _, subtype = document.media_type.partition("/")
    part = EmailMessage(policy=SMTP)
    part.set_content(
        document.path.read_bytes(), maintype, subtype, cte="base64", disposition="attachment", filename=document.name
    )
    del part["MIME-Version"]
    return part.as_bytes()
