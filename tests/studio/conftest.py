"""A campaign of Alice's to write briefs in."""

import pytest

from accounts.models import User, Workspace
from studio.models import Campaign


@pytest.fixture
def campaign(workspace: Workspace, alice: User) -> Campaign:
    return Campaign.objects.create(workspace=workspace, name="Summer", created_by=alice)
