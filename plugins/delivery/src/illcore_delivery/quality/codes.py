"""What can be found, what it means for the verdict, and how it is said in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from illcore.model import BilingualText


class Code(NamedTuple):
    """`severity` is the default; `cleaned`: a clean copy (`repair`) no longer has it."""

    severity: Literal["info", "review", "fail"]
    en: str
    zh: str
    cleaned: bool = False

    def said(self, values: Mapping[str, object]) -> BilingualText:
        """The sentence with its values in place; a value that names one of `WORDS` is said in either language."""
        words = {name: WORDS[str(value)] for name, value in values.items() if str(value) in WORDS}
        return BilingualText(
            en=self.en.format_map({**values, **{name: word[0] for name, word in words.items()}}),
            zh=self.zh.format_map({**values, **{name: word[1] for name, word in words.items()}}),
        )


WORDS: Mapping[str, tuple[str, str]] = {
    "@xref": ("its table of objects is broken", "交叉引用表损坏"),
    "@no_structure": ("nothing in it can be understood", "内容无法识别"),
    "@count": ("it claims another number of pages than it has", "声明的页数与实际不符"),
    "@image": ("an image is incomplete or broken", "图像不完整或已损坏"),
    "@content": ("its content is incomplete or broken", "内容不完整或已损坏"),
    "@part": ("a stream is incomplete or broken", "数据流不完整或已损坏"),
    "@page": ("it cannot be drawn", "无法显示"),
    "@allowed": ("allowed", "允许"),
    "@forbidden": ("forbidden", "禁止"),
    "@text": ("text", "正文"),
    "@metadata": ("metadata", "元数据"),
    "@doi": ("text, by its DOI", "正文（DOI 相符）"),
    "@clockwise": ("clockwise", "顺时针"),
    "@counter": ("counter-clockwise", "逆时针"),
    "@webpage": ("a web page, perhaps one that asks to log in", "网页（可能是登录页）"),
    "@zip": ("a ZIP archive or an office document", "ZIP 压缩包或办公文档"),
    "@office": ("an old office document", "旧版办公文档"),
    "@archive": ("an archive", "压缩包"),
    "@program": ("a program", "可执行程序"),
    "@djvu": ("a DjVu document", "DjVu 文档"),
    "@caj": ("a CAJ document (CNKI)", "CAJ 文档（知网）"),
    "@gif": ("a GIF image", "GIF 图像"),
    "@postscript": ("PostScript", "PostScript 文件"),
    "@xml": ("XML", "XML 文件"),
    "@plain": ("plain text", "纯文本"),
    "@unknown": ("something unknown", "未知格式"),
}
"""What stands in the place of a value, in English and Chinese."""


CODES: Mapping[str, Code] = {
    # the file
    "empty_file": Code("fail", "The file is empty.", "文件为空。"),
    "not_a_document": Code(
        "fail",
        "This is no PDF, TIFF, JPEG or PNG but {kind}.",
        "文件不是 PDF、TIFF、JPEG 或 PNG，而是{kind}。",
    ),
    "wrong_suffix": Code(
        "review",
        "The name ends in {suffix}, but the content is {kind}: many readers could not open it.",
        "文件扩展名为 {suffix}，内容却是 {kind}：许多读者将无法打开。",
    ),
    "file_too_large": Code(
        "fail", "The file has {size} MB; at most {limit} are read.", "文件大小 {size} MB，超过上限 {limit} MB。"
    ),
    "duplicate": Code(
        "fail",
        "This is the same file, byte for byte, as one that was rejected before.",
        "该文件与此前已拒收的文件完全相同。",
    ),
    "unreadable": Code("fail", "The file cannot be opened: {why}.", "文件无法打开：{why}。"),
    "encrypted": Code("fail", "A password is needed to open it.", "文件已加密，需要密码才能打开。"),
    "restricted": Code(
        "review",
        "Its maker restricts what may be done with it (printing {printing}): readers may be hindered.",
        "制作者限制了文件的使用（打印：{printing}），读者使用可能受限。",
    ),
    "truncated": Code(
        "fail",
        "The end of the file is missing; {pages} pages could still be read from it.",
        "文件尾部缺失，仅能恢复 {pages} 页。",
    ),
    "damaged": Code(
        "review",
        "The file is damaged and could be opened only by repairing it: {why}.",
        "文件已损坏，修复后方能打开：{why}。",
    ),
    "damaged_page": Code("fail", "The page is damaged: {why}.", "该页已损坏：{why}。"),
    "damaged_part": Code("review", "A part of the file is damaged: {why}.", "文件局部损坏：{why}。"),
    "leading_junk": Code(
        "review",
        "{count} bytes of something else stand before the PDF; other programs may take it for another kind of file.",
        "PDF 之前有 {count} 字节无关内容，其他程序可能误认文件类型。",
        cleaned=True,
    ),
    "syntax": Code(
        "info",
        "There are small faults of form ({count}); they do no harm.",
        "存在轻微格式问题（{count} 处），不影响使用。",
    ),
    # limits
    "no_pages": Code("fail", "There are no pages in it.", "文件中没有页面。"),
    "too_many_pages": Code(
        "review",
        "There are {pages} pages; only the first {limit} were looked at.",
        "共 {pages} 页，仅检查了前 {limit} 页。",
    ),
    "not_all_seen": Code(
        "review",
        "Time was up: pages from {first} to {last} were not looked at.",
        "检查超时：第 {first} 至 {last} 页未检查。",
    ),
    "too_complex": Code(
        "fail", "It has {count} objects; at most {limit} are read.", "文件含 {count} 个对象，超过上限 {limit}。"
    ),
    "bomb": Code(
        "fail",
        "It unpacks to more than {limit} MB: too much to be read safely.",
        "解压后超过 {limit} MB，无法安全读取。",
    ),
    "image_too_large": Code(
        "fail",
        "An image of {width} × {height} pixels is too large to be read safely.",
        "图像尺寸 {width} × {height} 像素过大，无法安全读取。",
    ),
    "page_too_large": Code(
        "fail",
        "The page is {width} × {height} inches; readers' programs show at most {limit}.",
        "页面尺寸 {width} × {height} 英寸，超过阅读软件上限 {limit} 英寸。",
    ),
    "page_empty_box": Code("fail", "The page has no size.", "页面没有尺寸。"),
    "too_heavy": Code(
        "fail",
        "Reading it took more than the {memory} MB of memory or {seconds} s that are allowed.",
        "读取时超出允许的内存（{memory} MB）或时间（{seconds} 秒）。",
    ),
    "crashed": Code("fail", "The program that reads it broke down ({why}).", "读取程序异常终止（{why}）。"),
    # pages
    "blank_page": Code("review", "The page is blank.", "空白页。"),
    "all_blank": Code("fail", "All pages are blank.", "所有页面均为空白。"),
    "black_page": Code("fail", "The page is black.", "全黑页。"),
    "dark_page": Code(
        "review",
        "Most of the page is dark ({share} %): perhaps a negative or a bad exposure.",
        "页面大部分偏暗（{share}%），可能为负片或曝光不良。",
    ),
    "skewed_page": Code("review", "The page is turned {way} by about {degrees}°.", "页面{way}倾斜约 {degrees}°。"),
    "low_resolution": Code(
        "review",
        "The page was scanned with about {dpi} dpi; small print needs {limit}.",
        "扫描分辨率约 {dpi} dpi，小字需 {limit} dpi。",
    ),
    "illegible_resolution": Code(
        "fail",
        "The page was scanned with about {dpi} dpi: too few to be read.",
        "扫描分辨率约 {dpi} dpi，难以辨认。",
    ),
    "text_layer": Code("info", "{count} of {pages} pages have a text layer.", "{pages} 页中有 {count} 页含文本层。"),
    "no_text_layer": Code(
        "info",
        "There is no text layer: it cannot be searched, read aloud or compared with a title.",
        "没有文本层：无法检索、朗读或核对题名。",
    ),
    "unusable_text": Code(
        "info",
        "The text layer is no legible text: it cannot be searched or compared with a title.",
        "文本层为乱码：无法检索或核对题名。",
    ),
    # is it what was asked for
    "pages_missing": Code(
        "fail",
        "{asked} pages were asked for ({range}), {came} came.",
        "申请 {asked} 页（{range}），实到 {came} 页。",
    ),
    "pages_extra": Code(
        "review",
        "{asked} pages were asked for ({range}), {came} came: more than a cover sheet explains.",
        "申请 {asked} 页（{range}），实到 {came} 页，超出合理范围。",
    ),
    "double_pages": Code(
        "info",
        "{came} sheets with two pages each came for {asked} pages.",
        "共 {came} 张双页扫描件，对应申请的 {asked} 页。",
    ),
    "right_article": Code("info", "The title was found in the {where}.", "已在{where}中找到题名。"),
    "title_not_found": Code(
        "review",
        "The title was not found for certain ({percent} % alike): “{title}”.",
        "未能确认题名（相似度 {percent}%）：“{title}”。",
    ),
    "wrong_article": Code(
        "fail",
        "The title is nowhere in the text ({percent} % alike): “{title}”.",
        "正文中没有题名（相似度 {percent}%）：“{title}”。",
    ),
    "wrong_pages": Code(
        "review",
        "The pages are numbered {printed}, but {range} was asked for.",
        "页面印刷页码为 {printed}，而申请的是 {range}。",
    ),
    "pages_not_seen": Code(
        "review",
        "These page numbers were asked for and are printed on no page: {numbers}.",
        "所申请的下列页码未见于任何页面：{numbers}。",
    ),
    # active content
    "javascript": Code("review", "It contains JavaScript.", "文件含 JavaScript 脚本。", cleaned=True),
    "launch_action": Code(
        "review", "It wants to start a program or open another file.", "文件试图启动程序或打开其他文件。", cleaned=True
    ),
    "open_action": Code(
        "review",
        "It wants to do something by itself when it is opened ({action}).",
        "文件打开时会自动执行操作（{action}）。",
        cleaned=True,
    ),
    "submit_action": Code(
        "review", "It wants to send data to an address.", "文件试图向外部地址发送数据。", cleaned=True
    ),
    "dangerous_link": Code(
        "review", "A link does not lead to the web: {target}.", "链接目标并非网页：{target}。", cleaned=True
    ),
    "embedded_file": Code("review", "Other files are embedded in it.", "文件内嵌有其他文件。", cleaned=True),
    "rich_media": Code(
        "review", "It contains video, sound or 3D content.", "文件含视频、声音或三维内容。", cleaned=True
    ),
    "xfa_form": Code(
        "fail",
        "It is a dynamic form (XFA) that most programs cannot show.",
        "文件为动态表单（XFA），多数软件无法显示。",
    ),
}
"""One table for all: code → meaning and text. The gravest finding is the verdict; `info` changes nothing."""

MORE = Code("info", "The same on {count} further pages.", "另有 {count} 页情况相同。")
"""What stands for the findings of one code beyond those that are listed page by page."""
