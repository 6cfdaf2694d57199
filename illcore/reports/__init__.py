"""What a library's work comes to: counts, fill rates, response and turnaround times, from the stamped columns alone."""

from illcore.reports.figures import Figures, Rate, Report, Share, Span
from illcore.reports.period import By, Cohort, Period
from illcore.reports.reporting import report
from illcore.reports.sheets import bases, name_of, report_csv, report_json

__all__ = [
    "By",
    "Cohort",
    "Figures",
    "Period",
    "Rate",
    "Report",
    "Share",
    "Span",
    "bases",
    "name_of",
    "report",
    "report_csv",
    "report_json",
]
