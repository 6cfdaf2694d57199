"""Who calls drain(lane), and when."""
