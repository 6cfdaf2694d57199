"""Interlibrary loan through OCLC: requests made, acted upon, and read back."""
