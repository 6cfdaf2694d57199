"""SRU 1.1, 1.2 and 2.0 over HTTP (Library of Congress SRU 1.1 and 1.2; OASIS searchRetrieve 1.0, which is SRU 2.0)."""
