"""Options that several commands have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from .exits import EXIT_CODES

_F = TypeVar("_F", bound=Callable[..., Any])

EPILOG = "\b\n" + EXIT_CODES

FORMATS = ("table", "json", "yaml")


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """Which cluster, as kubectl's options say it; empty: as kubectl decides."""

    kubeconfig: str = ""
    context: str = ""


def output_option(function: _F) -> _F:
    """Adds `-o`."""
    return click.option(
        "-o",
        "--output",
        "form",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="How the result is written.",
    )(function)


def cluster_options(function: _F) -> _F:
    """Adds `--kubeconfig` and `--context`."""
    kubeconfig = click.option(
        "--kubeconfig",
        default="",
        metavar="FILE",
        help="How to reach the cluster; default: as kubectl.",
    )
    context = click.option(
        "--context", default="", metavar="NAME", help="The kubeconfig's context."
    )
    return kubeconfig(context(function))


def namespace_option(function: _F) -> _F:
    """Adds `-n`."""
    return click.option(
        "-n",
        "--namespace",
        default="",
        metavar="NAME",
        help="Namespace; default: the context's own.",
    )(function)
