"""People: accounts, signing in by a mailed link, tokens for programs."""
