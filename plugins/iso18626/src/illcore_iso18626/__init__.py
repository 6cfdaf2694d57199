"""ISO 18626 partners for illcore: messages of version 1.2 in both roles, over HTTP."""
