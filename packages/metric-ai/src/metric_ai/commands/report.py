"""What may be typed after `metric-ai report`."""

from pathlib import Path

import click

from metric_ai.exits import CommandError, Exit
from metric_ai.options import EPILOG

_HELP = """\
Write a saved analysis as one self-contained HTML page: verdict, cause, evidence, coverage.

BUNDLE is what `metric-ai analyze --save` and `canary-agent serve --bundles` write. One without a verdict is judged first.

\b
Examples:
  metric-ai report canary.zip              # writes canary.html
  metric-ai report canary.zip -o report.html
  metric-ai report canary.zip -o - | less
"""


@click.command("report", help=_HELP, epilog=EPILOG)
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Where to; - is standard output. Default: beside the bundle, as .html.",
)
def command(bundle: Path, output: Path | None) -> Exit:
    """See `_HELP`."""
    from metric_ai.reporting import page_of  # noqa: PLC0415 - help need not wait
    from metric_ai.terminal import Terminal  # noqa: PLC0415 - help need not wait

    page = page_of(bundle)
    if output == Path("-"):
        click.echo(page, nl=False)
        return Exit.OK
    target = output or bundle.with_suffix(".html")
    try:
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"{target} cannot be written: {error.strerror or error}", "name another with -o"
        ) from error
    Terminal().note(f"written: {target}", "good")
    return Exit.OK
