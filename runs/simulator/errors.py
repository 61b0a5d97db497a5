"""What can go wrong with the simulator itself.

SimulatorError
  · CannotListen   the address cannot be used
      PortTaken    somebody else listens there
  · UnknownFault   a fault that it does not know, or with the wrong arguments
"""


class SimulatorError(Exception):
    """The simulator cannot do that."""

    permanent = True


class CannotListen(SimulatorError):
    """The simulator cannot listen at that address."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"Cannot listen on {host} port {port}: {reason}.")


class PortTaken(CannotListen):
    """Another program listens on that port."""

    permanent = False

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port, "another program does. Stop it, or choose another port")


class UnknownFault(SimulatorError):
    """The simulator does not know this fault."""
