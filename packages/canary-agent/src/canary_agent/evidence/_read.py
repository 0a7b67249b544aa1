"""Reads one side's logs into its table, in one pass."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from canary_agent import figures
from canary_agent.collect import ContainerLog, Side

from ._span import Span, joined_seconds
from ._table import SideTable

if TYPE_CHECKING:
    from .parse._observe import Parser


class Cancelled(Exception):  # noqa: N818 - not an error: somebody asked for it
    """The reading was cancelled."""


def read_side(side: Side, parser: "Parser", cancelled: Callable[[], bool]) -> SideTable:
    """Counts all of a side's records; a log that cannot be read is named in `unread`.

    Raises:
        Cancelled: `cancelled` said so; it is asked with every chunk and every batch of lines.
    """
    table, spans = SideTable(), []
    for log in sorted(side.logs, key=lambda log: (log.pod, log.container, not log.previous)):
        table.truncated |= log.truncated
        spans.append(span := Span())
        try:
            _read_log(log, table, span, parser, cancelled)
        except OSError as error:
            table.unread.append(f"{log.pod}/{log.container}: {error.strerror or error}")
        else:
            table.containers += not log.previous
        table.starts += 1
    table.log_seconds = sum(span.seconds or 0.0 for span in spans)
    table.seconds = joined_seconds(spans)
    return table


def _read_log(
    log: ContainerLog,
    table: SideTable,
    span: Span,
    parser: "Parser",
    cancelled: Callable[[], bool],
) -> None:
    chunks = _unless(cancelled, log.read())
    for groups in parser.groups(span.watch(chunks)):
        for group in groups:
            table.add(group, log.pod, log.container)
        if cancelled():
            raise Cancelled


def _unless(cancelled: Callable[[], bool], chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if cancelled():
            raise Cancelled
        figures.count("collectedBytes", len(chunk))
        yield chunk
