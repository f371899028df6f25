"""What Melon's playlists are about: themes with tags and titles, and the genres of the songs."""

from __future__ import annotations

from random import Random
from typing import Final

# Main tag, then words that go with it; one line for each theme.
THEMES: Final[tuple[tuple[str, ...], ...]] = tuple(
    tuple(line.split())
    for line in """
    기분전환 신나는 스트레스 드라이브 상쾌한
    휴식 힐링 잔잔한 편안한 주말
    감성 새벽감성 센치 혼자 밤
    드라이브 여행 시원한 고속도로 신나는
    사랑 설렘 고백 달달한 연애
    잔잔한 피아노 연주곡 휴식 오후
    힐링 위로 따뜻한 산책 여유
    새벽 밤 잠들기전 감성 그리움
    카페 커피 여유 매장음악 오후
    비오는날 비 우울 감성 창가
    추억 회상 명곡 그때그노래 학창시절
    이별 슬픔 눈물 그리움 발라드
    운동 헬스 러닝 비트 에너지
    매장음악 트렌디 세련된 카페 그루브
    여름 시원한 바다 여름밤 휴가
    겨울 눈 크리스마스 따뜻한 연말
    봄 설렘 산책 벚꽃 살랑살랑
    가을 쌀쌀한 낙엽 감성 산책
    공부 집중 노동요 잔잔한 도서관
    출근길 아침 기분좋은 지하철 월요일
    퇴근길 저녁 위로 버스 하루끝
    클럽 EDM 파티 내적댄스 신나는
    숙면 자장가 잠들기전 연주곡 편안한
    취향저격 숨은명곡 인디 추천 느낌있는
    """.strip().splitlines()
)

_TITLES: Final = (
    "{a}에 듣기 좋은 노래", "{a} 플레이리스트", "{a}, {b} 그리고 음악", "{b}한 날엔 {a}", "{a} 할 때 듣는 {g}",
    "♬ {a} ♬ {g} 모음", "[{a}] {b} {g} 모음집", "{g}와 함께하는 {a}", "나만 알고 싶은 {a} {g}", "{a} vol.{n}",
    "'{a}' 말이 필요없는 선곡", "{a}...^^", "■ {a} ■ 하루종일 듣는 {g}", "{b} {a} (상시업뎃)", "{a} 😊🎧",
    "{a} & {b} BGM {n}",
)  # fmt: skip

# Names as in Melon's own list of genres; the first of each line is the main genre.
GENRES: Final[dict[str, str]] = {
    code: name.replace("_", " ")
    for line in """
    GN0100 발라드 GN0101 세부장르전체 GN0103 '90 GN0104 '00 GN0105 '10-
    GN0200 댄스 GN0201 세부장르전체 GN0203 '90 GN0204 '00 GN0205 '10-
    GN0300 랩/힙합 GN0301 세부장르전체 GN0302 랩_스타일 GN0304 언더그라운드_힙합
    GN0400 R&B/Soul GN0401 세부장르전체 GN0402 어반 GN0403 R&B
    GN0500 인디음악 GN0501 세부장르전체 GN0502 포크 GN0503 록 GN0504 일렉
    GN0600 록/메탈 GN0601 세부장르전체 GN0604 '90 GN0605 '00 GN0606 '10-
    GN0700 성인가요 GN0701 세부장르전체 GN0702 신세대트로트 GN0708 트로트'00-
    GN0800 포크/블루스 GN0801 세부장르전체 GN0803 '80-'90 GN0804 '00
    GN0900 POP GN0901 세부장르전체 GN0902 얼터너티브팝 GN0908 '10-
    GN1000 록/메탈 GN1001 세부장르전체 GN1002 모던록 GN1003 얼터너티브록
    GN1100 일렉트로니카 GN1101 세부장르전체 GN1103 하우스 GN1105 일렉트로닉팝
    GN1200 랩/힙합 GN1201 세부장르전체 GN1202 팝랩 GN1203 얼터너티브힙합
    GN1300 R&B/Soul GN1301 세부장르전체 GN1303 소울 GN1304 어반
    GN1400 포크/블루스/컨트리 GN1401 세부장르전체 GN1402 포크 GN1404 컨트리
    GN1500 OST GN1501 세부장르전체 GN1502 국내영화 GN1504 국내드라마
    GN1600 클래식 GN1601 세부장르전체 GN1604 실내악 GN1606 독주곡
    GN1700 재즈 GN1701 세부장르전체 GN1702 보컬재즈 GN1705 보사노바
    GN1800 뉴에이지 GN1801 세부장르전체 GN1802 이지리스닝 GN1806 피아노
    GN1900 J-POP GN1901 세부장르전체 GN1902 POP GN1903 록
    GN2000 월드뮤직 GN2001 세부장르전체 GN2004 중국음악 GN2009 레게
    GN2500 아이돌 GN2501 세부장르전체 GN2502 남자_아이돌 GN2503 여자_아이돌
    """.strip().splitlines()
    for code, name in zip(line.split()[::2], line.split()[1::2], strict=True)
}


def details(main: str, chance: Random) -> list[str]:
    """Return a chance selection of a main genre's detailed genres; the general one is always there."""
    below = [code for code in GENRES if code[:4] == main[:4] and code != main]
    return [below[0], *(code for code in below[1:] if chance.random() < 0.4)]


def tags_of(theme: int, genre: str, chance: Random) -> list[str]:
    """Return one to five tags of a playlist: from its theme, some also from the genre it plays most."""
    words = list(THEMES[theme])
    picked = [words[0], *chance.sample(words[1:], chance.choice((0, 0, 1, 1, 2, 3, 4)))]
    if chance.random() < 0.3:
        picked.append(GENRES[genre].split("/")[0])
    chance.shuffle(picked)
    return picked[:5]


def title_of(theme: int, genre: str, chance: Random) -> str:
    """Return a playlist's title; one in twenty has none."""
    if chance.random() < 0.05:
        return ""
    words = THEMES[theme]
    name = GENRES[genre].split("/")[0]
    pattern = chance.choice(_TITLES)
    return pattern.format(a=words[0], b=chance.choice(words[1:]), g=name, n=chance.randrange(1, 10))
