"""The remote service as HTTP: tokens, limits, calls, and what its errors mean."""
