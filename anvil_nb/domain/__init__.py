"""Pure values and rules: no files, no clock, no randomness, no database."""
