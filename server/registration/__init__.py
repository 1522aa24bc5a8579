"""Registration: who takes part, and how."""
