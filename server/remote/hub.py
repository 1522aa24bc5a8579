"""The hub."""


class Hub:
    """Who follows what."""

    draining = False

    def __init__(self, store):
        self.store = store

    def start(self): ...

    def drain(self):
        self.draining = True

    def told(self, notice): ...
