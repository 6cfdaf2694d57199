"""Mail → what it is: parsed within limits, told from bounces and automatic answers, matched, understood."""
