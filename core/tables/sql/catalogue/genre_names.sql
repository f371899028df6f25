-- A name may stand for several codes, and a song may bear several of them: it counts once.
SELECT name, count(*) AS songs
FROM (SELECT unnest(list_distinct(genre_names)) AS name FROM songs)
GROUP BY name
ORDER BY songs DESC, name
