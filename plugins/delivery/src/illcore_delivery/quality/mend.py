"""Repair as its callers see it: a document goes in, a clean new file comes out, and the original stays as it came."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from illcore.errors import IllcoreError
from illcore.model import BilingualText

from .budget import MB
from .confined import run
from .limits import Limits

REFUSALS: Mapping[str, tuple[str, str]] = {
    "not_a_document": ("it is no PDF, TIFF, JPEG or PNG", "文件不是 PDF、TIFF、JPEG 或 PNG"),
    "encrypted": (
        "it is protected by its maker; ask the supplier for one without protection",
        "文件受制作者保护，请向提供馆索取未加密的文件",
    ),
    "unreadable": ("nothing in it can be understood", "内容无法识别"),
    "no_pages": ("there are no pages in it", "文件中没有页面"),
    "too_large": ("it is too large to be written anew safely", "文件过大，无法安全重写"),
    "active": ("its active content cannot be taken out", "无法移除其中的活动内容"),
    "xfa": (
        "it is a dynamic form (XFA), of which only a notice would be left; ask the supplier for a print as PDF",
        "文件为动态表单（XFA），清理后仅剩提示页，请向提供馆索取打印版 PDF",
    ),
    "no_such_page": ("it has fewer pages than were named", "所指定的页码超出文件页数"),
    "all_blank": ("all its pages are blank; nothing would be left", "所有页面均为空白，删除后将无内容"),
    "nothing_left": ("so much cropping leaves nothing of a page", "裁切过多，页面将无内容"),
    "heavy": ("it takes more memory or time than is allowed", "超出允许的内存或时间"),
    "crashed": ("the program that reads it broke down", "读取程序异常终止"),
}
Millimetres = Annotated[float, Field(ge=0, le=1000)]


class Operations(BaseModel):
    """What to do; without any, the file is only written anew, sound and without active content (rebuild).

    `rotate`: degrees clockwise, any number; what is no multiple of 90 straightens a crooked scan. `crop`: millimetres
    off the left, top, right and bottom, as the page is seen. `pages`: only these (from 1); empty: all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rotate: Annotated[float, Field(ge=-360, le=360)] = 0.0
    drop_blank: bool = False
    crop: tuple[Millimetres, Millimetres, Millimetres, Millimetres] = (0.0, 0.0, 0.0, 0.0)
    pages: tuple[Annotated[int, Field(ge=1)], ...] = ()


class CannotRepair(IllcoreError):
    """Why a document stays as it is; `text` says it in both languages."""

    def __init__(self, path: Path, code: str) -> None:
        en, zh = REFUSALS[code]
        self.code = code
        self.text = BilingualText(en=f"{path.name} cannot be repaired: {en}", zh=f"{path.name} 无法修复：{zh}")
        super().__init__(self.text.en)


def repair(
    path: Path,
    operations: Operations | None = None,
    output: Path | None = None,
    limits: Limits | None = None,
) -> Path:
    """Write a PDF anew, TIFF, JPEG and PNG as PDF, and give its path: `output`, or `NAME-repaired.pdf` beside it.

    Active content is always taken out. The new file appears as a whole or not at all.

    Raises CannotRepair, FileExistsError if the output is there already, OSError if the file cannot be read.
    """
    limits, operations = limits or Limits(), operations or Operations()
    path = path.absolute()
    target = (output or path.with_name(f"{path.stem}-repaired.pdf")).absolute()
    with path.open("rb") as file:
        size = file.seek(0, 2)
    if size > limits.file_mb * MB:
        raise CannotRepair(path, "too_large")
    if target.exists():
        raise FileExistsError(17, "it is there already; name another file", str(target))
    with NamedTemporaryFile(dir=target.parent, prefix=".", suffix=".pdf", delete=False) as file:
        written = Path(file.name)
    try:
        order = {"path": str(path), "output": str(written), "writes": 4 * size + 64 * MB}
        said = run("repair", order | operations.model_dump(mode="json"), limits)
        answer = said.lines[-1] if said.ended == "done" else {"refused": said.ended}
        if "refused" in answer:
            raise CannotRepair(path, answer["refused"] if answer["refused"] in REFUSALS else "crashed")
        written.replace(target)
    finally:
        written.unlink(missing_ok=True)
    return target
