"""What writes a line of a log, as `print` does. `logging` is imported only where it is used."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from srcad.kinds import is_log
from srcad.rules.declare import constant
from srcad.rules.samples import of

__all__: list[str] = []

_LOGGER = logging.getLogger("srcad.rules")

_fn: Callable[..., Any]
for _fn in filter(is_log, vars(logging).values()):
    level = "level, " if _fn is logging.log else ""
    given = (10, "%s", 1.5) if _fn is logging.log else ("%s", 1.5)
    constant(_fn, f"{level}msg, *args -> y", samples=lambda given=given: (of(*given),))
for _fn in filter(is_log, vars(logging.Logger).values()):
    level = "level, " if _fn is logging.Logger.log else ""
    given = (10, "%s", 1.5) if _fn is logging.Logger.log else ("%s", 1.5)
    constant(
        _fn, f"self, {level}msg, *args -> y", samples=lambda given=given: (of(_LOGGER, *given),)
    )
