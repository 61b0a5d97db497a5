"""daphne's connections with an end to their patience. Imported only where daphne serves: its reactor comes along."""

from typing import Any

from twisted.web.http import HTTPChannel


class UnhurriedChannel(HTTPChannel):
    """Twisted waits a minute from each byte to the next, so that one a minute holds a socket for ever.

    Here the head of a request has to be there in its time, from the first moment to the last.
    """

    patience = 20.0
    _late: Any = None

    def connectionMade(self) -> None:
        super().connectionMade()
        self._wait()

    def allHeadersReceived(self) -> None:
        self._stop_waiting()
        super().allHeadersReceived()

    def requestDone(self, request: Any) -> None:
        self._wait()  # before the next head, of which a part may be here
        super().requestDone(request)

    def connectionLost(self, reason: Any = None) -> None:
        self._stop_waiting()
        super().connectionLost(reason)

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.callLater(self.patience, self._give_up)

    def _give_up(self) -> None:
        self._late = None
        self.timeoutConnection()

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
