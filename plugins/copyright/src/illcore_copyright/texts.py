"""The texts that readers accept and that copies carry, each with its version, in English and Chinese.

A text never changes under its version: who accepted `uk-s42a-1` accepted exactly these words.
"""

from __future__ import annotations

from collections.abc import Mapping

from illcore.model import BilingualText

TEXTS: Mapping[str, BilingualText] = {
    # 37 CFR 201.14, the wording that the regulation prescribes
    "us-warning-1": BilingualText(
        en=(
            "NOTICE: WARNING CONCERNING COPYRIGHT RESTRICTIONS\n"
            "The copyright law of the United States (title 17, United States Code) governs the making of photocopies "
            "or other reproductions of copyrighted material.\n"
            "Under certain conditions specified in the law, libraries and archives are authorized to furnish a "
            "photocopy or other reproduction. One of these specific conditions is that the photocopy or reproduction "
            "is not to be “used for any purpose other than private study, scholarship, or research.” If a user makes a "
            "request for, or later uses, a photocopy or reproduction for purposes in excess of “fair use,” that user "
            "may be liable for copyright infringement.\n"
            "This institution reserves the right to refuse to accept a copying order if, in its judgment, fulfillment "
            "of the order would involve violation of copyright law."
        ),
        zh=(
            "告示：版权限制警示\n"
            "受版权保护之资料的影印或其他形式的复制受美国版权法（《美国法典》第 17 编）约束。\n"
            "在法律规定的条件下，图书馆和档案馆有权提供影印件或其他复制件。条件之一是：该复制件不得“用于私人学习、学术或"
            "研究以外的任何目的”。使用者索取复制件，或其后使用复制件的目的超出“合理使用”范围的，可能须承担侵犯版权的责任。\n"
            "如本机构认为履行某项复制要求将违反版权法，本机构保留拒绝接受该要求的权利。"
        ),
    ),
    # 17 USC 108(a)(3): the notice on the work, or where none can be found, a legend
    "us-legend-1": BilingualText(
        en="Notice: This material may be protected by copyright law (Title 17, U.S. Code).",
        zh="注意：本资料可能受版权法（《美国法典》第 17 编）保护。",
    ),
    # CDPA 1988 s.42A(3)
    "uk-s42a-1": BilingualText(
        en=(
            "I ask for a copy of the material named in this request and declare:\n"
            "(a) no library has supplied me with a copy of this material before;\n"
            "(b) I need it for research for a non-commercial purpose or for private study, will use it for nothing "
            "else and will not supply it to any other person;\n"
            "(c) to the best of my knowledge, nobody with whom I work or study has made or intends to make, at or "
            "about the same time, a request for substantially the same material for substantially the same purpose.\n"
            "I understand that, if this declaration is false in a material particular, the copy is an infringing copy "
            "and I am liable as if I had made it myself."
        ),
        zh=(
            "本人申请复制本申请所列资料，并声明：\n"
            "（一）此前没有任何图书馆向本人提供过该资料的复制件；\n"
            "（二）该复制件仅用于非商业性研究或个人学习，不作他用，也不提供给他人；\n"
            "（三）据本人所知，与本人一同工作或学习的人没有、也无意在同一时间或相近时间，为基本相同的目的申请基本相同的资料。\n"
            "本人明白：如本声明在重要事项上不实，该复制件即为侵权复制件，本人须承担如同自行复制的责任。"
        ),
    ),
    # UrhG § 60e(5), § 60h; Fernleihe hands the reader paper
    "de-paper-1": BilingualText(
        en="Print one copy, hand it over on paper and delete the file (UrhG § 60e(5), interlibrary loan).",
        zh="打印一份，以纸本交付读者并删除文件（德国著作权法第 60e 条第 5 款，馆际互借）。",
    ),
    "de-notice-1": BilingualText(
        en="For non-commercial purposes only. Passing the copy on to others is not allowed (UrhG § 60e(5)).",
        zh="仅限非商业目的使用，不得转交他人（德国著作权法第 60e 条第 5 款）。",
    ),
    # 著作权法 第二十四条第一款第（一）、（六）项；信息网络传播权保护条例 第十条
    "cn-study-1": BilingualText(
        en=(
            "I need this material only for my own study, research or teaching (Copyright Law of the People's Republic "
            "of China, article 24). I will name author and work when I use it, and will not publish it, pass it on, "
            "put it on a network or use it for profit."
        ),
        zh=(
            "本人申请该资料仅用于个人学习、研究或课堂教学（《中华人民共和国著作权法》第二十四条）。使用时将注明作者姓名和"
            "作品名称，不出版发行、不转交他人、不上传网络、不用于营利。"
        ),
    ),
    "cn-notice-1": BilingualText(
        en="For personal study and research only. Name author and work; do not copy on, pass on or put on a network.",
        zh="仅供个人学习和研究使用。请注明作者姓名和作品名称，不得再复制、转交或上传网络。",
    ),
    "cn-watermark-1": BilingualText(
        en="For personal study and research only",
        zh="仅供个人学习和研究使用",
    ),
    # Copyright Act (Canada) s.30.2(4), (5.02)
    "ca-notice-1": BilingualText(
        en=(
            "This copy is to be used solely for research or private study. Any other use may require the authorization "
            "of the copyright owner of the work in question. A digital copy may be printed once, may not be given to "
            "another person and may not be used for more than five business days from the day of first use "
            "(Copyright Act, s. 30.2)."
        ),
        zh=(
            "本复制件仅供研究或个人学习使用，其他用途可能须经著作权人许可。电子复制件只可打印一份，不得转交他人，自首次使用之日起"
            "使用不得超过五个工作日（加拿大版权法第 30.2 条）。"
        ),
    ),
    # Copyright Act 1968 (Cth) s.49(1)
    "au-s49-1": BilingualText(
        en=(
            "I ask for a copy of the material named in this request. I require it for research or study and will not "
            "use it for any other purpose. I have not been supplied with a copy of it by this library before."
        ),
        zh="本人申请复制本申请所列资料，仅用于研究或学习，不作他用。此前本馆未曾向本人提供过该资料的复制件。",
    ),
    # Copyright Act 1968 (Cth) s.49(5), s.50(7A), (7B)
    "au-officer-1": BilingualText(
        en=(
            "As authorized officer of the library I declare: after reasonable investigation I am satisfied that the "
            "work cannot be obtained within a reasonable time at an ordinary commercial price."
        ),
        zh="本人作为图书馆授权人员声明：经合理调查，确信无法在合理时间内以通常商业价格获得该作品。",
    ),
    "au-notice-1": BilingualText(
        en="Copied under the Copyright Act 1968 (Australia) for research or study. Further dealing may infringe.",
        zh="依据澳大利亚 1968 年版权法为研究或学习而复制，进一步使用可能构成侵权。",
    ),
    # e-resource licences: the usual "print only" clause
    "licence-print-1": BilingualText(
        en="The licence permits interlibrary loan from a print-out only: print, send on paper, delete the file.",
        zh="许可协议仅允许以打印件提供馆际互借：请打印后以纸本寄送，并删除文件。",
    ),
}

KINDS: Mapping[str, str] = {
    "us-warning-1": "notice",
    "us-legend-1": "legend",
    "uk-s42a-1": "declaration",
    "de-paper-1": "print_and_destroy",
    "de-notice-1": "notice",
    "cn-study-1": "declaration",
    "cn-notice-1": "notice",
    "cn-watermark-1": "watermark",
    "ca-notice-1": "notice",
    "au-s49-1": "declaration",
    "au-officer-1": "declaration",
    "au-notice-1": "legend",
    "licence-print-1": "print_and_destroy",
}
"""What each text is for."""


def policy_of(version: str) -> str:
    """Which policy a text belongs to: `uk` for `uk-s42a-1`."""
    return version.partition("-")[0]
