"""Outputs: what was said, reviewed, signed off and published for others to use."""
