"""Finds the one verdict in an agent's answer, or says why there is none."""

import re
from collections.abc import Iterator, Mapping, Sequence

from canary_verdict import VERDICT_MEDIA_TYPE, CanaryVerdict, ContractError, parse_verdict

from ._errors import UnreadableAnswer
from ._json import check_depth, decode_object_at
from ._limits import DEFAULT_LIMITS
from ._model import Message, Part, PartKind, Task, TaskState
from ._text import snippet

# Prose may hold braces that begin no JSON object; each costs a try.
_MAX_TRIES = 100

# A brace and a name: what is then no object is one that was cut off, and might have said otherwise.
_BEGINS_OBJECT = re.compile(r'\{\s*"')


class _TornError(ValueError):
    """A text holds the beginning of a JSON object, but no object."""


def read_answer(answer: Task | Message, run_uid: str) -> CanaryVerdict:
    """The verdict on the run `run_uid`.

    Read in this order: data parts of our media type; any data part that is a verdict; text parts with
    exactly one JSON object, in a code fence or not. A text that an artifact or a message holds in pieces
    is read as one. A part of our media type must be a verdict, and where an answer holds several verdicts
    they must agree. A JSON object that was cut off might have been a verdict too: with it, texts say
    nothing. Where a task has no artifact, the agent's last message counts too.

    Raises:
        UnreadableAnswer: the task is not completed, or there is no such verdict.
    """
    parts = [part for holder in _holders(answer) for part in _mended(holder)]
    verdicts, problems = [], []
    data_spoke = False
    for part in sorted(parts, key=_rank):
        try:
            verdicts.append(parse_verdict(_document(part), run_uid))
        except (ContractError, ValueError) as error:
            if part.media_type == VERDICT_MEDIA_TYPE:
                raise UnreadableAnswer(f"the verdict cannot be used: {error}") from error
            if isinstance(error, _TornError) and not data_spoke:
                raise UnreadableAnswer(f"no verdict in the answer: {error}") from error
            problems.append(str(error))
        else:
            data_spoke = data_spoke or part.kind is PartKind.DATA
    if not verdicts:
        raise UnreadableAnswer(_nothing(parts, problems))
    if len({verdict.verdict for verdict in verdicts}) > 1:
        raise UnreadableAnswer("found verdicts that contradict each other, expected one")
    return verdicts[0]


def _holders(answer: Task | Message) -> list[tuple[Part, ...]]:
    """The parts of each artifact or message that may hold a verdict."""
    if isinstance(answer, Message):
        return [answer.parts]
    if answer.state is not TaskState.COMPLETED:
        raise UnreadableAnswer(
            f"found a task that is {answer.state}, expected a completed one to hold a verdict"
        )
    artifacts = [artifact.parts for artifact in answer.artifacts]
    return [*(artifacts or [answer.last_parts]), answer.status_parts]


def _rank(part: Part) -> int:
    if part.media_type == VERDICT_MEDIA_TYPE:
        return 0
    return 1 if part.kind is PartKind.DATA else 2


def _mended(parts: Sequence[Part]) -> Sequence[Part]:
    """The parts of one artifact or message, with a text put together that came in pieces.

    Servers that stream append each chunk of a model's text as a part of its own, so that a JSON object
    begins in one part and ends in another. Where no object does, the parts are left as they are.
    """
    texts = [part.value for part in parts if isinstance(part.value, str) and _is_text(part)]
    if len(texts) < 2:
        return parts
    whole = "".join(texts)
    try:
        if [value for text in texts for value in _objects(text)] == list(_objects(whole)):
            return parts
    except ValueError:
        pass  # a piece of an object: only all together can show what it is
    return [*(part for part in parts if not _is_text(part)), Part(PartKind.TEXT, "", whole)]


def _is_text(part: Part) -> bool:
    return part.kind is PartKind.TEXT and part.media_type != VERDICT_MEDIA_TYPE


def _document(part: Part) -> object:
    """The JSON value that a part holds.

    Raises:
        ValueError: it holds none, or more than one.
    """
    if part.kind is PartKind.DATA:
        return _unwrapped(part.value)
    if part.kind is PartKind.FILE or not isinstance(part.value, str):
        raise ValueError("found a file, expected data or text")
    found = list(_objects(part.value))
    if len(found) != 1:
        count = f"{len(found)} JSON objects" if found else "no JSON object"
        raise ValueError(
            f"found {count} in the text {snippet(part.value, limit=80)!r}, expected one"
        )
    check_depth(found[0], DEFAULT_LIMITS.max_depth)
    return found[0]


def _unwrapped(value: object) -> object:
    """A value that stands alone in a field `result`, as fasta2a puts an agent's structured output."""
    if isinstance(value, Mapping) and list(value) == ["result"]:
        return value["result"]
    return value


def _objects(text: str) -> Iterator[dict[str, object]]:
    """The JSON objects in a text that are not within another; empty ones say nothing."""
    start = text.find("{")
    tries = 0
    while start != -1:
        tries += 1
        if tries > _MAX_TRIES:
            raise ValueError(f"found more than {_MAX_TRIES} braces in a text, expected one object")
        decoded = decode_object_at(text, start)
        if decoded is None:
            if _BEGINS_OBJECT.match(text, start):
                raise _TornError("found a JSON object that is not whole, expected one object")
            start = text.find("{", start + 1)
            continue
        value, end = decoded
        if value:
            yield value
        start = text.find("{", end)


def _nothing(parts: list[Part], problems: list[str]) -> str:
    if not parts:
        return "found an answer without parts, expected a verdict"
    more = f" (and {len(problems) - 1} more parts like it)" if len(problems) > 1 else ""
    return f"no verdict in the answer: {problems[0]}{more}"
