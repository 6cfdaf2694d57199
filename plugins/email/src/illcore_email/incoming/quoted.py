"""What the sender wrote now, without the mail that is answered: quote marks, Outlook, QQ Mail and others. Pure."""

import re

_HEADER_LINE = re.compile(r"^\s*\**(From|Von|De|发件人|寄件者|寄件人)\s*\**\s*[:：]", re.IGNORECASE)
_MORE_HEADERS = re.compile(
    r"^\s*\**(Sent|Date|To|Cc|Subject|Gesendet|发送时间|发送日期|日期|时间|收件人|抄送|主题|收件者|寄件日期|主旨)\s*\**\s*[:：]",
    re.IGNORECASE,
)
_RULES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^\s*-{2,}\s*(Original|Forwarded)\s*(Message|Mail|Email)?\s*-{2,}",
        r"^\s*-{2,}\s*(原始邮件|原邮件|回复的原邮件|转发邮件|转发的邮件|原始郵件|邮件原件)\s*-{2,}",
        r"^\s*-{2,}\s*Original\s*-{2,}",
        r"^\s*On\b.{5,200}\bwrote\s*:\s*$",
        r"^\s*(在|于)?\s*(19|20)\d\d.{2,200}(写道|写到|寫道)\s*[:：]\s*$",
        r"^\s*(在|于).{2,200}(写道|写到|寫道)\s*[:：]?\s*$",
        r"^\s*At\s+(19|20)\d\d-\d\d-\d\d.{2,200}\bwrote\s*:\s*$",
        r"^\s*.{0,100}<\S+@\S+>\s*(于|在).{2,100}(写道|写到)\s*[:：]",
        r"^\s*Begin forwarded message\s*:",
        r"^\s*_{20,}\s*$",
    )
)
_SIGNATURE = re.compile(r"^-- ?$")
_MARKED = re.compile(r"^\s*[>＞]")


def own_words(text: str) -> str:
    """The text above and between what is quoted. Answers below quoted lines that are marked with `>` stay."""
    lines = text.replace("\u200b", "").split("\n")
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _begins_quote(lines, number) or _SIGNATURE.match(line):
            if any(_MARKED.match(after) for after in lines[number + 1 : number + 4] if after.strip()):
                continue
            break
        if not _MARKED.match(line):
            kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _begins_quote(lines: list[str], number: int) -> bool:
    line = lines[number]
    if any(rule.match(line[:400]) for rule in _RULES):
        return True
    if number + 1 < len(lines) and re.match(r"^\s*(On|在|于)\b", line[:60]):
        joined = f"{line.strip()} {lines[number + 1].strip()}"[:400]
        if any(rule.match(joined) for rule in _RULES[3:6]):
            return True
    if _HEADER_LINE.match(line):
        return sum(1 for after in lines[number + 1 : number + 6] if _MORE_HEADERS.match(after)) >= 2
    return False
