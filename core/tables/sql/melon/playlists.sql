-- One file of playlists: a list of {id, plylst_title, tags, songs, like_cnt, updt_date}. `row` counts the list from 1.

INSERT INTO stage.playlists
SELECT
    getvariable('file'), row_number() OVER (), trim(id ->> '$'), clean(plylst_title ->> '$'), texts(tags),
    list_transform(try_cast(songs AS VARCHAR[]), lambda song: trim(song)), try_cast(like_cnt AS INTEGER),
    try_cast(updt_date ->> '$' AS TIMESTAMP),
    CASE WHEN try_cast(songs AS VARCHAR[]) IS NULL AND songs ->> '$' IS NOT NULL THEN clean(CAST(songs AS VARCHAR)) END
FROM read_json(
    getvariable('path'), format = 'array',
    columns = {
        'id': 'JSON', 'plylst_title': 'JSON', 'tags': 'JSON', 'songs': 'JSON', 'like_cnt': 'JSON', 'updt_date': 'JSON'
    }
);

SELECT count(*) FROM stage.playlists WHERE file = getvariable('file');
