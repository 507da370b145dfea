"""Scenarios: a story with people, days and answers that is a test, a dry run, demo data and a help page at once."""
