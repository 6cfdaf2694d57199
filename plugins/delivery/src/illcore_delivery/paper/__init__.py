"""Paper for the desk: pull slips, book straps, address and return labels, each with a code that a scanner reads."""
