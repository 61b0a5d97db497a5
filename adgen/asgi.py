"""The project as an ASGI application: pages and API over http, the run page over one websocket.

With the embedded engine, whoever first uses the application's event loop starts the engine in it.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "adgen.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import OriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from runs.engine.embedded import WithEngine  # noqa: E402
from runs.routing import websocket_urlpatterns  # noqa: E402

sockets = OriginValidator(
    AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
    [*settings.CSRF_TRUSTED_ORIGINS, *(f"{settings.OWN_SCHEME}://{host}" for host in settings.ALLOWED_HOSTS)],
)
application = WithEngine(ProtocolTypeRouter({"http": http, "websocket": sockets}))
