"""What a check may use, and from where on something is a finding; every number may be configured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .codes import CODES

Severity = Literal["info", "review", "fail"]
Share = Annotated[float, Field(ge=0, le=1)]


class Limits(BaseModel):
    """The defaults suit a desk whose readers print and read copies of articles and chapters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The process that reads the file: the machine's protection, so these hold whatever the file says.
    memory_mb: Annotated[int, Field(ge=256)] = 1024
    """Address space. Python and the libraries take 100 MB, the largest image allowed below about 600."""
    cpu_seconds: Annotated[int, Field(ge=1)] = 60
    """A busy core looks at 20 scanned pages a second and more: 1,000 pages are done in time."""
    wall_seconds: Annotated[float, Field(gt=0)] = 90.0
    """On the clock; more than the CPU time, since other processes may be busy."""
    looking_share: Share = 0.75
    """The part of the CPU and wall time after which no further page is begun, so that a report still comes."""

    python: str = ""
    """The interpreter to start; empty: this process's own. To be set where a web server embeds Python."""

    # The file.
    file_mb: Annotated[int, Field(ge=1)] = 300
    """1,000 colour pages of 300 kB; more is a whole book or a mistake."""
    pages: Annotated[int, Field(ge=1)] = 1000
    """A copy is an article or chapter; of a longer file the first so many pages are looked at and staff are told."""
    objects: Annotated[int, Field(ge=100)] = 500_000
    """A tagged book has some 100,000."""
    stream_mb: Annotated[int, Field(ge=1)] = 128
    """One stream that is no picture, unpacked: a page's text has 1 MB at most, zlib packs 1,000 to 1."""
    unpacked_mb: Annotated[int, Field(ge=1)] = 4096
    """All streams, unpacked."""
    image_megapixels: Annotated[int, Field(ge=1)] = 150
    """A sheet of A3 in 600 dpi has 70, an A0 map in 300 dpi 140."""
    image_mb: Annotated[int, Field(ge=1)] = 450
    """The same image in bytes: 150 megapixels in three colours."""
    page_inches: Annotated[float, Field(gt=0)] = 200.0
    """The largest page that Acrobat shows (14,400 units, ISO 32000-1 annex C)."""

    # What is a finding.
    blank_ink: Share = 0.0004
    """The part of a page that is darker than its paper: dust on an empty page leaves 0.0002, one printed line 0.002."""
    black_dark: Share = 0.97
    """The part that is nearly black: an open lid or a lost exposure; white text on black still leaves 5 % white."""
    dark_dark: Share = 0.6
    """The same for pages that cost much toner: negatives of microfilm."""
    skew_degrees: Annotated[float, Field(gt=0, le=15)] = 2.0
    """Over the width of A4 a line climbs by 7 mm, nearly two lines of text; less goes unnoticed in reading."""
    low_dpi: Annotated[int, Field(ge=1)] = 150
    """8-point footnotes have lower-case letters of 1.4 mm: 8 pixels. Fine fax has 196 lines, good practice asks 300."""
    illegible_dpi: Annotated[int, Field(ge=1)] = 96
    """The same letters have 5 pixels: a, e and o are no longer told apart."""
    scan_share: Share = 0.5
    """How much of a page its images must cover to be judged as a scan; what is less is an illustration."""
    text_letters: Annotated[int, Field(ge=1)] = 50
    """Letters on a page that make a text layer; stamps and page numbers alone have fewer."""
    title_found: Share = 0.8
    """Likeness from which the title counts as found: one letter in ten misread in a hyphenated title still has it."""
    title_missing: Share = 0.5
    """Below this nothing of the title is there; other articles of the same subject reach 0.4."""
    extra_pages: Annotated[int, Field(ge=0)] = 3
    """Cover sheet, copyright notice and a page shared with the next article come along unasked."""
    many_same: Annotated[int, Field(ge=1)] = 20
    """So many findings of one kind are listed page by page, the rest as one."""
    severities: Mapping[str, Severity] = {}
    """What a code means here, where a library differs from the table: `{"skewed_page": "info"}`."""

    # For the staff's view.
    thumbnails: Annotated[int, Field(ge=0)] = 60
    """The first so many pages; at 4 kB each the report stays small."""
    thumbnail_pixels: Annotated[int, Field(ge=32, le=1000)] = 220
    """The longer side: enough to see that a page is blank, crooked or cut off."""

    @field_validator("severities")
    @classmethod
    def _known_codes(cls, value: Mapping[str, Severity]) -> Mapping[str, Severity]:
        unknown = sorted(set(value) - set(CODES))
        if unknown:
            raise ValueError(f"no finding is called {', '.join(unknown)}; there are {', '.join(CODES)}")
        return value

    def severity(self, code: str) -> Severity:
        """What the code means: `info` changes nothing, the gravest of the others is the verdict."""
        return self.severities.get(code, CODES[code].severity)

    def within(self, seconds: float) -> Limits:
        """The same for a caller that cannot wait longer than that."""
        wall = max(0.1, min(self.wall_seconds, seconds))
        return self.model_copy(update={"wall_seconds": wall})
