"""The plumbing of pages: it knows HTTP and languages, and no word of the field."""
