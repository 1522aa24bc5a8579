"""One command per claim; each prints ratios against references measured in the same run."""
