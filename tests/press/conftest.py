"""The small project that the press is tried on."""

import pytest
from desk import Desk


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk(tmp_path / "project")
