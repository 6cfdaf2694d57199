"""A stub of OCLC's services: tokens, WorldCat search, ILL requests, limits, and a switch for each fault."""
