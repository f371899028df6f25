-- `search` holds the fields line by line and the items of a list between tabs, so that a filter can find its own.

INSERT INTO songs
SELECT
    n.number, s.id, s.title, s.artists, s.album, s.genres, s.genre_names, s.composers, s.lyricists, s.language, s.country,
    n.length_ms, n.released, n.plays,
    folded(concat_ws(chr(10), coalesce(s.title, ''), array_to_string(s.artists, chr(9)), coalesce(s.album, ''), s.id))
FROM stage.song_facts AS s JOIN stage.song_numbers AS n ON n.key = s.key
ORDER BY n.number;
