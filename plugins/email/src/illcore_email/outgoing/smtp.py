"""One mail to the mail server, within the deadline; what the server says becomes one of the engine's four answers."""

import contextlib
import smtplib
import socket
import ssl

from illcore.connectors import Deadline
from illcore.errors import Misconfigured, Refused, TryLater, Unknown

from ..config import LOOPBACK, EmailConfig
from ..oauth import Shown, Tokens, chosen

_IMPLICIT_TLS = 465
_LEAST = 0.05


def deliver(raw: bytes, recipient: str, config: EmailConfig, deadline: Deadline, tokens: Tokens | None = None) -> str:
    """Hand a mail over; gives what the server answered.

    TryLater: it was certainly not taken. Refused: the server says for good that this mail or receiver is impossible.
    Misconfigured: login, TLS or our own sender address. Unknown: it had been sent when the connection broke.
    """
    server = _connected(config, deadline)
    handed_over = False
    try:
        _greet(server, config, deadline)
        _log_in(server, config, deadline, tokens)
        _answer(server.mail(config.address), "MAIL FROM", own=True)
        _timed(server, deadline)
        _answer(server.rcpt(recipient), f"RCPT TO {recipient}")
        _timed(server, deadline)
        _answer(server.docmd("DATA"), "DATA", wanted=354)
        _timed(server, deadline)
        handed_over = True
        server.send(_stuffed(raw))
        code, text = server.getreply()
        handed_over = False
        _answer((code, text), "the mail")
        return f"{code} {_words(text)}"
    except (OSError, smtplib.SMTPException) as error:
        if isinstance(error, smtplib.SMTPNotSupportedError):
            raise Misconfigured(f"{_place(config)}: {error}") from None
        said = f"{_place(config)} broke off: {_said(error)}"
        raise (Unknown(f"{said}; the mail may have been taken") if handed_over else TryLater(said)) from None
    finally:
        _end(server)


def _connected(config: EmailConfig, deadline: Deadline) -> smtplib.SMTP:
    left = deadline.remaining()
    if left <= _LEAST:
        raise TryLater("there was no time left to connect to the mail server")
    implicit = config.tls == "tls" or (config.smtp_port == _IMPLICIT_TLS and config.tls in ("auto", "required"))
    try:
        if implicit:
            context = tls_context(config)
            return smtplib.SMTP_SSL(
                config.smtp_host, config.smtp_port, local_hostname="localhost", timeout=left, context=context
            )
        return smtplib.SMTP(config.smtp_host, config.smtp_port, local_hostname="localhost", timeout=left)
    except ssl.SSLCertVerificationError as error:
        raise Misconfigured(f"{_place(config)}: its certificate is not trusted: {error.verify_message}") from None
    except smtplib.SMTPConnectError as error:
        raise TryLater(
            f"{_place(config)} does not take mail now: {error.smtp_code} {_words(error.smtp_error)}"
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise TryLater(f"{_place(config)} cannot be reached: {_said(error)}") from None


def _greet(server: smtplib.SMTP, config: EmailConfig, deadline: Deadline) -> None:
    _timed(server, deadline)
    server.ehlo_or_helo_if_needed()
    secure = isinstance(server, smtplib.SMTP_SSL)
    if not secure and config.tls != "none":
        offered = server.has_extn("starttls")
        if offered:
            _timed(server, deadline)
            try:
                server.starttls(context=tls_context(config))
            except ssl.SSLCertVerificationError as error:
                raise Misconfigured(
                    f"{_place(config)}: its certificate is not trusted: {error.verify_message}"
                ) from None
            _timed(server, deadline)
            server.ehlo()
            secure = True
        elif config.tls != "auto":
            raise Misconfigured(f'{_place(config)} offers no STARTTLS; set tls = "none" to send without')
    if config.logs_in and not secure and config.tls != "none" and config.smtp_host not in LOOPBACK:
        raise Misconfigured(f'{_place(config)}: the password would go out unencrypted; set tls = "none" to allow it')


def _log_in(server: smtplib.SMTP, config: EmailConfig, deadline: Deadline, tokens: Tokens | None) -> None:
    if not config.logs_in or not server.has_extn("auth"):
        return
    _timed(server, deadline)
    try:
        if tokens is None:
            server.login(config.login_name, config.password.get_secret_value())
        else:
            _show_token(server, config, deadline, tokens)
    except UnicodeEncodeError:
        raise Misconfigured("user and password must be ASCII for SMTP") from None
    except smtplib.SMTPAuthenticationError as error:
        text = f"{_place(config)} refuses the login: {error.smtp_code} {_words(error.smtp_error)}"
        raise (TryLater(text) if 400 <= error.smtp_code < 500 else Misconfigured(text)) from None


def _show_token(server: smtplib.SMTP, config: EmailConfig, deadline: Deadline, tokens: Tokens) -> None:
    """One that is refused may have been withdrawn before its time: then with another."""
    assert config.oauth2 is not None
    offered = server.esmtp_features.get("auth", "").upper().split()
    mechanism = chosen(config.oauth2.mechanism, offered, _place(config))
    token = tokens.token(deadline)
    for last in (False, True):
        _timed(server, deadline)
        try:
            server.auth(mechanism, Shown(mechanism, config.login_name, config.smtp_host, config.smtp_port, token))
            return
        except smtplib.SMTPAuthenticationError as error:
            if last or 400 <= error.smtp_code < 500:
                raise
            token = tokens.token(deadline, instead_of=token)


def _answer(reply: tuple[int, bytes], what: str, wanted: int = 0, own: bool = False) -> None:
    code, text = reply
    if code == wanted or (not wanted and 200 <= code < 300):
        return
    said = f"the mail server answered to {what}: {code} {_words(text)}"
    if 400 <= code < 500 or code == -1:
        raise TryLater(said)
    if code in (530, 534, 535, 538) or (own and 500 <= code < 600):
        raise Misconfigured(said)
    raise Refused(said, str(code))


def _timed(server: smtplib.SMTP, deadline: Deadline) -> None:
    left = deadline.remaining()
    if left <= _LEAST:
        raise TryLater("the time was over before the mail server took the mail")
    if isinstance(server.sock, socket.socket):
        server.sock.settimeout(left)


def _stuffed(raw: bytes) -> bytes:
    """Lines that begin with a dot get another one, then the final dot (RFC 5321, section 4.5.2)."""
    body = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
    return (b"." + body if body.startswith(b".") else body).replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _end(server: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException):
        if isinstance(server.sock, socket.socket):
            server.sock.settimeout(0.2)
        server.quit()
    with contextlib.suppress(OSError):
        server.close()


def tls_context(config: EmailConfig) -> ssl.SSLContext:
    """Certificates checked, unless the account says otherwise."""
    context = ssl.create_default_context()
    if not config.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _place(config: EmailConfig) -> str:
    return f"the mail server {config.smtp_host}:{config.smtp_port}"


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _words(text: bytes | str) -> str:
    found = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(found.split())[:300]
