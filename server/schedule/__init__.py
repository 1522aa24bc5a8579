"""Schedule: what is on, when and where, as pages, calendars and exchange files."""
