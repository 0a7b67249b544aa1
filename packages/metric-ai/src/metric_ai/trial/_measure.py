"""A measurement from Run to its end, by the controller's rules.

Source: argo-rollouts v1.9.1, analysis/analysis.go (`runMeasurements`): Run once, then Resume at ResumeAt until
the measurement has finished; times are kept in whole seconds. An Error is not tried again here.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from lightkube.config.kubeconfig import SingleConfig

from argo_rollouts_plugin.client import MetricProviderClient, as_stored
from argo_rollouts_plugin.v1alpha1 import Measurement
from goplugin import LogLine, PluginError
from metric_ai.exits import CommandError
from metric_ai.terminal import Progress, Terminal

from ._prepare import Prepared

_SOONEST = 0.05
_MARGIN = 60.0
_LOOK = 0.2
# What leads the plugin to a cluster: there it would look for an AnalysisRun that does not exist.
_NOT_FOR_IT = ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT")


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be tried.

    Attributes:
        program: the plugin's file.
        config: the cluster's, for stanzas with attachLogs.
        verbose: whether the plugin's log is shown.
    """

    program: Path
    prepared: Prepared
    config: SingleConfig
    verbose: bool = False


def measure(terminal: Terminal, trial: Trial) -> Measurement:
    """The finished measurement.

    Raises:
        CommandError: the file is no plugin, or the measurement does not end.
        click.Abort: Ctrl-C; the measurement has been ended.
    """
    log: list[str] = []

    def on_log(line: LogLine) -> None:
        log.append(line.message)
        if trial.verbose:
            terminal.note(f"{line.level:<5} {line.message}")

    with _environment(trial) as environment:
        client = MetricProviderClient([str(trial.program)], env=environment, on_log=on_log)
        try:
            with client, terminal.progress("starting the plugin") as progress:
                return _measured(client, trial.prepared, progress, terminal)
        except PluginError as error:
            raise CommandError(
                f"{trial.program} is no plugin that can be asked: {error}",
                "is it made for this machine? make plugin builds one" if not log else log[-1],
            ) from error


@contextmanager
def _environment(trial: Trial) -> Iterator[Mapping[str, str]]:
    kept = {name: text for name, text in os.environ.items() if name not in _NOT_FOR_IT}
    if not trial.prepared.settings.attach_logs:
        yield kept
        return
    from ._relay import relayed_cluster  # noqa: PLC0415 - for attachLogs only

    with relayed_cluster(trial.config, trial.prepared.run.metadata.namespace) as kubeconfig:
        yield {**kept, "KUBECONFIG": str(kubeconfig)}


def _measured(
    client: MetricProviderClient, prepared: Prepared, progress: Progress, terminal: Terminal
) -> Measurement:
    failure = client.init_plugin().error_string
    if failure:
        raise CommandError(f"InitPlugin failed: {failure}", "look at the plugin's environment")
    began = time.monotonic()
    deadline = began + prepared.settings.timeout + _MARGIN
    progress.step("Run")
    found: Measurement | None = None
    try:
        found = as_stored(client.run(prepared.run, prepared.metric))
        while found.finished_at is None:
            _wait(found, began, deadline, prepared, progress)
            found = as_stored(client.resume(prepared.run, prepared.metric, found))
    except KeyboardInterrupt:
        _terminate(client, prepared, found, terminal)
        raise click.Abort from None
    return found


def _wait(
    found: Measurement, began: float, deadline: float, prepared: Prepared, progress: Progress
) -> None:
    now = datetime.now(UTC)
    left = (found.resume_at - now).total_seconds() if found.resume_at else 0.0
    until = time.monotonic() + max(_SOONEST, left)
    while (now_ := time.monotonic()) < until:
        if now_ >= deadline:
            raise CommandError(
                f"still {found.phase.value} after {now_ - began:.0f} s", "is the agent at work?"
            )
        message = f": {found.message}" if found.message else ""
        task = found.metadata.get("taskId", "")
        at = f", task {task[:36]}" if task else ""
        progress.step(
            f"{found.phase.value}{message}{at}", (now_ - began) / prepared.settings.timeout
        )
        time.sleep(min(_LOOK, until - now_))


def _terminate(
    client: MetricProviderClient, prepared: Prepared, found: Measurement | None, terminal: Terminal
) -> None:
    if found is None or found.finished_at is not None:
        return
    ended = client.terminate(prepared.run, prepared.metric, found)
    terminal.note(f"Terminate: {ended.phase.value}: {ended.message}", "doubt")
