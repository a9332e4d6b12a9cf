"""The list methods that programs call: their type is only partly known where they are named."""

from __future__ import annotations

from typing import Final

from srcad.ir.nodes import Ref

__all__ = ["APPEND", "LIST_APPEND", "LIST_POP", "POP"]

LIST_APPEND: Final[object] = vars(list)["append"]
LIST_POP: Final[object] = vars(list)["pop"]
APPEND: Final = Ref("list.append", LIST_APPEND)
POP: Final = Ref("list.pop", LIST_POP)
