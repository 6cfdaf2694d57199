"""The pages that readers may see under a link, in English and Chinese, without any script."""

from html import escape

from starlette.responses import HTMLResponse

from illcore.model import BilingualText

from .headers import STYLE

TEXTS = {
    "title": BilingualText(en="Document delivery", zh="文献传递"),
    "from": BilingualText(en="A document from", zh="文献来自"),
    "password": BilingualText(en="Password", zh="密码"),
    "accept": BilingualText(en="I accept this, download", zh="我接受上述条款，下载"),
    "download": BilingualText(en="Download", zh="下载"),
    "left": BilingualText(en="Downloads left: {views}.", zh="剩余下载次数：{views}。"),
    "wrong": BilingualText(en="This password is not right.", zh="密码不正确。"),
    "too_often": BilingualText(
        en="Too many wrong passwords. Try again in {minutes} minutes.",
        zh="密码错误次数过多，请在 {minutes} 分钟后重试。",
    ),
    "unknown": BilingualText(en="There is no such document.", zh="没有这份文献。"),
    "unknown_more": BilingualText(
        en="Check that the address was copied as a whole.", zh="请检查链接地址是否复制完整。"
    ),
    "expired": BilingualText(en="This link has expired.", zh="此链接已过期。"),
    "revoked": BilingualText(en="This link was withdrawn.", zh="此链接已被撤回。"),
    "used_up": BilingualText(en="This link was used as often as it may be.", zh="此链接的下载次数已用完。"),
    "gone": BilingualText(en="This document is no longer kept.", zh="此文献已不再保存。"),
    "ask": BilingualText(en="Please ask your library if you still need it.", zh="如仍需要，请联系您的图书馆。"),
    "method": BilingualText(en="This address is only for downloads.", zh="此地址仅供下载。"),
    "too_large": BilingualText(en="This form holds too much.", zh="提交的内容过多。"),
    "busy": BilingualText(en="Please try again in a moment.", zh="请稍后再试。"),
}


def said(status: int, *codes: str, headers: dict[str, str] | None = None, **values: object) -> HTMLResponse:
    """A page that says something and offers nothing."""
    lines = "".join(f"<p>{_both(code, **values)}</p>" for code in codes[1:])
    return _page(status, f"<h1>{_both(codes[0], **values)}</h1>{lines}", headers)


def asking(
    library: BilingualText,
    notices: tuple[BilingualText, ...],
    password: bool,
    left: int,
    status: int = 200,
    *codes: str,
    **values: object,
) -> HTMLResponse:
    """The page before a download: notices to accept, a password field, a button. ``codes`` say what is wrong."""
    sections = "".join(f"<section>{_paragraphs(notice)}</section>" for notice in notices)
    wrong = "".join(f'<p class="wrong">{_both(code, **values)}</p>' for code in codes)
    name = " · ".join(escape(part) for part in (library.en, library.zh) if part)
    field = (
        f'<p><label>{_both("password")} <input name="password" type="password" required maxlength="128" '
        'autocomplete="off"></label></p>'
        if password
        else ""
    )
    button = _both("accept" if notices else "download")
    return _page(
        status,
        f"<h1>{_both('from')} {name}</h1>{sections}{wrong}"
        f'<form method="post">{field}<p><button name="accept" value="yes">{button}</button></p></form>'
        f"<p>{_both('left', views=left)}</p>",
    )


def _page(status: int, body: str, headers: dict[str, str] | None = None) -> HTMLResponse:
    title = f"{TEXTS['title'].en} {TEXTS['title'].zh}"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    html = f'<!doctype html><html lang="zh"><head>{head}<style>{STYLE}</style></head><body>{body}</body></html>'
    return HTMLResponse(html, status, headers)


def _both(code: str, **values: object) -> str:
    text = TEXTS[code]
    return f'<span lang="en">{text.en.format(**values)}</span> <span lang="zh">{text.zh.format(**values)}</span>'


def _paragraphs(text: BilingualText) -> str:
    pairs = (("en", text.en), ("zh", text.zh))
    return "".join(f'<p lang="{language}">{escape(part)}</p>' for language, part in pairs if part)
