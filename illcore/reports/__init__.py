"""What a library's work comes to: counts, fill rates, response and turnaround times, from the stamped columns alone."""

from illcore.reports.figures import Figures, Rate, Report, Share, Span
from illcore.reports.period import By, Cohort, Period
from illcore.reports.reporting import report

__all__ = ["By", "Cohort", "Figures", "Period", "Rate", "Report", "Share", "Span", "report"]
