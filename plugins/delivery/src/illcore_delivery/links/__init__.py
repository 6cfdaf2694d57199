"""Secure links: a document can be had under an address that nobody guesses, for so long and so often."""
