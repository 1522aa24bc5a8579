"""Sockets."""

ROUTES = []
