"""What every module of browser tests begins with: `pytestmark = BROWSER`."""

from __future__ import annotations

import pytest

BROWSER = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
"""One browser serves all tests of a process, so they share its event loop."""
