"""The TLS settings of an account → an SSL context."""

from __future__ import annotations

import ssl
from pathlib import Path

from illcore.errors import ConfigError


def tls_context(ca_file: Path | None, verify: bool) -> ssl.SSLContext:
    """Trusts the certificates of `ca_file`, or the system's. Raises ConfigError if the file cannot be used."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"ca_file: {ca_file} holds no certificates that can be read ({error.strerror or error})"
        ) from None
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
