"""Plenary runs an open meeting end to end: who comes, what is on, and what was said.

The features stand in one line and look only left:
people <- meetings <- schedule <- registration <- remote <- outputs.
`docs/architecture.md` explains the line, the plumbing beside it and the pages above it.
"""

VERSION = "0.1.0"
