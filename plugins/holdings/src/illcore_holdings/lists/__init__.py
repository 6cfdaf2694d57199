"""Lists of titles as delimited text: KBART for e-resources, CSV for special collections."""
