"""What an account `[accounts."email:main"]` may set; only the address, the hosts and the ports are required."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from illcore.model import Symbol

from .addresses import checked

LOOPBACK = ("localhost", "127.0.0.1", "::1")
Tls = Literal["auto", "required", "starttls", "tls", "none"]
Port = Annotated[int, Field(ge=1, le=65535)]
HostName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=253, pattern=r"^\S+$")]


class Template(BaseModel):
    """A library's or a partner's own wording of one letter; what is empty stays as it is.

    In each `$title`, `$number` and the like are replaced (README). `html` is the whole HTML part.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str = ""
    lead: str = ""
    text: str = ""
    html: str = ""


Templates = Mapping[str, Mapping[Literal["en", "zh"], Template]]
"""Letter name (`request shipped …`) → language → wording."""


class OAuth2(BaseModel):
    """How to log in with OAuth 2: with a refresh token that somebody signed in for, else with the client's own rights.

    `mechanism` is how the token is shown; `auto` takes OAUTHBEARER (RFC 7628) or XOAUTH2, whichever is offered.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_url: str
    client_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")
    scope: str = ""
    client_auth: Literal["post", "basic"] = "post"
    mechanism: Literal["auto", "XOAUTH2", "OAUTHBEARER"] = "auto"

    @field_validator("token_url")
    @classmethod
    def _is_secure(cls, value: str) -> str:
        parts = urlsplit(value)
        if (
            not parts.hostname
            or parts.username
            or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
        ):
            raise ValueError("write an https address such as https://login.example.org/token")
        return value

    @model_validator(mode="after")
    def _has_a_right(self) -> Self:
        if not self.refresh_token.get_secret_value() and not self.client_secret.get_secret_value():
            raise ValueError("give refresh_token, or client_secret for a client with rights of its own")
        return self


class EmailConfig(BaseModel):
    """One mailbox. `tls` holds for both servers: `auto` takes TLS on ports 465 and 993, else STARTTLS where offered.

    `token_key` signs the addresses that answers go to; without it a key is made once and kept in the database.
    `library` is needed where the mailbox belongs to one of several libraries that know the same partners.
    `max_mail` is in bytes; of a larger mail only the head is read and kept.
    `max_attached` is in bytes too, of all documents of one mail before they are encoded, which adds a third.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str
    smtp_host: HostName
    smtp_port: Port
    imap_host: HostName
    imap_port: Port
    user: str = ""
    password: SecretStr = SecretStr("")
    oauth2: OAuth2 | None = None
    tls: Tls = "auto"
    verify: bool = True
    library: Symbol | None = None
    display_name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    folders: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...], Field(min_length=1)
    ] = ("INBOX",)
    plus_address: bool = True
    token_key: SecretStr = SecretStr("")
    format: Literal["letter", "gsm", "form", "artemail"] = "letter"
    language: Literal["en", "zh", ""] = ""
    templates: Templates = {}
    library_templates: Mapping[Symbol, Templates] = {}
    max_mail: Annotated[int, Field(ge=10_000, le=500_000_000)] = 25_000_000
    max_attached: Annotated[int, Field(ge=10_000, le=200_000_000)] = 18_000_000
    batch: Annotated[int, Field(ge=1, le=1000)] = 100
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 25.0

    @field_validator("address")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        found = checked(value)
        if not found:
            raise ValueError("write an e-mail address such as ill@library.example.org")
        return found

    @field_validator("tls", mode="before")
    @classmethod
    def _yes_or_no(cls, value: Any) -> Any:
        return {True: "required", False: "none"}[value] if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.oauth2 is not None and self.password.get_secret_value():
            raise ValueError("give either password or oauth2, not both")
        return self

    @property
    def logs_in(self) -> bool:
        """Whether there is anything to log in with."""
        return self.oauth2 is not None or bool(self.password.get_secret_value())

    @property
    def login_name(self) -> str:
        """The login name on both servers."""
        return self.user or self.address

    @property
    def mailbox(self) -> str:
        """The name under which mails of this account are kept: its address in small letters."""
        return self.address.lower()
