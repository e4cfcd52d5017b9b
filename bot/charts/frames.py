"""How the worker and its parent talk: a flag, the payload's length, the payload."""

from __future__ import annotations

import struct

FRAME = struct.Struct(">?I")
"""Asked: whether for a dark canvas, then a pickled picture. Answered: whether drawn, then PNG or the error's name."""
