"""Meetings: the editions of the series, their tracks, session types and rooms, and who may do what."""
