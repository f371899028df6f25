"""The words that invented names and titles are put together from, one lexicon for each language of the sample."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Word lists of one language. A group is adjective + noun + gathering, a person family + first + last syllable."""

    adjectives: tuple[str, ...]
    nouns: tuple[str, ...]
    gatherings: tuple[str, ...]
    families: tuple[str, ...]
    firsts: tuple[str, ...]
    lasts: tuple[str, ...]
    group: str
    person: str
    titles: tuple[str, ...]


def _lexicon(lists: str, group: str, person: str, titles: str) -> Lexicon:
    # A "+" stands for a space inside a word, a "_" for no word at all.
    rows = [tuple(word.replace("+", " ").replace("_", "") for word in line.split()) for line in lists.splitlines()]
    adjectives, nouns, gatherings, families, firsts, lasts = (row for row in rows if row)
    patterns = tuple(titles.split(" / "))
    return Lexicon(adjectives, nouns, gatherings, families, firsts, lasts, group, person, patterns)


ENGLISH = _lexicon(
    """
    Amber Paper Quiet Copper Hollow Tidal Borrowed Lantern Northward Saltwater Velvet Crooked Feathered Slow Harbour Tin
    Orchards Sparrows Lighthouses Ferries Radiators Meadows Compasses Kites Postcards Foxgloves Elevators Almanacs Tides
    _ +Club +Collective +Society +Parade +Trio +Motel +Assembly +&+the+Tollkeepers +Exchange
    Marrowby Tessingham Oakhollow Vandermeel Quillfeather Ashgrave Pemberlock Thistlewood Corriveen Dunmarrow
    Ida Milo Tansy Rufus Odette Casper Linnea Jonty Wren Edmund Saskia Barnaby Petra Lowell Mabel Orin Delphine Tobin
    _ +J. +M. +R. +Ellery +Vale +St.+John +Wilder +Rae +Fox +Lane +Bly
    """,
    "{a} {n}{g}",
    "{f}{l} {s}",
    "{a} {n} / Letters to the {n} / Don't Wait for {f} / {n}, {n} / {a} Again / All My {a} {n} / When {f} Sang / "
    'The "{a}" Song / Rain over {n} / {f}\'s {n} / Somewhere in {n} / {a} and {a}',
)

CHINESE = _lexicon(
    """
    遲到的 藍色 無聲 紙糊 逆風 十二月 半透明 回聲 倒數 失眠 海邊 摺疊 發霉的 手寫 未完成 慢速 向陽 第九個 冬眠 泡沫
    信箱 鯨魚 路燈 旅社 月台 雨傘 抽屜 氣球 燈塔 罐頭 望遠鏡 樓梯間 郵差 收音機 金魚 電風扇 稻草人 廣場 屋頂 車票
    _ 樂團 合唱班 計畫 研究社 俱樂部 事務所 三人組 大隊
    簡 藺 鄢 卓 溫 駱 席 甘 祝 柴 喻 晏 褚 燕 戚 車 隗 婁
    霽 芮 硯 蒔 暮 栩 岑 澍 稔 蕎 昀 朔 璃 荻 汐 聿
    禾 嵐 舟 苡 珩 甯 徽 茉 渝 謙 瀾 翎 樵 晞 柚 堯
    """,
    "{a}{n}{g}",
    "{s}{f}{l}",
    "{a}{n} / {n}與{n} / 給{n}的一封信 / 我們的{n} / {a}夜晚 / 想念{n} / {n}之後 / 如果{n}會說話 / 再見，{n} / "
    "{a}{n}(電影「{n}」主題曲) / 還是{n} / 不能沒有{n}",
)

KOREAN = _lexicon(
    """
    느린 푸른 종이 새벽 유리 접힌 먼 구월의 흐린 반쪽 젖은 조용한 모래 겨울 늦은 하얀 낡은 마지막 여덟번째 서툰 은빛
    고래 서랍 정류장 우산 등대 풍선 계단 라디오 엽서 주전자 골목 나침반 열차 다락방 솜사탕 그림자 창문 온실 호두 망원경
    _ +밴드 클럽 +상회 +연구소 +극장 +합주단 +프로젝트 보이즈 +트리오
    편 탁 국 맹 변 우 연 표 음 승 견 범 예 간 창 봉 삭 옹 묵 빙
    새 라 해 여 솔 다 마 루 아 바 초 하 노 유 보 리 가 나 미 온
    람 별 늘 결 솜 울 담 빈 슬 휘 봄 찬 율 겸 닻 돌 림 샘 녘 들
    """,
    "{a} {n}{g}",
    "{s}{f}{l}",
    "{a} {n} / {n}에게 / {n} 위에서 / 너와 {n} / {a} 밤 / {n}, {n} / 그 {n}에 가면 / 다시 {n} / {a} {n}처럼 / "
    "{n}의 계절 / 혼자 듣는 {n} / 안녕 {n}",
)

JAPANESE = _lexicon(
    """
    真夜中の 透明 忘れた 紙の 群青 五月の ぐるぐる 遠回り さかさま 眠れない 夕凪 ほどけた 第七 放課後の かすかな 硝子の
    クジラ 郵便局 メトロノーム かたつむり ポスト 観覧車 天文台 ソーダ水 自転車 ガラス瓶 踏切 灯台 アンテナ パレード
    _ 倶楽部 楽団 計画 研究室 ズ 商店 少年隊 同盟
    水無月 鴫原 灯野 笹鳴 雨森 久遠寺 葉室 篠宮 糸魚川 桐ヶ谷 朝凪 鷺沼 楪 小鳥遊
    いと ゆら しお こは なぎ みお すず つむ ひな かざ あま とも
    か り は み ね の さ な え と
    """,
    "{a}{n}{g}",
    "{s}{f}{l}",
    "{a}{n} / {n}と{n} / さよなら{n} / {n}へ / きみの{n} / {a}夜に / {n}になりたい / {n}が鳴る / 『{n}』 / "
    "もう一度、{n} / {n}ラプソディ / またね{n}",
)

THAI = _lexicon(
    """
    สีคราม ริมทะเล กลางฝน ใบเล็ก เที่ยงคืน ตัวเก่า ไร้เสียง ขี้เล่น ปลายฟ้า สองใบ เดือนเก้า หลงทาง
    ปลาวาฬ ร่ม ว่าว ประภาคาร กระดาษ รถไฟ ตะเกียง นาฬิกา หิ่งห้อย ลูกโป่ง จดหมาย เมฆ
    วง คณะ ชมรม แก๊ง โครงการ บ้าน
    ศรีลมหวน ทองประกายดาว วงศ์ตะเกียง แก้วสายหมอก บุญริมน้ำ พงศ์ฟ้าใส
    น้ำ ฟ้า ดาว ลม ทราย หมอก
    ใส ริน หวาน เย็น พราว นวล
    """,
    "{g}{n}{a}",
    "{f}{l} {s}",
    "{n}{a} / ฝากไว้กับ{n} / คิดถึง{n} / {n}ของเรา / อย่าลืม{n} / เพลงของ{n} / คืนที่{n}หาย / รอ{n}",
)

VIETNAMESE = _lexicon(
    """
    Xanh Cũ Nhỏ Vắng Muộn Lặng
    Đèn+Lồng Cánh+Diều Bến+Phà Hạt+Mưa Chuyến+Tàu Phong+Thư
    Nhóm+ Ban+nhạc+ Hội+ Quán+
    Lưu Tạ Khổng Quách Mạc Thạch
    Tịnh+ Thảo+ Khuê+ Lãm+ Hạc+
    Vũ Điền Nghi Khê Mộc
    """,
    "{g}{n} {a}",
    "{s} {f}{l}",
    "{n} {a} / Nhớ {n} / Gửi {n} / Đợi {n} / {n} Ngày Ấy / Hãy Về Với {n}",
)

LEXICONS: dict[str, Lexicon] = {
    "zh": CHINESE,
    "yue": CHINESE,
    "nan": CHINESE,
    "en": ENGLISH,
    "ko": KOREAN,
    "ja": JAPANESE,
    "th": THAI,
    "vi": VIETNAMESE,
    "none": ENGLISH,
}
