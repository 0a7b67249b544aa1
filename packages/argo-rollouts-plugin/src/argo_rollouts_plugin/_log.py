"""Logs as the controller reads them: hclog JSON lines on stderr, at the level of `LOG_LEVEL`."""

import logging
from collections.abc import Mapping
from typing import Final

from goplugin import TRACE, HclogHandler

LOG_LEVEL: Final = "LOG_LEVEL"
_LEVELS: Final = {
    "panic": logging.CRITICAL,
    "fatal": logging.CRITICAL,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": TRACE,
}
_DEFAULT: Final = "info"


def configure_logging(environ: Mapping[str, str]) -> None:
    """Sends the root logger's records to the controller.

    Args:
        environ: where `LOG_LEVEL` is looked up: panic, fatal, error, warn, info, debug or trace,
            in any case. Without it, or with an unknown one, which is warned about, it is info.
    """
    logging.addLevelName(TRACE, "TRACE")
    # goplugin logs on its own until somebody configures logging; now the root does it.
    logging.getLogger("goplugin").handlers.clear()
    wanted = environ.get(LOG_LEVEL, "").strip() or _DEFAULT
    level = _LEVELS.get(wanted.lower())
    root = logging.getLogger()
    root.handlers = [HclogHandler()]
    root.setLevel(_LEVELS[_DEFAULT] if level is None else level)
    if level is None:
        root.warning(
            "%s is %r, which is none of %s; using %s",
            LOG_LEVEL,
            wanted,
            ", ".join(_LEVELS),
            _DEFAULT,
        )
