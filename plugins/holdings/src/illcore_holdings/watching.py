"""The progress bar of a load: on stderr, where a person looks on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .loading import Watch
from .texts import said


@contextmanager
def watched(size: int, language: str, *, quiet: bool = False) -> Iterator[Watch]:
    """A watch that shows how much of a file of so many octets is done, records and bad ones; nothing if quiet."""
    if quiet or not sys.stderr.isatty():
        yield Watch()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[count]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(said("loading_bar", language), total=size, count="")
        removed = [0]

        def done(octets: int, read: int, bad: int) -> None:
            label = f"{read:,}" if not bad else f"{read:,} ({said('bad', language)}: {bad:,})"
            bar.update(task, completed=size if octets < 0 else octets, count=label)

        def removing(count: int) -> None:
            removed[0] += count
            description = said("removing_bar", language)
            bar.update(task, description=description, total=None, count=f"{removed[0]:,}")

        yield Watch(done, removing)
