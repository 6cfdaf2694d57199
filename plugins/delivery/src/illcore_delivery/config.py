"""What an account `[accounts."delivery:main"]` may set; only `url` should be, since readers' browsers must reach it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from .quality import Limits

Url = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^https?://[^\s?#@]+$")]


class DeliveryConfig(BaseModel):
    """How documents are handed over, where a copyright verdict asks for nothing stricter.

    `url` is where `ill serve` is reached from outside; links are `<url>/d/…`. `folder` keeps what is handed over
    (default: `delivery` beside an SQLite database). A link works for `days` and `views` times. `password` gives every
    link one, told in the receipt alone; `confirm` shows a page with a button before every download, so that programs
    that look into mails use up no view. `cover` and `watermark` say whether they are put on even where no verdict
    asks for them. `secret`, if given, is what links are derived from instead of the file `secret.key` in `folder`.
    `font` is a TrueType font with Chinese; `page` the size of cover pages. `max_bytes` is the largest document.
    `quality` has the limits of the quality check and what its findings mean.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Url = "http://127.0.0.1:8000"
    folder: Path | None = None
    days: Annotated[int, Field(ge=1, le=3650)] = 30
    views: Annotated[int, Field(ge=1, le=10_000)] = 5
    password: Literal["none", "generated"] = "none"
    confirm: bool = False
    cover: Literal["when_asked", "always"] = "when_asked"
    watermark: Literal["when_asked", "always"] = "when_asked"
    secret: SecretStr = SecretStr("")
    font: str = ""
    page: Literal["a4", "letter"] = "a4"
    max_bytes: Annotated[int, Field(ge=1024)] = 500_000_000
    quality: Limits = Limits()
