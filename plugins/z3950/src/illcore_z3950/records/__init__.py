"""From the octets of a record, whatever its format, to what an interlibrary loan needs to know."""
