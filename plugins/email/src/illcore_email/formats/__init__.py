"""Structured mails: the fields of a message, and how generic script, form and ARTEmail-like lines spell them."""
