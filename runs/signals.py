"""What the records tell whoever works on them. Sent after the commit that made it true."""

from django.dispatch import Signal

work_waiting = Signal()  # a generation waits, or a seat became free
cancel_requested = Signal()  # somebody asked to stop generations that a worker holds
prompt_abandoned = Signal()  # arguments: server, prompt_id; nobody waits for this prompt any more
run_changed = Signal()  # arguments: run (uid), generation (uid or None), urgent (bool)
