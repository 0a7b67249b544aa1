"""The command `canary-agent`."""

import argparse
import functools
import gc
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from canary_agent import __version__, act, offline
from canary_agent.cluster import ClusterSettings, parse_namespaces
from canary_agent.models import (
    MODEL_OPTIONS,
    SECRETS,
    ModelsError,
    modules_for,
    read_models,
    take_panel,
)
from canary_agent.settings import (
    MEBIBYTE,
    PREFIX,
    Settings,
    SettingsError,
    check_cluster,
    read_state,
    read_token,
)

EXIT_FAILED = 1
EXIT_USAGE = 2

_DESCRIPTION = "An A2A agent that judges canaries by their logs."
_SERVE = """\
Listens for canary requests over A2A (1.0 and 0.3, JSON-RPC and HTTP+JSON), compares the logs of
canary and stable, and answers promote, rollback or inconclusive with its evidence.

Logs, pod states and events come from the cluster, or with --logs from a folder: it holds
stable/<pod>/<container>.log and canary/<pod>/<container>.log (an earlier instance's as
<container>.previous.log), optionally kubernetes.json with lists `pods` and `events` of API objects, or
all that in <namespace>/<rollout>/. A request that carries logs along is judged by those.

In the cluster the agent needs: pods list, pods/log get, events list; nothing else.

Analyses are kept in the state: an agent that is killed goes on with them when it is started again
with the same one. A file is for one agent; several may share a PostgreSQL database. SIGTERM drains:
what runs may end within --grace seconds, the rest goes on at the next start.
"""
_JUDGE = """\
Judges again, offline, what an analysis has saved, and prints the same verdict to the byte. Or judges a
folder: stable/<pod>/<container>.log, canary/<pod>/<container>.log, optionally kubernetes.json.
"""
_EPILOG = f"""\
environment:
  {PREFIX}TOKEN  clients must send it as "Authorization: Bearer <token>"
  {PREFIX}STATE  here the URL may hold a password; on the command line, which everybody on the
                      machine can read, it may not. PGPASSWORD and PGPASSFILE serve, too.
  ALLOWED_NAMESPACES  as {PREFIX}ALLOWED_NAMESPACES
  MODELS              as --models; GEMINI_MODEL=NAME is MODELS=google:NAME. Without either the evidence
                      alone decides. Providers and their keys, each also from a file by <KEY>_FILE:
                      google (GOOGLE_API_KEY), google-cloud (an account, GOOGLE_CLOUD_PROJECT), openai
                      (OPENAI_API_KEY), anthropic (ANTHROPIC_API_KEY), azure (AZURE_OPENAI_API_KEY), mistral
                      (MISTRAL_API_KEY), bedrock (AWS's own), openai-compatible:NAME@URL
                      (OPENAI_COMPATIBLE_API_KEY, where it asks for one)
  GITHUB_TOKEN        opens issues, and draft pull requests, where a request allows remediation; or a GitHub
                      App: GITHUB_APP_ID and GITHUB_APP_KEY_FILE (PEM)
  Every option can be set there too, as {PREFIX}<OPTION>: {PREFIX}LOG_LEVEL=debug.
  The command line goes first.

exit codes:
  0 ended in order, 1 cannot listen or cannot use the state, 2 wrong settings

examples:
  canary-agent serve --logs ./logs
  canary-agent serve --kubeconfig ~/.kube/config --allowed-namespaces shop,cart
  canary-agent serve --logs /logs --host 0.0.0.0 --token-file /run/secrets/token --state /data/agent.sqlite
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code.

    Args:
        arguments: without the program's name; default: the process's own.
    """
    parsed = _parser().parse_args(arguments)
    if parsed.command == "judge":
        return _judge(parsed.path, parsed.save)
    if parsed.command == "report":
        return _report(parsed.path, parsed.output)
    if parsed.command in offline.COMMANDS:
        return offline.run(parsed)
    try:
        settings = _settings(parsed, os.environ)
        settings.check()
    except (SettingsError, ModelsError) as error:
        return _fail(error, EXIT_USAGE)
    return _serve(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="canary-agent", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"canary-agent {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")
    judge = commands.add_parser(
        "judge",
        help="judge a bundle or a folder of logs, and print the verdict",
        description=_JUDGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    judge.add_argument("path", type=Path, metavar="BUNDLE", help="bundle, or folder of logs")
    judge.add_argument("--save", type=Path, metavar="FILE", help="save the analysis as a bundle")
    report = commands.add_parser(
        "report",
        help="write the verdict of a bundle as a page for people",
        description="Writes the verdict of a bundle, or of a folder of logs, as one HTML file that needs "
        "nothing else.",
    )
    report.add_argument("path", type=Path, metavar="BUNDLE", help="bundle, or folder of logs")
    report.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default="",
        help="where to write it; - for standard output (default: the bundle's name with .html, here)",
    )
    offline.add_commands(commands)
    serve = commands.add_parser(
        "serve",
        help="listen for canary requests",
        description=_SERVE,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, (kind, metavar, text) in _OPTIONS.items():
        option = f"--{name.replace('_', '-')}"
        serve.add_argument(option, type=kind, metavar=metavar, help=text)
    for name, text in _FLAGS.items():
        option = f"--{name.replace('_', '-')}"
        serve.add_argument(option, action="store_true", default=None, help=text)
    return parser


def _whole(low: int, high: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"found {text!r}, expected {low} to {high}")
        return int(text)

    return whole


def _seconds(text: str) -> float:
    return float(_whole(0, 3600)(text))


def _namespaces(text: str) -> tuple[str, ...]:
    try:
        return parse_namespaces(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


_FLAGS = {
    "baseline": "let the last promoted analysis among --bundles tell what is usual for a Rollout",
    "insecure": "let everybody ask who can connect, on any address",
    "metrics_open": "tell /metrics without the token",
}

_OPTIONS: dict[str, tuple[Callable[[str], object], str, str]] = {
    "logs": (Path, "DIR", "folder with the logs of both sides, instead of the cluster's"),
    "bundles": (Path, "DIR", "folder to save the newest 100 analyses in, redacted"),
    "kubeconfig": (
        str,
        "FILE",
        "how to reach the cluster (default: as kubectl, or in a pod its account)",
    ),
    "context": (str, "NAME", "the kubeconfig's context (default: its current one)"),
    "allowed_namespaces": (
        _namespaces,
        "NAMES",
        "namespaces that may be read, with commas, or * (default: in a pod its own, elsewhere any)",
    ),
    "host": (str, "ADDRESS", "address to listen on (default 127.0.0.1)"),
    "port": (_whole(0, 65535), "PORT", "port to listen on; 0 takes a free one (default 8080)"),
    "state": (
        str,
        "PLACE",
        "where analyses are kept: file or postgresql://… (default canary-agent.sqlite)",
    ),
    "state_url_file": (str, "FILE", "file with the database's URL, password and all"),
    "concurrency": (_whole(1, 64), "N", "analyses at work at one time (default 2)"),
    "token_file": (str, "FILE", f"file with the token, instead of {PREFIX}TOKEN"),
    "public_url": (str, "URL", "origin for the agent card (default: the one the client used)"),
    "grace": (_seconds, "SECONDS", "time for running analyses after SIGTERM (default 20)"),
    "max_request": (_whole(1, 64), "MIB", "largest request, in MiB (default 8)"),
    "keep_days": (_whole(1, 3650), "DAYS", "how long finished tasks are kept (default 7)"),
    "keep_count": (_whole(100, 10**6), "N", "how many finished tasks are kept (default 10000)"),
    **MODEL_OPTIONS,
    **act.ACT_OPTIONS,
    "log_format": (str, "FORMAT", "json or text (default json)"),
    "log_level": (str, "LEVEL", "error, warning, info or debug (default info)"),
}


_CLUSTER_OPTIONS = ("kubeconfig", "context", "allowed_namespaces")


def _settings(parsed: argparse.Namespace, environment: Mapping[str, str]) -> Settings:
    values: dict[str, object] = {}
    for name, (kind, _, _) in _OPTIONS.items():
        given = getattr(parsed, name)
        if given is None:
            given = _from_environment(name, kind, environment)
        if given is not None:
            values[name] = given
    state = read_state(environment, parsed.state or "", str(values.pop("state_url_file", "")))
    if state:
        values["state"] = state
    values["token"] = read_token(environment, str(values.pop("token_file", "")))
    for name in _FLAGS:
        values[name] = bool(getattr(parsed, name)) or _flag(environment, name.upper())
    if "allowed_namespaces" not in values:
        values["allowed_namespaces"] = (
            _from_environment("ALLOWED_NAMESPACES", _namespaces, environment, prefix="") or ()
        )
    cluster = {name: values.pop(name) for name in _CLUSTER_OPTIONS if name in values}
    if "logs" not in values:
        check_cluster(environment, str(cluster.get("kubeconfig", "")))
    values["cluster"] = ClusterSettings(**cluster)  # type: ignore[arg-type]  # as below
    if "max_request" in values:
        values["max_body"] = int(str(values.pop("max_request"))) * MEBIBYTE
    panel = take_panel(values)
    models = read_models(environment, str(values.pop("models", "")), panel)
    values["models"] = models
    try:
        values["act"] = act.take_act(values, environment, models)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    return Settings(**values)  # type: ignore[arg-type]  # each was read by its option's type


def _from_environment(
    name: str, kind: Callable[[str], object], environment: Mapping[str, str], prefix: str = PREFIX
) -> object:
    variable = prefix + name.upper()
    text = environment.get(variable, "")
    if not text:
        return None
    try:
        return kind(text)
    except argparse.ArgumentTypeError as error:
        raise SettingsError(f"{variable}: {error}") from error


def _flag(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(f"{PREFIX}{name}", "").lower()
    if text not in ("", "0", "false", "1", "true"):
        raise SettingsError(f"{PREFIX}{name}: found {text!r}, expected 1 or 0")
    return text in ("1", "true")


def _judge(path: Path, save: Path | None) -> int:
    # Imported late: help need not wait for what judges.
    from canary_agent.judging import JudgingError, judge_file  # noqa: PLC0415

    try:
        text, note = judge_file(path, save)
    except JudgingError as error:
        return _fail(error, EXIT_FAILED)
    if note:
        print(f"canary-agent: {note}", file=sys.stderr)
    print(text, end="")
    return 0


def _report(path: Path, output: str) -> int:
    # Imported late: help need not wait for what judges.
    from canary_agent.judging import JudgingError  # noqa: PLC0415
    from canary_agent.reporting import ReportingError, report_file  # noqa: PLC0415

    target = Path(output or f"{path.resolve().stem}.html")
    try:
        page = report_file(path)
        if output == "-":
            print(page)
            return 0
        target.write_text(page, "utf-8")
    except OSError as error:
        failure = f"{target} cannot be written: {error.strerror or error}; name another with -o"
        return _fail(ReportingError(failure), EXIT_FAILED)
    except (JudgingError, ReportingError) as error:
        return _fail(error, EXIT_FAILED)
    print(target)
    return 0


def _serve(settings: Settings) -> int:
    _clean_environment()
    # A pass of the garbage collector costs more with each module, and finds nothing in them.
    gc.disable()
    # Imported late: help and errors need not wait seconds for the server's libraries.
    from canary_agent import cluster, folder, server, store  # noqa: PLC0415
    from canary_agent.logs import child_logging, configure_logging  # noqa: PLC0415

    gc.freeze()  # nor is there anything to collect of them when the process ends
    gc.enable()

    configure_logging(settings.log_level, settings.log_format)
    plan = server.ServeSettings(
        engine=store.EngineSettings(
            state=settings.state,
            concurrency=settings.concurrency,
            keep_seconds=settings.keep_days * 86_400,
            keep_count=settings.keep_count,
            preload=(
                *(cluster.MODULES if settings.logs is None else folder.MODULES),
                *modules_for(settings.models),
                *act.modules_of(settings.act),
            ),
            prepare=child_logging(settings.log_level, settings.log_format),
            follow_up=store.FollowUp(
                act.concerns,
                functools.partial(act.actor_for, settings.act),
                settings.act.off,
                functools.partial(act.search_link, settings.act),
            ),
        ),
        app=server.AppSettings(
            token=settings.token,
            public_url=settings.public_url.rstrip("/"),
            max_body=settings.max_body,
            metrics_open=settings.metrics_open,
        ),
        host=settings.host,
        port=settings.port,
        grace=settings.grace,
    )
    bundles, models, baseline = settings.bundles, settings.models, settings.baseline
    if settings.logs is None:
        analyser = cluster.cluster_analyser(settings.cluster, bundles, models, baseline=baseline)
    else:
        analyser = folder.folder_analyser(
            settings.logs, bundles, models, windowed=True, baseline=baseline
        )
    try:
        return server.serve(plan, analyser, _announce)
    except store.StateLostError as error:
        _end_at_once(_fail(error, EXIT_FAILED))
    except (OSError, store.StateError) as error:
        return _fail(error, EXIT_FAILED)


def _clean_environment() -> None:
    """DBOS's variables turn on its cloud; secrets are not for the children, which read foreign logs.

    Models' keys reach the child that asks them with its task, and no other way.
    """
    secret = (f"{PREFIX}TOKEN", f"{PREFIX}STATE", "PGPASSWORD", *SECRETS, *act.SECRETS)
    for name in [name for name in os.environ if name.startswith(("DBOS__", *secret))]:
        del os.environ[name]


def _end_at_once(code: int) -> NoReturn:
    """Ends without waiting for threads that hang in calls to a database out of reach."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


def _announce(line: str) -> None:
    print(line, flush=True)


def _fail(error: Exception, code: int) -> int:
    print(f"canary-agent: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
