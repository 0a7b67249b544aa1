"""One analysis as one file: logs within limits and redacted, pods, events, the request, the verdict.

A bundle is a zip archive:

    bundle.json     form and version, the request, of each side its pods, events and list of logs, gaps
    logs/0.log ...  in the order of the lists
    exchanges.json  what models were asked and answered, and how their votes count; where any were asked
    verdict.json    with its evidence

What a bundle holds is what has been judged: the sample is first written, redacted, and then read back, so
that judging the file again gives the same verdict to the byte. The names of pods are in bundle.json, and
never become paths.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from canary_verdict import CanaryRequest, CanaryVerdict, ContractError, parse_request
from canary_verdict.redaction import redact_lines

from .collect import (
    CollectError,
    ContainerLog,
    Gap,
    PodEvent,
    PodStatus,
    Sample,
    Side,
    Source,
    TrafficShare,
)
from .models import Exchange, PanelSettings, RecordedPanel

_FORM, _VERSION = "metric-ai bundle", 1
_INDEX, _VERDICT, _EXCHANGES = "bundle.json", "verdict.json", "exchanges.json"
_CHUNK = 1 << 20
_MAX_INDEX = 64 << 20
_MAX_LOGS = 2000

MAX_BUNDLES = 100
"""Files that a folder of bundles holds."""
_MAX_LINE = 16 << 10


class BundleError(CollectError):
    """A file that is no bundle, or a damaged one; says what was found."""


@dataclass(frozen=True, slots=True)
class BundleLimits:
    """Bytes that are kept: of one log, and of all; the rest of a log is left out, and coverage says so."""

    log_bytes: int = 16 << 20
    all_bytes: int = 128 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle holds.

    It is a source, too: of its own sample, whatever is asked.

    Attributes:
        verdict: the one that was saved, as `verdict_text` gives it.
        panel: models' answers as they were recorded; None where nobody was asked.
    """

    request: CanaryRequest
    sample: Sample
    verdict: str = ""
    panel: RecordedPanel | None = None

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """See `Source.collect`."""
        del request, cancelled
        return self.sample


class _LogEntry(msgspec.Struct, frozen=True):
    pod: str
    container: str
    previous: bool
    truncated: bool
    file: str


class _SideEntry(msgspec.Struct, frozen=True):
    logs: tuple[_LogEntry, ...]
    pods: tuple[PodStatus, ...]
    events: tuple[PodEvent, ...]


class _Heard(msgspec.Struct, frozen=True):
    settings: PanelSettings
    exchanges: tuple[Exchange, ...]


class _Form(msgspec.Struct, frozen=True):
    form: str
    version: int


class _Index(msgspec.Struct, frozen=True):
    form: str
    version: int
    request: dict[str, Any]
    stable: _SideEntry
    canary: _SideEntry
    gaps: tuple[Gap, ...]
    traffic: TrafficShare | None = None
    baseline: _SideEntry = _SideEntry((), (), ())


class BundledSource:
    """Another source, whose sample is written to a bundle and read from there.

    Args:
        otherwise: where the sample comes from.
        path: the file, which is replaced.
        limits: what is kept of the logs.
    """

    def __init__(self, otherwise: Source, path: Path, limits: BundleLimits | None = None) -> None:
        self._otherwise = otherwise
        self._path = path
        self._limits = limits or BundleLimits()

    def collect(self, request: CanaryRequest, cancelled: Callable[[], bool]) -> Sample:
        """See `Source.collect`.

        Raises:
            BundleError: the file cannot be written.
        """
        sample = self._otherwise.collect(request, cancelled)
        try:
            _write(self._path, request, sample, self._limits, cancelled)
        except OSError as error:
            raise BundleError(
                f"{self._path} cannot be written: {error.strerror or error}"
            ) from error
        return read_bundle(self._path).sample

    def add(
        self,
        verdict: CanaryVerdict,
        settings: PanelSettings | None = None,
        exchanges: tuple[Exchange, ...] = (),
    ) -> None:
        """Completes the file: with the verdict, and where models were asked, with what they answered."""
        with zipfile.ZipFile(self._path, "a", zipfile.ZIP_DEFLATED) as archive:
            if settings:
                heard = msgspec.json.encode(_Heard(settings, exchanges))
                archive.writestr(_entry(_EXCHANGES), heard)
            archive.writestr(_entry(_VERDICT), verdict_text(verdict))


def new_bundle(folder: Path, request: CanaryRequest) -> Path:
    """A file for this analysis in the folder, of which the newest hundred are kept.

    Raises:
        BundleError: the folder cannot be used.
    """
    known = "/".join((request.run.namespace, request.run.uid, request.run.metric))
    digest = hashlib.sha256(known.encode()).hexdigest()[:12]
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in bundles_in(folder)[MAX_BUNDLES - 1 :]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise BundleError(f"{folder} cannot hold bundles: {error.strerror or error}") from error
    return folder / f"{moment}-{digest}.zip"


def bundles_in(folder: Path) -> list[Path]:
    """The files that `new_bundle` has named, the newest first."""
    return sorted(folder.glob("*Z-????????????.zip"), reverse=True)


def verdict_text(verdict: CanaryVerdict) -> str:
    """A verdict as it stands in a bundle and on the command line: the same bytes for the same verdict."""
    return json.dumps(verdict.to_json(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def read_bundle(path: Path) -> Bundle:
    """Opens a bundle; logs are read when they are asked for.

    Raises:
        BundleError: the file is no bundle, or of another version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            content = _small(archive, _INDEX)
            _check_form(path, content)
            index = msgspec.json.decode(content, type=_Index)
            names = set(archive.namelist())
            verdict = _small(archive, _VERDICT).decode() if _VERDICT in names else ""
            panel = _panel(_small(archive, _EXCHANGES)) if _EXCHANGES in names else None
        request = parse_request(index.request)
    except (
        OSError,
        KeyError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
    ) as error:
        raise BundleError(
            f"{path} is no bundle that can be read: {error}"[:500]
            + "; where it was copied, it may be cut short: copy it again"
        ) from error
    except ContractError as error:
        raise BundleError(f"{path}: its request cannot be read: {error}"[:500]) from error
    stable, canary, baseline = (
        _side(path, entry) for entry in (index.stable, index.canary, index.baseline)
    )
    sample = Sample(stable, canary, index.gaps, index.traffic, baseline)
    return Bundle(request, sample, verdict, panel)


def _check_form(path: Path, content: bytes) -> None:
    # Before all else: a newer form may have other fields.
    found = msgspec.json.decode(content, type=_Form)
    if (found.form, found.version) != (_FORM, _VERSION):
        newer = (
            ": use a canary-agent as new as the one that saved it"
            if found.version > _VERSION
            else ""
        )
        raise BundleError(
            f"{path}: found {found.form[:40]!a} of version {found.version}, "
            f"expected {_FORM!r} of {_VERSION}{newer}"
        )


def _panel(content: bytes) -> RecordedPanel:
    heard = msgspec.json.decode(content, type=_Heard)
    for exchange in heard.exchanges:
        exchange.check()
    return RecordedPanel(heard.settings, heard.exchanges)


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        content = file.read(_MAX_INDEX + 1)
    if len(content) > _MAX_INDEX:
        raise ValueError(f"{name} has more than {_MAX_INDEX} bytes")
    return content


def _side(path: Path, entry: _SideEntry) -> Side:
    logs = tuple(
        ContainerLog(log.pod, log.container, _reader(path, log.file), log.previous, log.truncated)
        for log in entry.logs[:_MAX_LOGS]
    )
    return Side(logs, entry.pods, entry.events)


def _reader(path: Path, name: str) -> Callable[[], Iterator[bytes]]:
    def read() -> Iterator[bytes]:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(name) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except (KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            raise OSError(f"{path.name}: {error}") from error

    return read


def _write(
    path: Path,
    request: CanaryRequest,
    sample: Sample,
    limits: BundleLimits,
    cancelled: Callable[[], bool],
) -> None:
    gaps = list(sample.gaps)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        writer = _Writer(archive, limits, gaps, cancelled)
        index = _Index(
            form=_FORM,
            version=_VERSION,
            request={
                name: value
                for name, value in request.to_json().items()
                if not name.startswith("attached")  # they are among the logs
            },
            stable=writer.side("stable", sample.stable),
            canary=writer.side("canary", sample.canary),
            baseline=writer.side("baseline", sample.baseline),
            gaps=tuple(gaps),
            traffic=sample.traffic,
        )
        archive.writestr(_entry(_INDEX), msgspec.json.encode(index))


class _Writer:
    """Writes logs one after the other, and keeps to the limit of all."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        limits: BundleLimits,
        gaps: list[Gap],
        cancelled: Callable[[], bool],
    ) -> None:
        self._archive = archive
        self._limits = limits
        self._gaps = gaps
        self._cancelled = cancelled
        self._left = limits.all_bytes
        self._number = 0

    def side(self, name: str, side: Side) -> _SideEntry:
        """Writes one side's logs; one that cannot be read is a gap."""
        written = []
        for log in side.logs[:_MAX_LOGS]:
            if self._cancelled():
                break
            file = f"logs/{self._number}.log"
            self._number += 1
            try:
                cut = self._log(log, file)
            except OSError as error:
                cut = True
                self._gaps.append(
                    Gap(
                        f"{name}: the log {log.pod}/{log.container}: {error.strerror or error} was not read"
                    )
                )
            written.append(
                _LogEntry(log.pod, log.container, log.previous, log.truncated or cut, file)
            )
        return _SideEntry(tuple(written), side.pods, side.events)

    def _log(self, log: ContainerLog, file: str) -> bool:
        """Writes a log's lines, redacted; says whether a limit cut some off."""
        left = min(self._limits.log_bytes, self._left)
        with self._archive.open(_entry(file), "w") as target:
            for line in redact_lines(_lines(log.read()), _MAX_LINE):
                content = line.encode("utf-8", "replace") + b"\n"
                left -= len(content)
                if left < 0 or self._cancelled():
                    return True
                self._left -= len(content)
                target.write(content)
        return False


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    held = b""
    for chunk in chunks:
        *whole, held = (held + chunk).split(b"\n")
        for line in whole:
            yield line[:_MAX_LINE].decode("utf-8", "replace")
        held = held[:_MAX_LINE]
    if held:
        yield held.decode("utf-8", "replace")


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry without the time of its making, so that equal bundles are equal files."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
