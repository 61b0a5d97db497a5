"""What can go wrong with the simulator itself.

SimulatorError
  · PortTaken      somebody else listens there
  · UnknownFault   a fault that it does not know, or with the wrong arguments
"""


class SimulatorError(Exception):
    """The simulator cannot do that."""

    permanent = True


class PortTaken(SimulatorError):
    """Another program listens on that port."""

    permanent = False

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} on {host} is taken by another program. Stop it, or choose another port."
        )


class UnknownFault(SimulatorError):
    """The simulator does not know this fault."""
