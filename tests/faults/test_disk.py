"""The disk is full at a write."""

import resource

import httpx2
import pytest

from tests.faults.stage import Stage
from tests.world import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]


def test_the_disk_is_full_at_a_write(stage: Stage) -> None:
    """No write of the server gets through, to its database or its log, as on a disk without room (`RLIMIT_FSIZE`)."""
    stage.begin()
    process = stage.server.process.pid
    usual = resource.prlimit(process, resource.RLIMIT_FSIZE)
    with stage.happens("disk full at a write"):
        resource.prlimit(process, resource.RLIMIT_FSIZE, (1, usual[1]))
        wait_for(lambda: stage.writer.refused[503] >= 2 or bool(stage.writer.faults))
        assert httpx2.get(stage.live, trust_env=False, verify=False).status_code == 200, "it can still be read"
        resource.prlimit(process, resource.RLIMIT_FSIZE, usual)
    stage.ends_well(worries=".")
    assert stage.writer.words == {"The server cannot use its database just now. Please try again in a moment."}
