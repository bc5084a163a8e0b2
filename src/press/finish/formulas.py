"""The formulas of a site, typeset; a faulty one is told where it was written, in a page or in a caption."""

from pathlib import Path

from .. import math
