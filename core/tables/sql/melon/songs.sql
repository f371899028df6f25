-- song_meta.json: a list of {id, song_name, artist_name_basket, album_name, issue_date, song_gn_gnr_basket,
-- song_gn_dtl_gnr_basket}; the first record of an id wins.

CREATE TABLE stage.song_lines AS
SELECT
    row_number() OVER () AS row, trim(id ->> '$') AS id, clean(song_name ->> '$') AS title, texts(artist_name_basket) AS artists,
    clean(album_name ->> '$') AS album,
    clean_list(list_concat(
        coalesce(try_cast(song_gn_gnr_basket AS VARCHAR[]), []), coalesce(try_cast(song_gn_dtl_gnr_basket AS VARCHAR[]), [])
    )) AS genres,
    day_number(trim(issue_date ->> '$')) AS released
FROM read_json(
    getvariable('path'), format = 'array',
    columns = {
        'id': 'JSON', 'song_name': 'JSON', 'artist_name_basket': 'JSON', 'album_name': 'JSON', 'issue_date': 'JSON',
        'song_gn_gnr_basket': 'JSON', 'song_gn_dtl_gnr_basket': 'JSON'
    }
);

INSERT INTO rejects
SELECT getvariable('file'), row, 'id', 'no song id', title FROM stage.song_lines WHERE NOT coalesce(usable_id(id), false);

CREATE TABLE stage.song_first AS
SELECT id, min(row) AS row FROM stage.song_lines WHERE usable_id(id) GROUP BY id HAVING count(*) > 1;

INSERT INTO rejects
SELECT getvariable('file'), l.row, 'id', 'the song stands in an earlier record', l.id
FROM stage.song_lines AS l JOIN stage.song_first AS f ON l.id = f.id AND l.row > f.row;

INSERT INTO stage.song_records
SELECT l.*
FROM stage.song_lines AS l LEFT JOIN stage.song_first AS f ON l.id = f.id
WHERE usable_id(l.id) AND (f.row IS NULL OR f.row = l.row);

SELECT count(*) FROM stage.song_lines;
