"""Critics of many kinds against the exact distance: the problems, the kinds, and the stored table."""
