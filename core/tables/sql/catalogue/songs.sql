SELECT
    song, id, title, artists, album, genre_names, composers, lyricists, language, country, length_ms, released, plays
FROM songs
