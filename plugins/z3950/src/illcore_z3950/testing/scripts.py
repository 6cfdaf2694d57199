"""Scripts for the scripted target: a plain good one, and what real targets do badly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .. import values as v
from ..ber import Node, ctx, encode
from .answers import encode_indefinite, init_answer, present_answer, search_answer
from .target import Conversation, Script

_INIT, _SEARCH, _PRESENT, _CLOSE = ctx(20), ctx(22), ctx(24), ctx(48)


def _requests(talk: Conversation) -> Iterator[Node]:
    while (request := talk.read()) is not None:
        if request[0] == _CLOSE:
            return
        yield request


def catalogue(
    records: Sequence[Node],
    *,
    at_most: int = 1000,
    write: Callable[[Node], bytes] = encode,
    delay: float = 0.0,
    init: Node | None = None,
) -> Script:
    """Answers as a good target: every search finds `records`. `at_most` limits the records of one present, `delay`
    in seconds comes before the search response, `write` encodes."""

    def script(talk: Conversation) -> None:
        for key, content in _requests(talk):
            if key == _INIT:
                talk.send(write(init or init_answer()))
            elif key == _SEARCH:
                if delay and talk.wait(delay):
                    return
                talk.send(write(search_answer(len(records))))
            elif key == _PRESENT:
                asked = v.fields(content)
                start, count = v.to_int(asked[ctx(30)]), v.to_int(asked[ctx(29)])
                if start < 1 or start + count - 1 > len(records):
                    talk.send(write(present_answer(status=5, diagnoses=[(13, str(start))])))
                    continue
                sent = records[start - 1 : start - 1 + min(count, at_most)]
                talk.send(write(present_answer(sent, status=0 if len(sent) == count else 2)))

    return script


def answering(*answers: Node | bytes) -> Script:
    """Gives these answers in turn, whatever is asked, and then none any more: with no answers it stalls."""

    def script(talk: Conversation) -> None:
        waiting = iter(answers)
        for _ in _requests(talk):
            answer = next(waiting, None)
            if answer is not None:
                talk.send(answer)

    return script


def closing(*answers: Node | bytes, at_once: bool = False) -> Script:
    """Gives these answers in turn and hangs up: at the request after them, or right behind them if `at_once`."""

    def script(talk: Conversation) -> None:
        for answer in answers:
            if talk.read() is None:
                return
            talk.send(answer)
        if not at_once:
            talk.read()

    return script


def dribbling(pause: float, *answers: Node) -> Script:
    """Gives these answers in turn, octet by octet with a pause after each."""

    def script(talk: Conversation) -> None:
        for answer in answers:
            if talk.read() is None:
                return
            talk.dribble(encode(answer), pause)
        talk.read()

    return script


def lying_about_length(announced: int) -> Script:
    """Answers Init with the header of a value of `announced` octets, of which few come."""
    return answering(b"\xb5\x88" + announced.to_bytes(8, "big") + b"\x83\x01")


def answering_http() -> Script:
    """Is a web server."""

    def script(talk: Conversation) -> None:
        talk.read()
        talk.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    return script


def indefinite(records: Sequence[Node]) -> Script:
    """As `catalogue`, with indefinite lengths everywhere."""
    return catalogue(records, write=encode_indefinite)
