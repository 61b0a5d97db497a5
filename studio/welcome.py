"""What `make run` and a container print: where everything is, and one call of the API that works as it stands."""

import os
import shlex

from django.conf import settings
from django.utils import timezone

from accounts.management.commands.signin_link import address
from accounts.models import ApiToken, Role, User, Workspace

TOKEN_NAME = "make run"  # nosec B105 # a name


def welcome(email: str, how_it_is: str = "is running") -> str:
    user = User.objects.get(email=email.lower())
    workspace = Workspace.objects.filter(memberships__user=user, memberships__role=Role.OWNER).earliest("pk")
    url = settings.PUBLIC_URL
    return f"""
  AdGen Studio {how_it_is}. Sign in once with this link (valid for 15 minutes):

      {address(user)}

  A new link at any time:  {_as_started()}{_python()} manage.py signin_link {user.email}
  Admin                    {url}/admin/
  API with its own page    {url}/docs

  Start a run from the command line:

      curl -s {url}/api/v1/runs -H 'Authorization: Bearer {_fresh_token(workspace, user)}' \\
           -H 'Content-Type: application/json' -d @examples/run.json

  Stop with Ctrl-C; what is under way goes on at the next start.
"""


def _as_started() -> str:
    """What was said to this process of where it lives: another one has to be told as well."""
    said = ((name, os.environ.get(name, "")) for name in ("VAR_DIR", "HOST", "PORT", "PUBLIC_URL"))
    return "".join(f"{name}={shlex.quote(value)} " for name, value in said if value)


def _python() -> str:
    return ".venv/bin/python" if (settings.BASE_DIR / ".venv").is_dir() else "python"  # in a container


def _fresh_token(workspace: Workspace, user: User) -> str:
    """A new secret each time: old ones are not kept anywhere and could not be printed again."""
    ApiToken.objects.filter(workspace=workspace, name=TOKEN_NAME).update(revoked_at=timezone.now())
    return ApiToken.issue(workspace, user, TOKEN_NAME)
