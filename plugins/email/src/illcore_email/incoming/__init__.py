"""Mail → what it is: parsed within limits, told apart from loops, bounces and automatic answers, matched, understood."""
