"""What every check of the core shares: the library as an argument, one thread, one seed."""

import pytest
import torch
from mutation import Library, load

torch.set_num_threads(1)


def pytest_configure(config):
    """Two deprecations inside torch.func and diffusers, which neither we nor our readers can act on."""
    config.addinivalue_line("filterwarnings", "ignore:`torch.jit.script` is deprecated:DeprecationWarning")
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="session")
def lib() -> Library:
    """The library itself; `test_mutants` hands the same checks a broken one."""
    return load()


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)
