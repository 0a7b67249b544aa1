"""Finds the one verdict in an agent's answer, or says why there is none."""

from collections.abc import Iterator

from canary_verdict import VERDICT_MEDIA_TYPE, CanaryVerdict, ContractError, parse_verdict

from ._errors import UnreadableAnswer
from ._json import check_depth, decode_object_at
from ._limits import DEFAULT_LIMITS
from ._model import Message, Part, PartKind, Task, TaskState
from ._text import snippet

# Prose may hold braces that begin no JSON object; each costs a try.
_MAX_TRIES = 100


def read_answer(answer: Task | Message, run_uid: str) -> CanaryVerdict:
    """The verdict on the run `run_uid`.

    Read in this order: data parts of our media type; any data part that is a verdict; text parts with
    exactly one JSON object, in a code fence or not. A part of our media type must be a verdict, and
    where an answer holds several verdicts they must agree.

    Raises:
        UnreadableAnswer: the task is not completed, or there is no such verdict.
    """
    if isinstance(answer, Task):
        if answer.state is not TaskState.COMPLETED:
            raise UnreadableAnswer(
                f"found a task that is {answer.state}, expected a completed one to hold a verdict"
            )
        parts = [part for artifact in answer.artifacts for part in artifact.parts]
        parts += answer.status_parts
    else:
        parts = list(answer.parts)
    verdicts, problems = [], []
    for part in sorted(parts, key=_rank):
        try:
            verdicts.append(parse_verdict(_document(part), run_uid))
        except (ContractError, ValueError) as error:
            if part.media_type == VERDICT_MEDIA_TYPE:
                raise UnreadableAnswer(f"the verdict cannot be used: {error}") from error
            problems.append(str(error))
    if not verdicts:
        raise UnreadableAnswer(_nothing(parts, problems))
    if len({verdict.verdict for verdict in verdicts}) > 1:
        raise UnreadableAnswer("found verdicts that contradict each other, expected one")
    return verdicts[0]


def _rank(part: Part) -> int:
    if part.media_type == VERDICT_MEDIA_TYPE:
        return 0
    return 1 if part.kind is PartKind.DATA else 2


def _document(part: Part) -> object:
    """The JSON value that a part holds.

    Raises:
        ValueError: it holds none, or more than one.
    """
    if part.kind is PartKind.DATA:
        return part.value
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
