"""Whether this process was told to end: it still answers what is under way, and wants nothing new."""

import threading

told = threading.Event()
