"""What an account `[accounts."oclc:main"]` may set: who asks, where the services are, how much may be asked."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from illcore.model import Symbol

TOKEN_URL = "https://oauth.oclc.org/token"
SEARCH_URL = "https://americas.discovery.api.oclc.org/worldcat/search/v2"
SEARCH_SCOPES = ("wcapi:view_brief_bib", "wcapi:view_institution_holdings")
ILL_SCOPES = ("create-requests", "manage-requests", "read-requests", "search-requests")

Secret = Annotated[SecretStr, Field(min_length=1)]
OclcSymbol = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9@*&#%+$/.-]{1,32}$")]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[!-~]+$")]
ActionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]{1,40}$")]
Service = Literal["search", "ill"]


class OclcConfig(BaseModel):
    """One institution's WSKey. `library` is the symbol here of that institution, `symbol` the one OCLC gave it.

    `per_day` and `per_second` bound the calls of all processes that use the WSKey on this database. `scopes` replaces
    those that the services need. `action_names` renames actions of the ILL service, `action_method` is how they are
    sent. `settle_seconds`: how long after an unclear try a request that is not found is not yet believed to be missing.
    `max_body` is in bytes, of one answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    library: Symbol
    symbol: OclcSymbol
    registry_id: Annotated[int, Field(ge=1, le=2**53)]
    wskey: Secret
    secret: Secret
    services: Annotated[tuple[Service, ...], Field(min_length=1)] = ("search", "ill")
    token_url: str = TOKEN_URL
    search_url: str = SEARCH_URL
    ill_url: str = ""
    scopes: tuple[Word, ...] = ()
    context: bool = True
    per_day: Annotated[int, Field(ge=1, le=10_000_000)] = 50_000
    per_second: Annotated[float, Field(gt=0, le=1000)] = 10.0
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 25.0
    max_body: Annotated[int, Field(ge=10_000, le=100_000_000)] = 5_000_000
    user_agent: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$")] = "illcore-oclc"
    verify: bool = True
    ca_file: Path | None = None
    allow_http: bool = False

    held_by_symbol: tuple[OclcSymbol, ...] = ()
    held_in_country: str = ""
    held_in_state: str = ""
    all_editions: bool = False
    title_search: bool = True

    requests_path: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[\w/.-]{1,100}$")] = "requests"
    initial_status: Word = "SUBMITTING"
    statuses: tuple[Word, ...] = ()
    settle_seconds: Annotated[float, Field(ge=0, le=3600)] = 30.0
    action_method: Literal["POST", "PUT"] = "POST"
    action_names: Mapping[ActionName, ActionName] = {}

    @field_validator("token_url", "search_url", "ill_url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        url = value.strip().rstrip("/")
        if not url:
            return url
        split = urlsplit(url)
        if split.scheme not in ("http", "https") or not split.hostname or split.username or split.query:
            raise ValueError("write a URL such as https://ill.example.org/ill, without user, password and query")
        return url

    @model_validator(mode="after")
    def _urls_fit(self) -> "OclcConfig":
        if "ill" in self.services and not self.ill_url:
            raise ValueError(
                'ill_url is missing: give the base URL of the ILL service, or set services = ["search"] to do without'
            )
        for name in ("token_url", "search_url", "ill_url"):
            url = urlsplit(str(getattr(self, name)))
            if url.scheme == "http" and not self.allow_http and not _is_loopback(url.hostname or ""):
                raise ValueError(f"{name} is not https: keys would go out unencrypted; set allow_http to permit it")
        return self

    def wanted_scopes(self) -> str:
        """The scopes of a token, separated by blanks, with the institution they are for."""
        names = list(self.scopes)
        if not names:
            names += SEARCH_SCOPES if "search" in self.services else ()
            names += [f"resource-sharing:{each}" for each in ILL_SCOPES] if "ill" in self.services else []
        return " ".join([*names, *([f"context:{self.registry_id}"] if self.context else [])])


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
