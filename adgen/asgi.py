"""The project as an ASGI application: pages and API over http, the run page over one websocket.

With the embedded engine, whoever first uses the application's event loop starts the engine in it.
"""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adgen.settings")

from django.core.asgi import get_asgi_application

get_asgi_application()  # sets Django up

from django.conf import settings  # noqa: E402

if settings.POSTGRES:
    from adgen.postgres import for_pages

    for_pages()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from adgen import watchers  # noqa: E402
from adgen.limits import LimitedBody  # noqa: E402
from adgen.logs import Requests  # noqa: E402
from adgen.origin import SameOrigin  # noqa: E402
from adgen.outage import CalmSockets  # noqa: E402
from adgen.pages import Http  # noqa: E402
from runs.engine.embedded import WithEngine  # noqa: E402
from studio.routing import websocket_urlpatterns  # noqa: E402

inner: Any = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))  # channels has no type for such a stack
sockets = SameOrigin(CalmSockets(inner))
both: Any = ProtocolTypeRouter({"http": LimitedBody(Http()), "websocket": sockets})
seen = watchers.traced(Requests(both), telemetry=settings.OTEL_ENDPOINT, version=settings.VERSION)
application = WithEngine(seen)
