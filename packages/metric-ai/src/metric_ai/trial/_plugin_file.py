"""Which file is the plugin."""

import os
import shutil
import sys
from pathlib import Path

from metric_ai.exits import CommandError

_VARIABLE = "METRIC_AI_PLUGIN"
_INSTALLED = "rollouts-plugin-metric-ai"


def plugin_file(given: Path | None) -> Path:
    """The file that is named, else the first of the usual ones that is there.

    Raises:
        CommandError: the named one is no program, or there is none.
    """
    named = given or (Path(os.environ[_VARIABLE]) if os.environ.get(_VARIABLE) else None)
    if named is not None:
        if not named.is_file() or not os.access(named, os.X_OK):
            raise CommandError(
                f"{named} is no program that can be started",
                f"name the plugin's file with --plugin, and chmod +x {named}",
            )
        return named.absolute()
    beside = Path(sys.executable).with_name(_INSTALLED)
    on_path = shutil.which(_INSTALLED)
    for path in (Path("bin/metric-ai"), beside, Path(on_path or beside)):
        if path.is_file() and os.access(path, os.X_OK):
            return path.absolute()
    raise CommandError(
        "the plugin's file is not found: neither bin/metric-ai nor an installed one",
        "name it with --plugin; make plugin builds bin/metric-ai",
    )
