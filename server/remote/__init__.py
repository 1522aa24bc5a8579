"""Remote: following a session from afar, as its summary is written."""
